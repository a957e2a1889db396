import assert from 'node:assert/strict';
import type { LifeState } from '../../../tab/lives.js';
import { summaryOf } from '../../../tab/lives-summary.js';
import { splitName } from '../../../tab/pat-name.js';

describe('The name of a PAT in the tab', () => {
  it('is taken apart where Job PAT made its part, and left alone elsewhere', () => {
    assert.deepEqual(splitName('Nightly mirror job-pat:build/6f1d/4711/12f1/00c0ffee'), {
      label: 'Nightly mirror',
      suffix: 'job-pat:build/6f1d/4711/12f1/00c0ffee',
    });
    for (const label of ['Laptop', 'my job-pat', 'job-pat:only', '']) {
      assert.deepEqual(splitName(label), { label, suffix: '' });
    }
  });
});

describe('The summary of the lives', () => {
  const told = (counts: Partial<Record<LifeState, number>>): string =>
    summaryOf(
      (Object.entries(counts) as [LifeState, number][]).flatMap(([state, count]) =>
        Array.from({ length: count }, () => ({ state })),
      ),
    );

  it('says how many ended how, and first how many live', () => {
    assert.equal(told({ expired: 8, revoked: 32 }), '40 PATs: 32 revoked, 8 ran out.');
    assert.equal(
      told({ revoked: 1, forgotten: 1, remains: 1, inUse: 2, handedOver: 3, gone: 4 }),
      '12 PATs: 2 still alive, 3 left to a later job, 2 in use, 1 revoked, 4 found to be gone.',
    );
    assert.equal(told({ revoked: 1 }), '1 PAT: revoked.');
  });
});
