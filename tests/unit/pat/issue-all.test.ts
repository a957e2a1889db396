import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { bearer } from '#azure-devops/identity';
import { organizationAt } from '#azure-devops/organization';
import type { Run } from '#azure-devops/run';
import { allOrNothing, issueAll, revokeLeftovers } from '#pat/issue';
import { processMemory, StepLedger } from '#pat/ledger';
import { readJobPatName } from '#pat/run-name';
import { UserPats } from '#pat/user-pats';
import { HOUR } from '#text/lifetime';
import { patTokenError, unavailable } from '../tasks/answers.js';
import { failureOf, mainStage, START, withoutNetwork } from '../tasks/world.js';

const organization = (name: string) => organizationAt(`https://dev.azure.com/${name}`) ?? assert.fail();
const run: Run = {
  host: 'build',
  projectId: 'abababab-1212-4343-8565-787878787878',
  runId: '4711',
  jobId: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
};

/** A step that issues PATs. */
function issuing() {
  const world = mainStage();
  const effects = world.direct();
  const pats = new UserPats(bearer('issuing-user', world.service.signIn()), effects);
  const record = new StepLedger(processMemory());
  const issue = (names: readonly string[] = ['contoso'], mustBeWanted: () => void = () => undefined) => {
    const wish = { label: 'Nightly', run, scopes: ['vso.code', 'vso.build'], validFor: HOUR };
    return issueAll({ ...wish, organizations: names.map(organization) }, pats, record, effects, mustBeWanted);
  };
  const waited = () => world.clock.now().getTime() - START.getTime();
  const fail = (topic: 'cancelled' | 'store-not-known') =>
    allOrNothing(record, pats, effects, async () => {
      await issue();
      throw new Failure(topic, 'The end.', '');
    });
  return { world, service: world.service, effects, pats, record, issue, waited, fail };
}

describe('The PATs of a job', () => {
  withoutNetwork();

  it('are one for each organization, named after the run, and told in the timeline with their scopes', async () => {
    const { world, service, issue } = issuing();
    const pats = await issue(['contoso', 'fabrikam']);
    assert.deepEqual(
      pats.map(pat => [pat.organization.name, pat.value]),
      service.made.map(pat => [pat.organization, pat.value]),
    );
    assert.ok(pats.every(pat => readJobPatName(pat.displayName)?.runId === '4711'));
    assert.notEqual(pats[0]?.displayName, pats[1]?.displayName);
    assert.deepEqual(
      world.agent.timelineRecords.map(({ type, detail }) => [type, detail]),
      [
        ['JobPat.issued', 'vso.code vso.build'],
        ['JobPat.issued', 'vso.code vso.build'],
      ],
    );
  });

  it('are issued while somebody would revoke them, and no longer', async () => {
    const { service, issue } = issuing();
    const why = new Failure('cancelled', 'Nobody looks later.', '');
    const never = () => {
      throw why;
    };
    assert.equal(await failureOf(() => issue(['contoso'], never)), why);
    assert.deepEqual(service.operations, []);
  });

  it('are issued no more when another one could not be', async () => {
    const { service, issue } = issuing();
    service.nextIn('contoso', 'create', patTokenError('invalidScope'));
    service.nextIn('fabrikam', 'create', unavailable(503, 1), unavailable(503, 1));
    await failureOf(() => issue(['contoso', 'fabrikam']), 'pat-refused');
    const inFabrikam = service.requests.filter(request => request.organization === 'fabrikam');
    assert.deepEqual(
      inFabrikam.filter(({ operation }) => operation === 'create').length,
      1,
      'it does not come back',
    );
  });
});

describe('A step that issues', () => {
  withoutNetwork();

  it('gives what its work comes to, and leaves the PATs', async () => {
    const { service, effects, pats, record, issue } = issuing();
    assert.equal((await allOrNothing(record, pats, effects, issue)).length, 1);
    assert.equal(service.alive.size, 1);
  });

  it('that fails revokes what it made, and fails as it did', async () => {
    const { world, service, record, fail } = issuing();
    assert.equal((await failureOf(() => fail('store-not-known'))).what, 'The end.');
    assert.deepEqual([service.alive.size, record.pats, world.agent.lines('warning')], [0, [], []]);
  });

  for (const [topic, least, most] of [
    ['store-not-known', 10_000, 20_000],
    ['cancelled', 2_000, 6_000],
  ] as const)
    it(`that ends with "${topic}" warns of a PAT that it cannot revoke in ${most} ms`, async () => {
      const { world, service, waited, fail } = issuing();
      service.always('revoke', unavailable());
      await failureOf(() => fail(topic), topic);
      assert.match(world.agent.lines('warning').join('\n'), /^PAT "Nightly .* stays alive in contoso/);
      assert.ok(waited() > least && waited() <= most, `${waited()} ms`);
    });

  it('that was told to stop revokes all the same', async () => {
    const { world, service, effects, pats, record, issue } = issuing();
    const work = async () => {
      await issue();
      world.cancel();
      throw new Failure('cancelled', 'Stop.', '');
    };
    await failureOf(() => allOrNothing(record, pats, effects, work), 'cancelled');
    assert.equal(service.alive.size, 0);
  });
});

describe('What an earlier attempt of a step left', () => {
  withoutNetwork();

  it('is revoked first, and that is said', async () => {
    const { world, service, effects, pats, record, issue } = issuing();
    await issue();
    await revokeLeftovers(record, pats, effects);
    assert.deepEqual([service.alive.size, record.pats], [0, []]);
    assert.match(world.agent.lines('info').join('\n'), /An earlier attempt of this step left PATs behind/);
  });

  it('is nothing to speak of where there is nothing', async () => {
    const { world, service, effects, pats, record } = issuing();
    await revokeLeftovers(record, pats, effects);
    assert.deepEqual([service.operations, world.agent.lines()], [[], []]);
  });

  it('is a warning where it cannot be revoked, and the post-job step tries again', async () => {
    const { world, service, effects, pats, record, issue } = issuing();
    await issue();
    service.always('revoke', unavailable());
    await revokeLeftovers(record, pats, effects);
    assert.match(world.agent.lines('warning').join('\n'), /stays alive in contoso/);
    assert.equal(record.pats.length, 1);
  });
});
