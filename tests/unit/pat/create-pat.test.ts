import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { bearer } from '#azure-devops/identity';
import { organizationAt } from '#azure-devops/organization';
import type { CreateOutcome, PatApi } from '#azure-devops/pats';
import { createPat } from '#pat/create-pat';
import { StepLedger } from '#pat/ledger';
import { UserPats } from '#pat/user-pats';
import { HOUR } from '#text/lifetime';
import { failureOf, mainStage, START, withoutNetwork } from '../tasks/world.js';

const contoso = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
const ID = '00000000-0000-4000-8000-000000000001';

const busy = new Failure('service-unavailable', 'Busy.', '');
const unreachable = new Failure('service-unreachable', 'Unreachable.', '');
const strange = new Failure('pat-answer-not-usable', 'Strange.', '');
const refused = (mayPass: boolean): CreateOutcome => ({
  kind: 'refused',
  failure: new Failure('pat-refused', 'No.', ''),
  mayPass,
});
const unclear = (failure: Failure, wait?: number): CreateOutcome => ({ kind: 'unclear', failure, wait });
const later = (wait?: number): CreateOutcome => ({ kind: 'later', failure: busy, wait });

/** A PAT API that gives these outcomes one after the other, and at last a PAT; `arrived` are the names that it made a PAT of. */
function creating(
  outcomes: readonly CreateOutcome[],
  { budget = 60_000, takes = 0, arrived = [] as string[] } = {},
) {
  const world = mainStage();
  const { clock, agent } = world;
  const story: string[] = [];
  const record = new StepLedger({
    keep: pats => {
      story.push(
        `record ${pats.map(pat => `${pat.displayName}${pat.authorizationId === undefined ? '?' : ''}`).join()}`,
      );
      return Promise.resolve();
    },
  });
  const timeouts: number[] = [];
  const left = [...outcomes];
  const api: PatApi = {
    create: ({ displayName, validTo, scopes }, mask, _policy, longest) => {
      story.push(`create ${displayName}`);
      timeouts.push(longest);
      clock.pass(takes);
      mask(`value of ${displayName}`);
      const pat = {
        authorizationId: ID,
        displayName,
        scope: scopes.join(' '),
        validFrom: undefined,
        validTo,
        value: 'v',
      };
      return Promise.resolve(left.shift() ?? { kind: 'created', pat });
    },
    listActive: keep => {
      story.push('look');
      const pats = [...arrived, 'somebody else’s'].map((displayName, index) => ({
        authorizationId: `id ${index}`,
        displayName,
        scope: '',
        validFrom: undefined,
        validTo: undefined,
      }));
      return Promise.resolve(pats.filter(keep));
    },
    revoke: id => {
      story.push(`revoke ${id}`);
      return Promise.resolve('revoked');
    },
    readList: () => assert.fail('not asked'),
    find: () => assert.fail('not asked'),
  };
  const pats = new UserPats(bearer('issuing-user', 'x'), world.effects);
  pats.in = () => api;
  let name = 0;
  const wish = {
    organization: contoso,
    scopes: ['vso.code'],
    validFor: HOUR,
    nextName: () => `PAT ${++name}`,
  };
  const create = (more: { mustBeWanted?: () => void } = {}) =>
    createPat({ ...wish, ...more }, pats, record, world.effects, budget);
  return { create, story, timeouts, clock, agent, record };
}

