import fc from 'fast-check';
import assert from 'node:assert/strict';
import { defused, outsideText } from '../../../tasks/common/text/outside-text.js';

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
      assert.doesNotMatch(outsideText(command), COMMAND);
      assert.doesNotMatch(defused(command), COMMAND);
    });
  }

  it('becomes one line', () => {
    assert.equal(outsideText('a\r\nb\nc\u2028d\u2029e\u0085f\vg'), 'a b c d e f g');
  });

  it('loses control characters, escape sequences and what turns the direction of writing', () => {
    assert.equal(outsideText('\u001b[31mred\u0000\u0007'), '[31mred');
    assert.equal(outsideText('user\u202Egnp.exe\u2066\u200B'), 'user gnp.exe');
  });

  it('becomes no command by losing what stood inside one', () => {
    for (const inside of ['\u0000', '\u200B', '\r', '\n', '\u202E']) {
      assert.doesNotMatch(outsideText(`##${inside}vso[x]`), COMMAND);
      assert.doesNotMatch(outsideText(`#${inside}#vso[x]`), COMMAND);
    }
  });

  it('is cut when it is very long', () => {
    assert.equal(outsideText('x'.repeat(10_000)).length, 301);
    assert.equal(outsideText('abcdef', 3), 'abc…');
    assert.equal(outsideText('abc', 3), 'abc');
  });

  it('keeps what a person wrote', () => {
    const text = 'TF400813: The user "Erika Müller" is not authorized – 許可なし ☕ #1 ## ok';
    assert.equal(outsideText(text), text);
  });

  it('is harmless and one line, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom('##', '#', 'vso', 'VSO', '[', ']', '\u200B', '\n', '\r', ' '),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (pieces, longest) => {
        const text = outsideText(pieces.join(''), longest);
        assert.doesNotMatch(text, COMMAND);
        assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        assert.ok(text.length <= longest + 1);
        assert.doesNotMatch(defused(pieces.join('')), COMMAND);
      }),
      { numRuns: 2000 },
    );
  });
});
