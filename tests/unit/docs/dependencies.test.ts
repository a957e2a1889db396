import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The packages in the first columns of the tables, and in the sentences between them. */
const [, listed = ''] = read('docs/decisions.md').split('\n## Dependencies\n');
const section = listed.split('\n## ')[0] ?? '';
const named = section
  .split('\n')
  .flatMap(line =>
    line.startsWith('|') ? [line.split('|')[1] ?? ''] : line.startsWith('In the tab') ? [line] : [],
  )
  .flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

describe('The reasons for dependencies', () => {
  it('are given for each package of package.json, and for no other', () => {
    const manifest = JSON.parse(read('package.json')) as Manifest;
    const installed = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual([...new Set(named)].sort(), installed.sort());
  });
});
