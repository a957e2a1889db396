import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  generationName,
  LEFT_BEHIND_AFTER,
  lineage,
  lineageOf,
  LONGEST_ROTATED_NAME,
  noLongerNeeded,
  rotatedNameOf,
  type Recorded,
} from '#pat/generations';
import type { ListedPat } from '#azure-devops/listed-pat';
import { labelFault, LONGEST_NAME } from '#pat/pat-name';
import { readJobPatName } from '#pat/run-name';
import { DAY, HOUR, MINUTE } from '#text/lifetime';

const NOW = new Date('2026-03-01T10:00:00Z');

/** A generation made so many milliseconds ago. */
function generation(id: string, age: number | undefined): ListedPat {
  return {
    authorizationId: id,
    displayName: generationName(lineage('mirror', '8ec0fd8f'), '0123abcd'),
    scope: 'vso.code',
    validFrom: age === undefined ? undefined : new Date(NOW.getTime() - age),
    validTo: new Date(NOW.getTime() + DAY),
  };
}

function revoked(
  ages: Readonly<Record<string, number | undefined>>,
  { recorded = 'recorded', previous = undefined as Recorded['previous'], overlap = DAY } = {},
): string[] {
  const generations = Object.entries(ages).map(([id, age]) => generation(id, age));
  const validFrom = new Date(NOW.getTime() - (ages[recorded] ?? 0));
  return noLongerNeeded(generations, { authorizationId: recorded, validFrom, previous }, overlap, NOW).map(
    pat => pat.authorizationId,
  );
}

describe('The name of a generation', () => {
  const label = fc
    .stringMatching(/^[A-Za-z0-9._:/-][A-Za-z0-9 ._:/-]{0,100}$/)
    .filter(
      name => labelFault(name) === undefined && name.trim() === name && name.length <= LONGEST_ROTATED_NAME,
    );
  const nonce = fc.stringMatching(/^[0-9a-f]{8}$/);

  it('leads back to the name of the PAT, and fits', () => {
    fc.assert(
      fc.property(label, nonce, nonce, (name, store, digits) => {
        const displayName = generationName(lineage(name, store), digits);
        assert.equal(rotatedNameOf(displayName), name);
        assert.equal(lineageOf(displayName), lineage(name, store));
        assert.ok(displayName.length <= LONGEST_NAME);
        assert.equal(readJobPatName(displayName), undefined, 'it is not one of a job');
      }),
    );
  });

  for (const [what, name] of [
    ['without a name', ' job-pat:rotated/8ec0fd8f/0123abcd'],
    ['with capital digits', 'x job-pat:rotated/8ec0fd8f/0123ABCD'],
    ['with too few digits', 'x job-pat:rotated/8ec0fd8f/0123abc'],
    ['with something behind', 'x job-pat:rotated/8ec0fd8f/0123abcd '],
    [
      'of a PAT that is itself a generation',
      'x job-pat:rotated/8ec0fd8f/0123abcd job-pat:rotated/8ec0fd8f/0123abcd',
    ],
    ['with a letter that only looks like one', 'х job-pat:rotated/8ec0fd8f/0123abcd'],
    ['with a mark in capitals before', 'JOB-PAT:x job-pat:rotated/8ec0fd8f/0123abcd'],
    ['that tells no store', 'x job-pat:rotated/0123abcd'],
    ['with a store in capitals', 'x job-pat:rotated/8EC0FD8F/0123abcd'],
    ['without the blank', 'xjob-pat:rotated/8ec0fd8f/0123abcd'],
    ['with two blanks', 'x  job-pat:rotated/8ec0fd8f/0123abcd'],
  ] as const) {
    it(`${what} is nobody's`, () => {
      assert.equal(rotatedNameOf(name), undefined);
      assert.equal(lineageOf(name), undefined);
    });
  }
});

