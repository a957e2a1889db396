import fc from 'fast-check';
import assert from 'node:assert/strict';
import { tagIn, withTag } from '#azure-devops/description-tag';

const MARK = 'job-pat:rotated/';
const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';

describe('The record in a description', () => {
  it('of an empty description is all of it', () => {
    assert.equal(withTag('', MARK, A), MARK + A);
  });

  it('is a last line of its own', () => {
    assert.equal(withTag('Ask Erika.', MARK, A), `Ask Erika.\n${MARK}${A}`);
    assert.equal(withTag('Ask Erika.\r\n', MARK, A), `Ask Erika.\r\n${MARK}${A}`);
  });

  it('takes the place of the one before, wherever people moved it', () => {
    assert.equal(withTag(`x\r\n  ${MARK}${A} \r\ny`, MARK, B), `x\r\n  ${MARK}${B} \r\ny`);
  });

  it('is found where line ends became blanks', () => {
    assert.equal(tagIn(`Ask Erika. ${MARK}${A} Or Max.`, MARK), A);
    assert.equal(withTag(`Ask Erika. ${MARK}${A}`, MARK, B), `Ask Erika. ${MARK}${B}`);
  });

  it('is the line, not a word that speaks of one', () => {
    const text = `See ${MARK}${A} for more.\n${MARK}${B}`;
    assert.equal(tagIn(text, MARK), B);
    assert.equal(withTag(text, MARK, 'c'), `See ${MARK}${A} for more.\n${MARK}c`);
  });

  it('is no part of a longer word, and none of another mark', () => {
    assert.equal(tagIn(`x${MARK}${A}`, MARK), undefined);
    assert.equal(tagIn('job-pat:renewed/2026-03-01T10:00:00Z/0123abcd', MARK), undefined);
  });

  it('can be read back from any text, and leaves that text as it was', () => {
    const texts = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('\n', '\r\n', '\r', ' ', '$&', MARK, `${MARK}${A}`, 'job-pat:')),
    );
    fc.assert(
      fc.property(texts, parts => {
        const text = parts.join('');
        const written = withTag(text, MARK, B);
        assert.equal(tagIn(written, MARK), B);
        const before = tagIn(text, MARK);
        if (before === undefined) assert.ok(written.startsWith(text));
        else assert.equal(withTag(written, MARK, before), text);
      }),
      { numRuns: 500 },
    );
  });
});
