import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openServices } from '#emulator/services';
import { program } from '../../../cli/program.js';
import { rules } from '../../../tasks/AuditPats/AuditPatsV1/rules.js';
import { root } from '../../../scripts/paths.js';

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

describe('A command of the tool', () => {
  const pages = readdirSync(join(root, 'docs')).filter(
    name => name.endsWith('.md') && name !== 'decisions.md',
  );
  const told = pages.map(name => read('docs', name)).join('\n');

  for (const command of program('1.0.0', () => Promise.reject(new Error('It is not run.'))).commands)
    it(`is told on a page: ${command.name()}`, () => {
      const name = `job-pat ${command.name()}`;
      assert.match(told, new RegExp(`${name}\\b`), `no page of docs/ tells of "${name}"`);
    });
});

describe('A rule of the audit', () => {
  it('has a row in the table of its page', () => {
    const rows = [...read('docs', 'audit.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name ?? '');
    assert.deepEqual(rows.filter(name => name in rules).sort(), Object.keys(rules).sort(), 'docs/audit.md');
  });
});

describe('An operation of the stand-in', () => {
  it('has a route, and each route an operation of its own', () => {
    const [, union = ''] =
      /export type Operation =([^;]+);/.exec(read('packages', 'emulator', 'http', 'router.ts')) ?? [];
    const named = [...union.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
    // `npm run emulator` and `npm run agent` serve a page of their own; what no route knows is `unknown`.
    const others = ['page', 'unknown'];
    const wanted = named.filter(name => !others.includes(name)).sort();
    const served = [
      ...new Set(
        openServices({}, () => 'http://127.0.0.1:1').router.routes.map(({ operation }) => operation),
      ),
    ].sort();
    assert.deepEqual(
      served.filter(name => !others.includes(name)),
      wanted,
    );
  });
});
