import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds against WCAG 2.2 A and AA and good practice, each with the first element. */
export async function accessibilityFaults(frame: Frame): Promise<string[]> {
  // The policy of the page allows scripts of its own origin only; what the driver evaluates is not bound by it.
  // The heading of the first level is the host's.
  await frame.evaluate(await readFile(axe, 'utf8'));
  const violations: unknown = await frame.evaluate(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { 'page-has-heading-one': { enabled: false } } })
    .then(({ violations }) => violations.map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes[0].html.slice(0, 200)))`);
  return Array.isArray(violations) ? violations.map(String) : ['axe gave no answer'];
}
