import assert from 'node:assert/strict';
import { REFRESH_TOKEN_LIFE } from '#entra/entra';
import { endOf, lastRenewal, renewalAt, withRenewal } from '#pat/renewal-tag';
import { MINUTE } from '#text/lifetime';

const NOW = new Date('2026-03-01T10:00:00.700Z');
const LINE = 'job-pat:renewed/2026-03-01T10:00:00Z/0123abcd';

describe('A renewal', () => {
  it('is told to the second, with what makes it unique', () => {
    const renewal = renewalAt(NOW, '0123abcd');
    assert.equal(renewal.text, '2026-03-01T10:00:00Z/0123abcd');
    assert.equal(renewal.at.toISOString(), '2026-03-01T10:00:00.000Z');
    assert.equal(withRenewal('', renewal), LINE);
  });

  it('is read back from the description that it was written into', () => {
    const renewal = renewalAt(NOW, '0123abcd');
    assert.deepEqual(lastRenewal([withRenewal('Ask Erika.', renewal)], NOW), renewal);
  });

  it('is found in whichever description holds it', () => {
    assert.equal(lastRenewal(['Ask Erika.', LINE], NOW)?.text, '2026-03-01T10:00:00Z/0123abcd');
  });

  it('is none where no description tells of one, or what it tells is no moment', () => {
    for (const descriptions of [
      [],
      [''],
      ['job-pat:renewed/soon/0123abcd'],
      ['job-pat:rotated/2026-03-01T10:00:00Z/0123abcd'],
    ])
      assert.equal(lastRenewal(descriptions, NOW), undefined);
  });

  it('counts when it lies as far ahead as clocks differ, and no further', () => {
    const at = Date.parse('2026-03-01T10:00:00Z');
    assert.ok(lastRenewal([LINE], new Date(at - 10 * MINUTE)));
    assert.equal(lastRenewal([LINE], new Date(at - 10 * MINUTE - 1)), undefined);
  });

  it('lasts as long as a refresh token', () => {
    assert.equal(
      endOf(renewalAt(NOW, 'x')).getTime() - Date.parse('2026-03-01T10:00:00Z'),
      REFRESH_TOKEN_LIFE,
    );
  });
});
