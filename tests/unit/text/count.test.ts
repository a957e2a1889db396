import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countOf } from '#text/count';

describe('A number of things', () => {
  it('is told as one says it', () => {
    assert.equal(countOf(0, 'PAT'), '0 PATs');
    assert.equal(countOf(1, 'active PAT'), '1 active PAT');
    assert.equal(countOf(2, 'entry', 'entries'), '2 entries');
  });

  it('is told so everywhere: no number that may be one stands in front of several', () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    const things = 'PATs|errors|warnings|notes|findings|users|runs|jobs|files|days';
    // Constants, written in capitals, are never one.
    const counted = new RegExp(`\\$\\{(?![A-Z_]+\\})[^{}]*\\} (?:more |active )?(?:${things})\\b`);
    const told = ['cli', 'tasks', 'tab', 'packages']
      .flatMap(folder =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name =>
          join(folder, name),
        ),
      )
      .filter(name => name.endsWith('.ts') && !/^packages.(emulator|local-agent)/.test(name))
      .flatMap(name =>
        readFileSync(join(root, name), 'utf8')
          .split('\n')
          .filter(line => counted.test(line) && !sure.test(line))
          .map(line => `${name}: ${line.trim()}`),
      );
    assert.deepEqual(told, []);
  });
});

/** Where one is told apart in the same breath, or cannot be: "2 of 3 PATs failed" is said of plans of several. */
const sure =
  / === 1 \? |\bof \$\{[^}]*\} PATs|generations are alive|same active|1 \+ more|\$\{same\}|lifetime \/ DAY/;
