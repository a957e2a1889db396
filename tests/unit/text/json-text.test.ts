import fc from 'fast-check';
import assert from 'node:assert/strict';
import { jsonText } from '#text/json-text';

describe('JSON for a terminal', () => {
  it('says controls, direction marks and what cannot be seen as escapes', () => {
    assert.equal(jsonText('\u009B31m\u202Ex\u{E0001}'), '"\\u009b31m\\u202ex\\udb40\\udc01"');
  });

  it('is read as the value that it was, and holds nothing that steers a terminal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const written = jsonText({ value, text });
        assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify({ value, text })));
        assert.doesNotMatch(written, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});
