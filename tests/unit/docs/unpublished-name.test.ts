import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';

/** Where people, programs and the Marketplace are told what to run. */
const TOLD = [
  'README.md',
  'overview.md',
  'CONTRIBUTING.md',
  'docs',
  'examples',
  'cli',
  'packages',
  'tasks',
  'vss-extension.json',
];

describe('The name job-pat in the npm registry', () => {
  it("is nobody's yet, so nothing tells people to run what somebody else may publish under it", () => {
    const told = filesOf(TOLD).filter(path =>
      /\b(npx|npm (exec|install|i)|pnpm dlx|yarn dlx)\b(?: -{1,2}\S+)* job-pat\b(?!-)/.test(
        readFileSync(path, 'utf8'),
      ),
    );
    assert.deepEqual(told, []);
  });
});

function filesOf(names: readonly string[]): string[] {
  return names.flatMap(name => {
    const path = join(root, name);
    if (/\.\w+$/.test(name)) return [path];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(md|ts|json|yml)$/.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name));
  });
}
