import assert from 'node:assert/strict';
import type { JsonObject } from '#text/json';
import { renewPatIssuer } from '../../../tasks/RenewPatIssuer/RenewPatIssuerV1/run.js';
import { errorMessage, json, lost, unavailable } from './answers.js';
import { allDescriptions, CONNECTION, ConnectionService, tokenConnection } from './connection-service.js';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { lostAfterwards, PatService } from './pat-service.js';
import { agentState, failureOf, REFRESH_TOKEN, withoutNetwork, World, type Step } from './world.js';

const NEWER = 'newer-refresh-token';
const DAY = 86_400_000;

/** A step that renews the connection of this id. */
function renewStep(step: Step = {}): World {
  const state = agentState({
    ...step,
    variables: {
      'System.AccessToken': 'the-token-of-the-job',
      'System.TeamProject': 'Web',
      ...step.variables,
    },
  });
  const inputs = { ...defaultInputs('RenewPatIssuer'), patIssuer: CONNECTION, ...step.inputs };
  const connections = { [CONNECTION]: state.connections['issuer'] ?? assert.fail() };
  return new World(new MemoryAgent({ ...state, inputs, connections }), new PatService());
}

/** The story of the task with the effects of a test. */
async function renewIssuer({ effects }: World): Promise<void> {
  await renewPatIssuer(effects);
}

/** The connection as it is stored, renewed so many days ago. */
function issuer(days?: number, more: JsonObject = {}): JsonObject {
  const at = new Date(Date.parse('2026-03-01T10:00:00Z') - (days ?? 0) * DAY).toISOString();
  const description = days === undefined ? 'Of Erika.' : `Of Erika.\njob-pat:renewed/${at}/0000aaaa`;
  return tokenConnection({
    name: 'PAT issuer',
    type: 'jobPatIssuer',
    description,
    authorization: { scheme: 'Token', parameters: { apitoken: REFRESH_TOKEN, clientSecret: 'its secret' } },
    serviceEndpointProjectReferences: [],
    ...more,
  });
}

