import assert from 'node:assert/strict';
import { renewPatIssuer } from '../../../tasks/RenewPatIssuer/RenewPatIssuerV1/run.js';
import { revokePats } from '../../../tasks/RevokePat/RevokePatV1/run.js';
import { json } from './answers.js';
import { ConnectionService, CONNECTION as STORED, tokenConnection } from './connection-service.js';
import { federatedState, FederationService, CONNECTION, refusal } from './federation-service.js';
import { defaultInputs, MemoryAgent, type AgentState } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { state as vaultState, VaultService } from './rotate-into-vault.js';
import { GroupService, rotatePats } from './rotate-pats.js';
import { failureOf, REFRESH_TOKEN, withoutNetwork, World, type Step } from './world.js';

/** One stage of any task, whose connection proves its application. */
function stageOf(state: AgentState, federation: FederationService): World {
  const world = new World(new MemoryAgent(state), new PatService());
  federation.now = () => world.clock.now();
  return world;
}

function renewal(step: Step = {}): { readonly federation: FederationService; readonly world: World } {
  const federation = new FederationService();
  const { connections, ...state } = federatedState(step);
  const { [CONNECTION]: connection } = connections;
  assert.ok(connection);
  const inputs = { ...defaultInputs('RenewPatIssuer'), patIssuer: STORED };
  return {
    federation,
    world: stageOf({ ...state, inputs, connections: { [STORED]: connection } }, federation),
  };
}

const stored = () =>
  new ConnectionService(
    tokenConnection({
      name: 'PAT issuer',
      type: 'jobPatIssuer',
      data: { clientProof: 'federation' },
      authorization: { scheme: 'Token', parameters: { apitoken: REFRESH_TOKEN, clientSecret: null } },
      serviceEndpointProjectReferences: [],
    }),
  );

describe('RenewPatIssuer with a connection that proves the application', () => {
  withoutNetwork();

  it('asks for one OIDC token for both redemptions, and writes the refresh token only', async () => {
    const { federation, world } = renewal();
    const connections = stored();
    await renewPatIssuer(world.effects);
    assert.equal(federation.asked.length, 1);
    assert.deepEqual(
      federation.forms.map(form => [form['refresh_token'], form['client_assertion']]),
      [
        [REFRESH_TOKEN, federation.assertions[0]],
        ['newer-refresh-token', federation.assertions[0]],
      ],
    );
    assert.equal(connections.parameter('apitoken'), 'newer-refresh-token');
    assert.equal(connections.parameter('clientSecret'), null);
    for (const { body } of connections.requests)
      assert.ok(!JSON.stringify(body ?? '').includes(federation.assertions[0] ?? ''));
  });

  it('asks for another where the first has ended by the second redemption', async () => {
    const { federation, world } = renewal();
    stored();
    federation.next('entra', usual => {
      const reply = usual();
      world.clock.pass(6 * 60_000);
      return reply;
    });
    await renewPatIssuer(world.effects);
    assert.equal(federation.asked.length, 2);
  });

  it('never asks for a third', async () => {
    const { federation, world } = renewal();
    stored();
    const outOfTime = () => refusal(700024, 'Not in its time range.');
    federation.next('entra', outOfTime, usual => usual(), outOfTime);
    const { message } = await failureOf(() => renewPatIssuer(world.effects), 'entra-refused');
    assert.match(message, /was not written back.*clock of this agent/s);
    assert.equal(federation.asked.length, 2);
  });
});

describe('RotatePat with a connection that proves the application', () => {
  withoutNetwork();

  /** The rotation of a key vault, or of what `inputs` say, with both connections proving theirs. */
  function rotation(inputs: Record<string, string> = {}): AgentState {
    const vault = vaultState({ inputs });
    const federated = federatedState({ fields: { maxRotatedLifetime: '365d' } });
    return {
      ...vault,
      inputs: { ...vault.inputs, patIssuer: CONNECTION },
      variables: { ...vault.variables, ...federated.variables },
      connections: { ...vault.connections, ...federated.connections },
    };
  }

  it('gets one token for itself, and one of its own connection for a key vault', async () => {
    const federation = new FederationService();
    const vault = new VaultService();
    assert.equal(await rotatePats(stageOf(rotation(), federation)), undefined);
    assert.deepEqual(
      federation.asked.map(({ url }) => url.searchParams.get('serviceConnectionId')),
      [CONNECTION, 'azure'],
    );
    assert.equal(vault.forms.length, 1);
    assert.equal(federation.forms.length, 1);
    assert.notEqual(vault.forms[0]?.get('client_assertion'), federation.assertions[0]);
  });

  it('signs in once for the PAT and for a brief one with which it writes', async () => {
    const federation = new FederationService();
    const groups = new GroupService();
    const state = rotation({
      store: 'variableGroup',
      variableGroup: 'deploy',
      variableName: 'GIT_PAT',
      writeAs: 'issuer',
    });
    const world = stageOf(state, federation);
    assert.equal(await rotatePats(world), undefined, world.agent.lines().join('\n'));
    assert.equal(federation.asked.length, 1);
    assert.equal(federation.forms.length, 1);
    assert.ok(groups.count('PUT') === 1);
  });
});

describe('RevokePat with a connection that proves the application', () => {
  withoutNetwork();

  it('signs in once for several organizations', async () => {
    const federation = new FederationService();
    const state = federatedState({ fields: { allowedOrganizations: 'contoso fabrikam' } });
    const inputs = {
      ...defaultInputs('RevokePat'),
      patIssuer: CONNECTION,
      organization: 'contoso, fabrikam',
      what: 'name',
      namePattern: 'Nightly job-pat:*',
    };
    const world = stageOf({ ...state, inputs }, federation);
    world.service.add(
      'Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0000aaaa',
      'contoso',
    );
    world.service.add(
      'Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0000aaab',
      'fabrikam',
    );
    assert.equal(await revokePats(world.effects), undefined);
    assert.deepEqual([federation.asked.length, federation.forms.length], [1, 1]);
    assert.equal(world.service.alive.size, 0);
  });

  it('says which sign-in was refused', async () => {
    const federation = new FederationService();
    federation.next('oidc', () => json(403, { message: 'No access.', typeKey: 'X' }));
    const state = federatedState();
    const inputs = {
      ...defaultInputs('RevokePat'),
      patIssuer: CONNECTION,
      what: 'name',
      namePattern: 'Nightly job-pat:*',
    };
    const { message } = await failureOf(() => revokePats(stageOf({ ...state, inputs }, federation).effects));
    assert.match(message, /No OIDC token for service connection/);
  });
});
