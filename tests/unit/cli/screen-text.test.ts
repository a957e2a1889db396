import assert from 'node:assert/strict';
import fc from 'fast-check';
import pc from 'picocolors';
import { patTable } from '../../../cli/commands/list.js';
import { showScopes } from '../../../cli/commands/scopes.js';
import { columnsOf, cutTo, hanging, wrapped } from '../../../cli/screen-text.js';
import type { Terminal } from '../../../cli/terminal.js';

const { bold, cyan, dim } = pc.createColors(true);
const colors = pc.createColors(true);
const WIDTHS = [60, 80, 100, 120];

const word = fc.stringMatching(/^[a-z.\u4e00-\u4e10é]{1,20}$/);
const text = fc.array(word, { minLength: 1, maxLength: 40 }).map(words => words.join(' '));

describe('text on a screen', () => {
  it('is broken at blanks, never wider than the screen, and loses no word', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 41, max: 120 }), (said, width) => {
        const lines = wrapped(said, width).split('\n');
        assert.ok(lines.every(line => columnsOf(line) <= width));
        assert.equal(lines.join(' '), said);
      }),
    );
  });

  it('keeps what has no blank whole', () => {
    const id = '4ab5b9e5-1111-4222-8333-9f0a1e6b7c21';
    assert.ok(hanging('  authorization id  ', id, 40).split('\n').includes(`    ${id}`));
    assert.ok(wrapped(`revoked ${id} now`, 20).split('\n').includes(id));
  });

  it('takes two columns for a letter of an eastern script, and none for a colour', () => {
    assert.equal(columnsOf(bold('漢字a')), 5);
  });

  it('is cut to fit one line, colours closed', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 60 }), (said, width) => {
        const line = cutTo(`${cyan('*')} ${dim(said)}`, width);
        assert.ok(columnsOf(line) <= width, line);
        if (columnsOf(line) > 0 && line.includes('…')) assert.ok(line.endsWith('\u001B[0m'));
      }),
    );
  });
});

describe('lists', () => {
  const now = new Date('2026-03-01T10:00:00Z');
  const pat = (displayName: string, scope: string, id: string) => ({
    authorizationId: id,
    displayName,
    scope,
    validFrom: now,
    validTo: new Date(now.getTime() + 3_600_000),
  });
  const ids = ['4ab5b9e5-1111-4222-8333-9f0a1e6b7c21', '0ab5b9e5-1111-4222-8333-9f0a1e6b7c22'];
  const pats = [
    pat(
      `Nightly build of the shop, main job-pat:build/${ids[0] ?? ''}/123456/0011aabb/1234abcd`,
      'vso.code_write vso.packaging vso.work',
      ids[0] ?? '',
    ),
    pat('laptop of Ann', 'vso.code', ids[1] ?? ''),
  ] as Parameters<typeof patTable>[0];

  for (const width of WIDTHS) {
    it(`of PATs fit ${width} columns, ids in one piece`, () => {
      const list = patTable(pats, colors, width, now);
      const plain = list.split('\n');
      for (const id of ids) assert.ok(plain.some(line => line.includes(id)));
      const wide = plain.filter(line => columnsOf(line) > width);
      assert.deepEqual(
        wide.map(line => columnsOf(line)),
        [],
      );
    });

    it(`of scopes fit ${width} columns`, () => {
      let list = '';
      const terminal = {
        colors: { out: colors, err: colors },
        width,
        print: (said: string) => void (list = said),
      };
      showScopes([], { json: false }, terminal as unknown as Terminal);
      assert.deepEqual(
        list.split('\n').filter(line => columnsOf(line) > width),
        [],
      );
      assert.ok(list.includes('vso.code_write'));
    });
  }
});