describe('Making a PAT', () => {
  withoutNetwork();

  it('remembers the name before the request, and the id after the answer', async () => {
    const { create, story, agent } = creating([]);
    const pat = await create();
    assert.deepEqual(story, ['record PAT 1?', 'create PAT 1', 'record PAT 1']);
    assert.deepEqual(
      [pat.displayName, pat.organization, pat.validTo.getTime() - START.getTime()],
      ['PAT 1', contoso, HOUR],
    );
    assert.deepEqual(agent.masks, ['value of PAT 1']);
    assert.deepEqual(agent.lines('info'), [
      'Issued PAT "PAT 1" in contoso: vso.code, valid until 2026-03-01 11:00 UTC (1h).',
    ]);
  });

  it('tries again once after a refusal that may pass, with another name, and forgets the first', async () => {
    const { create, story, clock } = creating([refused(true)]);
    await create();
    assert.deepEqual(story, [
      'record PAT 1?',
      'create PAT 1',
      'record ',
      'record PAT 2?',
      'create PAT 2',
      'record PAT 2',
    ]);
    assert.deepEqual(clock.waits, [1_000]);
    const twice = creating([refused(true), refused(true)]);
    await failureOf(twice.create, 'pat-refused');
    assert.deepEqual(twice.record.pats, []);
  });

  it('does not try again after a refusal that stays', async () => {
    const { create, story } = creating([refused(false)]);
    await failureOf(create, 'pat-refused');
    assert.deepEqual(story, ['record PAT 1?', 'create PAT 1', 'record ']);
  });

  it('comes back when the service says so, as long as there is time', async () => {
    const { create, clock, record, story } = creating([later(3_000), later(), later()]);
    await create();
    assert.deepEqual(clock.waits, [3_000, 2_000, 4_000]);
    assert.equal(story.includes('look'), false);
    assert.equal(record.pats.length, 1);
    const never = creating(Array.from({ length: 90 }, () => later(9_000)));
    assert.equal(await failureOf(never.create), busy);
    assert.equal(never.clock.waits.length, 6);
    assert.deepEqual(never.record.pats, []);
  });

  it('looks for a PAT that may have been made, and ends it before it makes another one', async () => {
    const { create, story, agent } = creating([unclear(busy, 5_000)], { arrived: ['PAT 1'] });
    await create();
    assert.deepEqual(story.slice(2, 5), ['look', 'revoke id 0', 'record ']);
    assert.match(
      agent.lines('info').join('\n'),
      /Busy\. It is not clear whether the PAT was made: looking for "PAT 1"\.\nFound and revoked PAT "PAT 1"/,
    );
  });

  it('keeps the name of one that was not found: it may still arrive', async () => {
    const { create, story } = creating([unclear(unreachable)]);
    await create();
    assert.deepEqual(story.slice(2), ['look', 'record PAT 1?,PAT 2?', 'create PAT 2', 'record PAT 1?,PAT 2']);
  });

  it('gives up after four doubtful answers, and after one that would only come again', async () => {
    const four = creating(Array.from({ length: 9 }, () => unclear(busy)));
    assert.equal(await failureOf(four.create), busy);
    assert.equal(four.story.filter(line => line.startsWith('create')).length, 4);
    assert.deepEqual(four.clock.waits, [1_000, 2_000, 4_000]);
    const one = creating([unclear(strange)], { arrived: ['PAT 1'] });
    assert.equal(await failureOf(one.create), strange);
    assert.deepEqual(one.record.pats, []);
  });

  it('fails with the last reason when the time is over, and begins nothing', async () => {
    const { create, story } = creating([later(0), later(0)], { takes: 30_000 });
    assert.equal(await failureOf(create), busy);
    assert.equal(story.filter(line => line.startsWith('create')).length, 2);
    const over = creating([], { budget: 0 });
    await failureOf(over.create, 'out-of-time');
    assert.deepEqual(over.story, []);
  });

  it('fails with the last reason where a wait took longer than it was asked to', async () => {
    for (const late of [0, 1]) {
      const { create, clock, story } = creating([later(30_000)]);
      const wait = clock.wait.bind(clock);
      clock.wait = milliseconds => {
        clock.pass(30_000 + late);
        return wait(milliseconds);
      };
      assert.equal(await failureOf(create), busy);
      assert.equal(story.filter(line => line.startsWith('create')).length, 1);
    }
  });

  it('gives a request no more than a request takes, less than the time to look, and late ones half', async () => {
    const timeoutOf = async (budget: number) => {
      const { create, timeouts } = creating([], { budget });
      await create();
      return timeouts[0];
    };
    assert.equal(await timeoutOf(60_000), 45_000);
    assert.equal(await timeoutOf(50_000), 38_000);
    assert.equal(await timeoutOf(24_000), 12_000);
    assert.equal(await timeoutOf(10_000), 5_000);
    assert.equal(await timeoutOf(600_000), 45_000, 'never more than one PAT has');
  });

  it('makes nothing that nobody would revoke, and hands out nothing that nobody wants any more', async () => {
    const unwanted = new Failure('cancelled', 'Nobody looks later.', '');
    let asked = 0;
    const before = creating([]);
    const never = () => {
      throw unwanted;
    };
    assert.equal(await failureOf(() => before.create({ mustBeWanted: never })), unwanted);
    assert.deepEqual(before.story, []);
    const after = creating([]);
    const once = () => {
      if (++asked === 2) throw unwanted;
    };
    assert.equal(await failureOf(() => after.create({ mustBeWanted: once })), unwanted);
    assert.equal(after.record.pats[0]?.authorizationId, ID, 'who undoes it knows the PAT');
  });

  it('refuses a PAT that can do more than was asked', async () => {
    const pat = {
      authorizationId: ID,
      displayName: 'x',
      scope: 'app_token',
      validFrom: undefined,
      validTo: new Date(START.getTime() + HOUR),
      value: 'v',
    };
    const { create, record } = creating([{ kind: 'created', pat }]);
    await failureOf(create, 'pat-wider-than-asked');
    assert.equal(record.pats.length, 1);
  });
});
