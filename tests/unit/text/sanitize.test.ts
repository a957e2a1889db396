import fc from 'fast-check';
import assert from 'node:assert/strict';
import { escapeLoggingCommands, sanitize } from '#text/sanitize';

/** What the agent acts on: a command anywhere in a line, a formatting prefix at its start. */
const COMMAND = /##vso\[|##\[/i;

describe('Text from outside', () => {
  for (const command of [
    '##vso[task.complete result=Succeeded]',
    '##VSO[task.setvariable variable=PATH]x',
    'an error ##vSo[task.uploadfile]/etc/passwd',
    '###vso[x]',
    '####vso[x]',
    '##vso[##vso[x]]',
    '##[error]x',
    '##[group]x',
    '# ##[command]x',
  ]) {
    it(`${command} is no logging command any more`, () => {
      assert.doesNotMatch(sanitize(command), COMMAND);
      assert.doesNotMatch(escapeLoggingCommands(command), COMMAND);
    });
  }

  it('becomes one line', () => {
    assert.equal(sanitize('a\r\nb\nc\u2028d\u2029e\u0085f\vg'), 'a b c d e f g');
  });

  it('loses control characters, escape sequences and what turns the direction of writing', () => {
    assert.equal(sanitize('\u001b[31mred\u0000\u0007'), '[31mred');
    assert.equal(sanitize('user\u202Egnp.exe\u2066\u200B'), 'user gnp.exe');
  });

  it('becomes no command by losing what stood inside one', () => {
    for (const inside of ['\u0000', '\u200B', '\r', '\n', '\u202E']) {
      assert.doesNotMatch(sanitize(`##${inside}vso[x]`), COMMAND);
      assert.doesNotMatch(sanitize(`#${inside}#vso[x]`), COMMAND);
    }
  });

  it('is no command for a search that passes over what cannot be seen', () => {
    const unseen = fc.constantFrom(
      ...['\u0000', '\u0085', '\u009B', '\u00AD', '\u034F', '\u061C', '\u115F', '\u17B4', '\u180B', '\u200B'],
      ...['\u200D', '\u200E', '\u202E', '\u2060', '\u2066', '\u3164', '\uD800', '\uFE0F', '\uFEFF', '\uFFA0'],
      ...['\uFFF9', '\u{1D173}', '\u{E0001}', '\u{E0020}', '\u{E0100}', '\u0301', '\u20E3'],
    );
    const command = fc.constantFrom('##vso[task.complete]', '##VSO[x]', '##[error]');
    fc.assert(
      fc.property(command, fc.array(unseen, { minLength: 6, maxLength: 6 }), (text, between) => {
        const torn = Array.from(text)
          .map((letter, at) => letter + (at < 6 ? (between[at] ?? '') : ''))
          .join('');
        for (const shown of [sanitize(torn), escapeLoggingCommands(torn)]) {
          assert.doesNotMatch(shown.replace(/[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu, ''), COMMAND);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('holds nothing that cannot be seen, whatever it is', () => {
    const anything = fc.string({
      unit: fc.oneof(
        fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)),
        fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code)),
      ),
    });
    const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
    fc.assert(
      fc.property(anything, text => {
        assert.doesNotMatch(sanitize(text), unseen);
        assert.doesNotMatch(escapeLoggingCommands(text).replaceAll('\n', ''), unseen);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not cut inside a character', () => {
    assert.equal(sanitize('a😀b', 2), 'a…');
  });

  it('is cut when it is very long', () => {
    assert.equal(sanitize('x'.repeat(10_000)).length, 301);
    assert.equal(sanitize('abcdef', 3), 'abc…');
    assert.equal(sanitize('abc', 3), 'abc');
  });

  it('keeps what a person wrote', () => {
    const text = 'TF400813: The user "Erika Müller" is not authorized – 許可なし ☕ #1 ## ok';
    assert.equal(sanitize(text), text);
  });

  it('is harmless and one line, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom('##', '#', 'vso', 'VSO', '[', ']', '\u200B', '\n', '\r', ' '),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (pieces, longest) => {
        const text = sanitize(pieces.join(''), longest);
        assert.doesNotMatch(text, COMMAND);
        assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        assert.ok(text.length <= longest + 1);
        assert.doesNotMatch(escapeLoggingCommands(pieces.join('')), COMMAND);
      }),
      { numRuns: 2000 },
    );
  });
});
