import pc from 'picocolors';
import type { Part, Result } from './part.js';

/** How often somebody who waits hears how far the parts are; milliseconds. */
const WORD_EVERY = 20_000;

/**
 * Runs the parts of each lane one after the other, and the lanes side by side. What a part prints appears in one piece when
 * it has ended, so that two parts never mix their lines; until then a line now and then says how far it is.
 */
export async function runLanes(lanes: readonly (readonly Part[])[]): Promise<Result[]> {
  const underWay = new Map<string, string>();
  const began = Date.now();
  const word = setInterval(() => {
    const standing = [...underWay].map(([name, text]) => (text === '' ? name : `${name}: ${text}`));
    console.log(pc.dim(`  ${Math.round((Date.now() - began) / 1000)} s   ${standing.join('   ')}`));
  }, WORD_EVERY);
  try {
    const results = await Promise.all(
      lanes.map(async lane => {
        const ended: Result[] = [];
        for (const part of lane) ended.push(await runPart(part, underWay));
        return ended;
      }),
    );
    return results.flat();
  } finally {
    clearInterval(word);
  }
}

async function runPart({ name, run }: Part, underWay: Map<string, string>): Promise<Result> {
  const printed: string[] = [];
  underWay.set(name, '');
  const began = Date.now();
  const result = await run({
    write: text => printed.push(text),
    stands: text => underWay.set(name, text),
  });
  underWay.delete(name);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`\n${pc.bold(name)} ${pc.dim(`(${seconds} s)`)}\n${printed.join('').trimEnd()}`);
  return result;
}

/** The list at the end: what passed, what did not, and what did not run and why. */
export function summary(results: readonly Result[]): string {
  const lines = results.flatMap(({ name, failed, notes = [] }) => [
    failed === 0 ? `${pc.green('✓')} ${name}` : `${pc.red('✗')} ${name}${pc.red(`, ${failed} failed`)}`,
    ...notes.map(note => `    ${note}`),
  ]);
  const reasons = results.flatMap(({ skipped }) => skipped);
  const skipped = [...new Set(reasons)].map(
    reason => `${reasons.filter(other => other === reason).length} not run: ${reason}`,
  );
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  return ['', ...lines, ...skipped, `${passed} passed, ${failed} failed`].join('\n');
}
