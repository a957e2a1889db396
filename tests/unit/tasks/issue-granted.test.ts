import assert from 'node:assert/strict';
import { asObject } from '#text/json';
import { json, type Answer } from './answers.js';
import { issuePat } from './issue-pat.js';
import { failureOf, mainStage, withoutNetwork } from './world.js';

/** The usual answer, with members of the PAT replaced. */
const granting =
  (members: Record<string, unknown>): Answer =>
  usual => {
    const { patToken } = asObject(JSON.parse(usual().body)) ?? {};
    return json(200, { patToken: { ...asObject(patToken), ...members }, patTokenError: 'none' });
  };

describe('What was granted', () => {
  withoutNetwork();

  it('with a shortened lifetime: a warning names both ends and the policy, and the outputs tell the truth', async () => {
    const world = mainStage({ inputs: { validFor: '8h' } });
    world.service.next('create', granting({ validTo: '2026-03-01T12:00:00Z' }));
    await issuePat(world);
    const [warning, ...others] = world.agent.lines('warning');
    assert.match(warning ?? '', /2026-03-01 12:00 UTC.*2026-03-01 18:00 UTC/);
    assert.match(warning ?? '', /Enforce maximum personal access token lifespan/);
    assert.deepEqual(others, []);
    assert.equal(world.agent.outputs['validTo'], '2026-03-01T12:00:00.000Z');
    assert.match(world.agent.taskVariable('JobPat.Record') ?? '', /2026-03-01T12:00:00/);
  });

  it('with an end rounded by the service: no warning', async () => {
    const world = mainStage();
    world.service.next('create', granting({ validTo: '2026-03-01T10:59:59.9933333Z' }));
    await issuePat(world);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  it('with an end a few seconds later than asked: no complaint', async () => {
    const world = mainStage();
    world.service.next('create', granting({ validTo: '2026-03-01T11:00:30Z' }));
    await issuePat(world);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  const more: Record<string, Record<string, unknown>> = {
    'a longer lifetime than asked': { validTo: '2026-03-31T00:00:00Z' },
    'a lifetime that is minutes longer': { validTo: '2026-03-01T11:03:00Z' },
    'every organization of the user in place of this one': { targetAccounts: null },
  };
  for (const [name, members] of Object.entries(more)) {
    it(`with ${name}: revoked, and the step fails`, async () => {
      const world = mainStage();
      world.service.next('create', granting(members));
      await failureOf(() => issuePat(world), 'pat-wider-than-asked');
      assert.equal(world.service.alive.size, 0);
      assert.equal(world.agent.taskVariable('JobPat.Record'), '[]');
      assert.deepEqual([world.agent.secretVariables, world.agent.outputs], [{}, {}]);
    });
  }

  for (const scope of [
    'vso.code vso.code_write',
    'app_token',
    'vso.code vso.brand_new',
    'vso.code vso.work',
  ]) {
    it(`with the scope "${scope}" where vso.code was asked: revoked, and the step fails`, async () => {
      const world = mainStage();
      world.service.next('create', granting({ scope }));
      const failure = await failureOf(() => issuePat(world), 'pat-wider-than-asked');
      assert.match(failure.message, new RegExp(scope.split(' ').at(-1) ?? ''));
      assert.equal(world.service.alive.size, 0);
      assert.equal(world.agent.taskVariable('JobPat.Record'), '[]');
      assert.deepEqual(world.agent.secretVariables, {});
    });
  }

  it('with scopes in another order, or spelled out with what they include: no complaint', async () => {
    const world = mainStage({ inputs: { scopes: 'vso.packaging vso.code_write' } });
    world.service.next('create', granting({ scope: 'vso.code_write  vso.code vso.packaging vso.profile' }));
    await issuePat(world);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  it('with less than asked: a warning names what is missing', async () => {
    const world = mainStage({ inputs: { scopes: 'vso.code vso.packaging' } });
    world.service.next('create', granting({ scope: 'vso.code' }));
    await issuePat(world);
    assert.match(world.agent.lines('warning').join(), /without vso\.packaging/);
  });

  it('under another name than asked: the step goes on with the name it chose', async () => {
    const world = mainStage();
    world.service.next('create', granting({ displayName: '##vso[task.complete]' }));
    await issuePat(world);
    assert.match(world.agent.outputs['patName'] ?? '', /^Nightly mirror .* job-pat:build/);
  });
});