describe('RenewPatIssuer', () => {
  withoutNetwork();

  it('redeems, proves the newer token, writes it back with the moment, and reads back', async () => {
    const before = issuer(7);
    const connections = new ConnectionService(before);
    const world = renewStep();
    await renewIssuer(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'verify', 'redeem', 'revoke']);
    assert.ok(
      JSON.stringify(world.service.request('redeem', 1).body).includes(NEWER),
      'the newer one is proved',
    );
    assert.deepEqual(connections.methods, ['GET', 'PUT', 'GET']);
    assert.deepEqual(connections.only, {
      ...before,
      authorization: { scheme: 'Token', parameters: { apitoken: NEWER, clientSecret: 'its secret' } },
      description: 'Of Erika.\njob-pat:renewed/2026-03-01T10:00:00Z/00000002',
    });
    assert.deepEqual(world.agent.lines('warning'), []);
    assert.match(world.agent.lines('info').join('\n'), /Renewed .*"PAT issuer".* until 2026-05-30 10:00 UTC/);
  });

  it('masks the newer token before anything else, and prints neither', async () => {
    new ConnectionService(issuer(7));
    const world = renewStep();
    await renewIssuer(world);
    assert.ok(world.agent.masks.includes(NEWER));
    const said = world.agent.lines().join('\n');
    assert.ok(!said.includes(NEWER) && !said.includes(REFRESH_TOKEN));
  });

  for (const [days, told] of [
    [undefined, /does not tell when/],
    [45, /is 45d old; at 90d it ends/],
  ] as const) {
    it(`warns of a token whose age is ${days ?? 'unknown'}`, async () => {
      new ConnectionService(issuer(days));
      const world = renewStep();
      await renewIssuer(world);
      assert.match(world.agent.lines('warning').join(), told);
    });
  }

  it('sends the client secret that it holds, also where the service leaves it out', async () => {
    const stored = issuer(7, { authorization: { scheme: 'Token', parameters: { apitoken: REFRESH_TOKEN } } });
    const connections = new ConnectionService(stored);
    await renewIssuer(renewStep({ secrets: { clientSecret: 'its secret' } }));
    assert.match(JSON.stringify(connections.sent('PUT').body), /"clientSecret":"its secret"/);
  });

  it('sends the client secret that it holds in place of the null that was read', async () => {
    const connections = new ConnectionService(issuer(7));
    await renewIssuer(renewStep({ secrets: { clientSecret: 'its secret' } }));
    assert.match(JSON.stringify(connections.sent('PUT').body), /"clientSecret":"its secret"/);
  });

  it('writes as the issuing user where nothing else is said, whatever allowedScopes say, and tells so', async () => {
    const connections = new ConnectionService(issuer(7));
    const world = renewStep({ fields: { allowedScopes: 'vso.code' } });
    await renewIssuer(world);
    assert.match(connections.sent('PUT').authorization, /^Basic /);
    assert.match(
      world.agent.lines('info').join('\n'),
      /PAT of five minutes .*does not count against allowedScopes/,
    );
    assert.deepEqual(world.agent.lines('warning'), []);
    assert.equal(world.service.alive.size, 0);
  });

  it('as the job warns of what that takes', async () => {
    new ConnectionService(issuer(7));
    const world = renewStep({ inputs: { writeAs: 'jobToken' } });
    await renewIssuer(world);
    assert.match(world.agent.lines('warning').join(), /every pipeline of the project can raise its ceilings/);
  });

  it('that gets the same token again writes nothing, and succeeds', async () => {
    const connections = new ConnectionService(issuer(7));
    const world = renewStep();
    world.service.next('redeem', () =>
      json(200, { access_token: 'access', expires_in: 3599, refresh_token: REFRESH_TOKEN }),
    );
    await renewIssuer(world);
    assert.deepEqual(connections.methods, ['GET']);
    assert.match(world.agent.lines('info').join('\n'), /nothing was written. It ends at 2026-05-23/);
  });

  it('that gets no newer token fails and says why', async () => {
    const connections = new ConnectionService(issuer(7));
    const world = renewStep();
    world.service.next('redeem', () => json(200, { access_token: 'access', expires_in: 3599 }));
    const failure = await failureOf(() => renewIssuer(world), 'entra-answer-not-usable');
    assert.match(failure.repair, /offline_access.*still holds .* 90d at most after it was issued/);
    assert.deepEqual(connections.methods, []);
  });

  it('warns of a refresh token that lives for a day only', async () => {
    new ConnectionService(issuer(0));
    const world = renewStep();
    world.service.next('redeem', () =>
      json(200, {
        access_token: 'a1',
        expires_in: 3599,
        refresh_token: NEWER,
        refresh_token_expires_in: 86_399,
      }),
    );
    await renewIssuer(world);
    assert.match(world.agent.lines('warning').join(), /for 1d only.*Single-page/);
  });

  it('does not write a newer token that does not work, and says until when the old one does', async () => {
    const connections = new ConnectionService(issuer(10));
    const world = renewStep();
    const refused = json(400, {
      error: 'invalid_grant',
      error_description: 'AADSTS70000: no',
      error_codes: [70000],
    });
    world.service.next(
      'redeem',
      usual => usual(),
      () => refused,
    );
    const failure = await failureOf(() => renewIssuer(world), 'entra-refused');
    assert.match(failure.what, /was not written back/);
    assert.match(failure.repair, /still holds .* works until 2026-05-20 10:00 UTC at the latest/);
    assert.deepEqual(connections.methods, ['GET']);
  });

  it('of a token that Entra refuses promises nothing', async () => {
    new ConnectionService(issuer(10));
    const world = renewStep();
    world.service.next('redeem', () =>
      json(400, {
        error: 'invalid_grant',
        error_description: 'AADSTS700082: expired',
        error_codes: [700082],
      }),
    );
    const failure = await failureOf(() => renewIssuer(world), 'entra-refused');
    assert.doesNotMatch(failure.message, /still holds/);
  });

  it('that may not write names identity and role, and leaves the old token', async () => {
    const before = issuer(10);
    const connections = new ConnectionService(before).next(
      'PUT',
      errorMessage(403, 'No.', 'AccessCheckException'),
    );
    const failure = await failureOf(() => renewIssuer(renewStep()), 'store-refused');
    assert.match(failure.message, /the issuing user .*role Administrator.*until 2026-05-20/);
    assert.deepEqual(connections.only, before);
  });

  for (const [what, answer] of [
    ['500', (usual: () => unknown) => (usual(), unavailable(500)(() => json(500, {})))],
    ['lost', lostAfterwards],
  ] as const) {
    it(`whose write was carried out, though its answer is ${what}, succeeds after one write`, async () => {
      const connections = new ConnectionService(issuer(7)).next('PUT', answer);
      await renewIssuer(renewStep());
      assert.deepEqual(connections.methods, ['GET', 'PUT', 'GET']);
      assert.equal(connections.parameter('apitoken'), NEWER);
    });
  }

  it('whose write was lost on the way writes again', async () => {
    const connections = new ConnectionService(issuer(7)).next('PUT', lost);
    await renewIssuer(renewStep());
    assert.equal(connections.methods.filter(method => method === 'PUT').length, 2);
    assert.equal(connections.parameter('apitoken'), NEWER);
  });

  it('that cannot find out what became of its write says that both tokens work', async () => {
    const down = Array.from({ length: 50 }, () => unavailable());
    new ConnectionService(issuer(7)).next('PUT', lost).next('GET', usual => usual(), ...down);
    const failure = await failureOf(() => renewIssuer(renewStep()), 'service-unavailable');
    assert.match(failure.message, /not known whether .*Both work/);
  });

  it('of a connection that the job may not see names it', async () => {
    new ConnectionService();
    const world = renewStep({ inputs: { writeAs: 'jobToken' } });
    const failure = await failureOf(() => renewIssuer(world), 'store-not-usable');
    assert.match(failure.message, /does not show the identity of this job/);
  });

  it('with writeAs: issuer writes with a PAT of five minutes that is revoked', async () => {
    const connections = new ConnectionService(issuer(7));
    const world = renewStep({ inputs: { writeAs: 'issuer' } });
    await renewIssuer(world);
    const [brief = assert.fail()] = world.service.made;
    assert.equal(brief.scope, 'vso.serviceendpoint_manage');
    assert.equal(world.service.alive.size, 0);
    const basic = `Basic ${Buffer.from(`:${brief.value}`).toString('base64')}`;
    assert.ok(connections.requests.every(({ authorization }) => authorization === basic));
    assert.equal(connections.parameter('apitoken'), NEWER);
  });

  it('with writeAs: issuer revokes that PAT also when the write is refused', async () => {
    new ConnectionService(issuer(7)).next('PUT', errorMessage(403, 'No.', 'AccessCheckException'));
    const world = renewStep({ inputs: { writeAs: 'issuer' } });
    await failureOf(() => renewIssuer(world), 'store-refused');
    assert.equal(world.service.made.length, 1);
    assert.equal(world.service.alive.size, 0);
  });

  it('with writeAs: issuer finds and revokes a PAT whose making was not answered', async () => {
    new ConnectionService(issuer(7));
    const world = renewStep({ inputs: { writeAs: 'issuer' } });
    world.service.next('create', lostAfterwards);
    await renewIssuer(world);
    assert.equal(world.service.made.length, 2);
    assert.equal(world.service.alive.size, 0);
  });

  it('with writeAs: issuer names the PAT that it could not revoke, and its end', async () => {
    new ConnectionService(issuer(7));
    const world = renewStep({ inputs: { writeAs: 'issuer' } });
    world.service.always('revoke', unavailable());
    await renewIssuer(world);
    assert.match(
      world.agent.lines('warning').join(),
      /job-pat:build.*stays alive .*until 2026-03-01 10:05 UTC/,
    );
  });

  it('that is cancelled while it writes revokes its PAT', async () => {
    const world = renewStep({ inputs: { writeAs: 'issuer' } });
    new ConnectionService(issuer(7)).next('PUT', () => {
      world.cancel();
      return lost();
    });
    await failureOf(() => renewIssuer(world), 'cancelled');
    assert.equal(world.service.alive.size, 0);
  });

  it('keeps all descriptions of other projects', async () => {
    const connections = new ConnectionService(tokenConnection({ authorization: issuer()['authorization'] }));
    await renewIssuer(renewStep());
    assert.equal(allDescriptions(connections.only)[2], 'Not ours.');
  });

  it('names all faults before the first request', async () => {
    const world = renewStep({ inputs: { writeAs: 'me' }, fields: { tenantId: '', clientId: '' } });
    const { message } = await failureOf(() => renewIssuer(world));
    for (const fault of [/writeAs/, /tenantId/, /clientId/]) assert.match(message, fault);
    assert.deepEqual(world.service.operations, []);
  });
});