describe('Of the generations of a PAT', () => {
  it('the recorded one is needed, whatever its age', () => {
    assert.deepEqual(revoked({ recorded: 300 * DAY }), []);
  });

  it('the one before it is needed inside the overlap', () => {
    assert.deepEqual(revoked({ recorded: 23 * HOUR, before: 30 * DAY }), []);
  });

  it('the one before it is not needed after the overlap', () => {
    assert.deepEqual(revoked({ recorded: 25 * HOUR, before: 30 * DAY }), ['before']);
  });

  it('none is needed but the recorded one where the store is known to have named none before', () => {
    const ages = { recorded: 0, left: 2 * HOUR, older: DAY };
    assert.deepEqual(revoked(ages, { previous: { authorizationId: undefined } }), ['left', 'older']);
  });

  it('only the newest before it is needed', () => {
    assert.deepEqual(revoked({ recorded: HOUR, before: 30 * DAY, older: 60 * DAY }), ['older']);
  });

  it('the newest before it is needed, in whatever order the service lists them', () => {
    assert.deepEqual(revoked({ older: 60 * DAY, recorded: HOUR, oldest: 90 * DAY, before: 30 * DAY }), [
      'older',
      'oldest',
    ]);
  });

  it('one of unknown age does not pass for the one before it', () => {
    assert.deepEqual(revoked({ strange: undefined, recorded: HOUR, before: 30 * DAY }), []);
  });

  it('one made at the same moment passes for the one before it, where there is no other', () => {
    assert.deepEqual(revoked({ recorded: HOUR, same: HOUR }), []);
  });

  it('one that nobody recorded is left for a quarter of an hour, to the millisecond', () => {
    assert.deepEqual(revoked({ recorded: HOUR, newer: LEFT_BEHIND_AFTER }), []);
    assert.deepEqual(revoked({ recorded: HOUR, newer: LEFT_BEHIND_AFTER + 1 }), ['newer']);
    const ages = { recorded: 20 * MINUTE, left: 20 * MINUTE + LEFT_BEHIND_AFTER, before: 30 * DAY };
    assert.deepEqual(revoked(ages), ['left']);
  });

  it('one that is newer and that nobody recorded was left behind, once it is older than a quarter of an hour', () => {
    assert.deepEqual(revoked({ recorded: HOUR, newer: 16 * MINUTE }), ['newer']);
    assert.deepEqual(revoked({ recorded: HOUR, newer: 14 * MINUTE }), []);
  });

  it('what a cut rotation left shortly before the recorded one does not pass for the one before it', () => {
    assert.deepEqual(revoked({ recorded: 20 * MINUTE, left: 21 * MINUTE, before: 30 * DAY }), ['left']);
  });

  it('the one that this run replaced is needed inside the overlap, even if another one is newer', () => {
    const ages = { recorded: 0, left: 10 * MINUTE, replaced: 30 * DAY };
    assert.deepEqual(revoked(ages, { previous: { authorizationId: 'replaced' } }), []);
  });

  it('the one that this run replaced is not needed without an overlap, however young', () => {
    assert.deepEqual(
      revoked({ recorded: 0, replaced: MINUTE }, { previous: { authorizationId: 'replaced' }, overlap: 0 }),
      ['replaced'],
    );
  });

  it('one whose age the service does not tell is left', () => {
    assert.deepEqual(revoked({ recorded: 2 * DAY, strange: undefined }), []);
  });

  it('what remains after a quarter of an hour is the recorded one, and in the overlap one more', () => {
    const ages = fc.dictionary(
      fc.stringMatching(/^[a-z]{3}$/),
      fc.integer({ min: LEFT_BEHIND_AFTER + 1, max: 400 * DAY }),
    );
    fc.assert(
      fc.property(ages, fc.integer({ min: 0, max: 30 * DAY }), (others, age) => {
        const all = { ...others, recorded: age };
        const left = Object.keys(all).length - revoked(all).length;
        assert.ok(left <= (age < DAY ? 2 : 1), `${left} remain`);
      }),
    );
  });
});
