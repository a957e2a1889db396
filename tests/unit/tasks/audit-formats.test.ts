import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  csvField,
  inertJson,
  markdownText,
  sarifText,
} from '../../../tasks/AuditPats/AuditPatsV1/formats.js';

const HOSTILE = [
  '=HYPERLINK("https://evil.example","x")',
  '<img src=x onerror=alert(1)>',
  'a|b',
  '[x](https://evil.example)',
  '`code` **bold** _x_',
  'line\r\n| another | row |',
  '\u202Egnp.exe',
  '##vso[task.setvariable variable=x]y',
  '##[error]x',
  '\t=1+1',
  '@everyone #123 www.evil.example https://evil.example',
  '\u001b[31mred\u0007',
  'x'.repeat(10_240),
  '\ud800 lone',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE),
  fc.tuple(fc.string(), fc.constantFrom(...HOSTILE)).map(([before, text]) => before + text),
);

describe('Text from outside', () => {
  it('is one cell of a Markdown table, and nothing more', () => {
    fc.assert(
      fc.property(anyText, text => {
        const cell = markdownText(text);
        const outside = cell.replace(/&#\d+;/g, '');
        assert.doesNotMatch(outside, /[|<>`*_[\](){}\\\n\r#@$~!&]|:\/\//);
        assert.doesNotMatch(cell, /[\p{Cc}\p{Cf}]/u);
        assert.ok(cell.length <= 129 * 6);
      }),
    );
  });

  it('that begins nothing stays readable', () => {
    assert.equal(markdownText('Nightly mirror 2.0 - a/b'), 'Nightly mirror 2.0 - a/b');
  });

  it('is one CSV field that no spreadsheet calculates', () => {
    fc.assert(
      fc.property(anyText, text => {
        const field = csvField(text);
        assert.match(field, /^"(?:[^"]|"")*"$/s);
        assert.doesNotMatch(field, /(?:^"|[;,|])[\s"]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/u);
        assert.doesNotMatch(field, /[\r\n]|##vso\[/i);
      }),
    );
    for (const [text, field] of [
      ['a;=1+1', `"a;'=1+1"`],
      ['a; "=1+1"', `"a; ""'=1+1"""`],
      ['a,-1', `"a,'-1"`],
      ['a|@x', `"a|'@x"`],
      ['a;\uFF1D1', `"a;'\uFF1D1"`],
      ['\u3000=1', `"'=1"`],
      ['\uFE66x', `"'\uFE66x"`],
    ] as const)
      assert.equal(csvField(text), field);
    assert.equal(csvField('job-pat:build/x 12:30; a - b'), '"job-pat:build/x 12:30; a - b"');
    assert.equal(csvField('=1+1'), `"'=1+1"`);
    assert.equal(csvField('say "x"'), '"say ""x"""');
    assert.equal(csvField('plain'), '"plain"');
  });

  it('has no half of a character in JSON, since other readers refuse it', () => {
    const json = inertJson({ text: 'a\ud800b\udc00', list: ['😀\ud83d'] });
    assert.deepEqual(JSON.parse(json), { text: 'a\uFFFDb\uFFFD', list: ['😀\uFFFD'] });
    assert.doesNotMatch(json, /\\ud[89a-f]/i);
  });

  it('is the same text again when JSON is parsed, and inert until then', () => {
    fc.assert(
      fc.property(anyText, text => {
        const json = inertJson({ text });
        const parsed: unknown = JSON.parse(json);
        assert.deepEqual(parsed, { text: text.replace(/\p{Cs}/gu, '\uFFFD') });
        assert.doesNotMatch(json, /[<>&\n\r\u2028\u2029]|##(?:vso)?\[|\p{Cf}/iu);
      }),
    );
  });

  it('makes no link and fills no place in SARIF', () => {
    fc.assert(
      fc.property(anyText, text => {
        assert.doesNotMatch(sarifText(text), /[[\]{}\n]/);
      }),
    );
  });
});
