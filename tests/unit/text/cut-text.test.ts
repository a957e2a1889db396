import fc from 'fast-check';
import assert from 'node:assert/strict';
import { cutText, wellFormed } from '#text/cut-text';
import { sanitize } from '#text/sanitize';

describe('A text that is cut', () => {
  it('is a beginning of it, as long as it may be, and never ends within a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite' }), fc.nat(40), (text, longest) => {
        const cut = cutText(text, longest);
        assert.ok(text.startsWith(cut) && cut.length <= longest);
        assert.ok(cut.length >= Math.min(text.length, longest) - 1);
        assert.equal(wellFormed(cut), wellFormed(text).slice(0, cut.length));
      }),
    );
    assert.equal(cutText('a😀', 2), 'a');
    assert.equal(cutText('a😀', 3), 'a😀');
  });

  it('has a mark where half a character was', () => {
    assert.equal(wellFormed('a\ud83d 😀\ude00'), 'a\uFFFD 😀\uFFFD');
    assert.equal(sanitize(`${'x'.repeat(9)}😀`, 10), `${'x'.repeat(9)}…`);
  });
});
