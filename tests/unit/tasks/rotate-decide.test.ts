import assert from 'node:assert/strict';
import type { ListedPat } from '#azure-devops/listed-pat';
import { DAY } from '#text/lifetime';
import { decide, type Stand } from '../../../tasks/RotatePat/RotatePatV1/decide.js';

const NOW = new Date('2026-03-01T10:00:00Z');
const entry = { scopes: ['vso.code', 'vso.packaging'], renewBefore: 7 * DAY };

function pat(change: Partial<ListedPat> = {}): ListedPat {
  return {
    authorizationId: 'id',
    displayName: 'mirror job-pat:rotated/8ec0fd8f/0123abcd',
    scope: 'vso.code vso.packaging',
    validFrom: new Date(NOW.getTime() - DAY),
    validTo: new Date(NOW.getTime() + 8 * DAY),
    ...change,
  };
}

const stand = (current: ListedPat | undefined, recordedId = 'id'): Stand => ({
  entry,
  lineage: 'mirror job-pat:rotated/8ec0fd8f',
  recordedId,
  current,
  isForeign: false,
});

const why = (current: ListedPat | undefined, force = false, recordedId = 'id') => {
  const decision = decide(stand(current, recordedId), force, NOW);
  return decision.rotate ? decision.why : undefined;
};

describe('A rotation', () => {
  it('is not due while the recorded PAT lives longer than renewBefore, and says when it will be', () => {
    const decision = decide(stand(pat()), false, NOW);
    assert.ok(!decision.rotate);
    assert.equal(decision.due.toISOString(), '2026-03-02T10:00:00.000Z');
    assert.match(decision.why, /2026-03-02 10:00 UTC/);
  });

  for (const [what, current, reason] of [
    ['the store names a PAT that is not alive', undefined, /not alive/],
    ['it ends within renewBefore', pat({ validTo: new Date(NOW.getTime() + 7 * DAY) }), /ends in 7d/],
    ['it has ended', pat({ validTo: NOW }), /not alive/],
    ['it has another scope', pat({ scope: 'vso.code vso.work' }), /scopes/],
    ['it has a scope too few', pat({ scope: 'vso.code' }), /scopes/],
    ['it has a scope too many', pat({ scope: 'vso.code vso.packaging vso.work' }), /scopes/],
    ['it may do more', pat({ scope: 'vso.code_write vso.packaging' }), /scopes/],
    [
      'it is of another name',
      pat({ displayName: 'other job-pat:rotated/8ec0fd8f/0123abcd' }),
      /another name/,
    ],
    [
      'it is of another store',
      pat({ displayName: 'mirror job-pat:rotated/00000000/0123abcd' }),
      /another name/,
    ],
    ['a person made it', pat({ displayName: 'mirror' }), /another name/],
  ] as const) {
    it(`is due when ${what}`, () => {
      assert.match(why(current) ?? 'not due', reason);
    });
  }

  it('is due when the store names no PAT', () => {
    assert.match(decide({ ...stand(undefined), recordedId: undefined }, false, NOW).why, /no PAT yet/);
  });

  it('is due when it is forced', () => {
    assert.equal(why(pat(), true), 'force');
  });

  it('does not mind the order of the scopes, nor what they include being listed', () => {
    assert.equal(why(pat({ scope: 'vso.packaging  vso.code' })), undefined);
    assert.equal(why(pat({ scope: 'vso.code vso.packaging vso.hooks_write vso.profile' })), undefined);
  });
});
