import assert from 'node:assert/strict';
import { fault, type AgentIdentity } from '#emulator/index';
import { create, jsonOf, resource, useEmulator } from './client.js';
import { ASSERTION_TYPE, connection, oidcToken, outcomeOf } from './proving-job.js';

const exchange = 'api://AzureADTokenExchange/.default';

describe("The sign-in of an agent's user", () => {
  let now = new Date('2026-03-01T10:00:00Z');
  let agent: AgentIdentity;
  const emulator = useEmulator(() => ({ clock: () => now }));
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
    const { oidc, entra } = emulator();
    const identity = oidc.identityOf({ project: 'Our project', connection });
    agent = entra.addAgentUser({
      federatedCredentials: [{ ...identity, audience: 'api://AzureADTokenExchange' }],
    });
  });

  type Fields = Record<string, string | undefined>;
  const ask = async (fields: Fields): Promise<Response> => {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) body.set(name, value);
    return fetch(`${emulator().url}/${emulator().entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body,
    });
  };
  const blueprint = async (changes: Fields = {}): Promise<Response> =>
    ask({
      grant_type: 'client_credentials',
      client_id: agent.blueprint.clientId,
      scope: exchange,
      fmi_path: agent.id,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await oidcToken(emulator()),
      ...changes,
    });
  const tokenIn = async (response: Response): Promise<string> => {
    assert.equal(response.status, 200);
    return String((await jsonOf(response))['access_token']);
  };
  const identity = async (changes: Fields = {}): Promise<Response> =>
    ask({
      grant_type: 'client_credentials',
      client_id: agent.id,
      scope: exchange,
      client_assertion_type: ASSERTION_TYPE,
      ...('client_assertion' in changes ? {} : { client_assertion: await tokenIn(await blueprint()) }),
      ...changes,
    });
  const user = async (changes: Fields = {}): Promise<Response> => {
    const t1 = await tokenIn(await blueprint());
    return ask({
      grant_type: 'user_fic',
      client_id: agent.id,
      scope: `${resource}/.default`,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: t1,
      user_federated_identity_credential: await tokenIn(await identity({ client_assertion: t1 })),
      username: agent.user.principalName,
      requested_token_use: 'on_behalf_of',
      ...changes,
    });
  };

  it('leads over the blueprint and the agent identity to a token that makes a PAT, and to no refresh token', async () => {
    const answer = await jsonOf(await user());
    assert.equal('refresh_token' in answer, false);
    assert.equal(answer['scope'], `${resource}/vso.pats ${resource}/vso.pats_manage`);
    const made = await jsonOf(await create(emulator(), {}, { bearer: String(answer['access_token']) }));
    assert.equal(made['patTokenError'], 'none');
    assert.equal(emulator().pats.active()[0]?.owner, agent.user);
  });

  it('names the user by principal name or by object id, each in its own field', async () => {
    const { id, principalName } = agent.user;
    assert.equal(await outcomeOf(await user({ username: principalName.toUpperCase() })), 'given');
    assert.equal(await outcomeOf(await user({ username: undefined, user_id: id })), 'given');
    assert.equal(await outcomeOf(await user({ username: undefined, user_id: principalName })), 50000);
    assert.equal(await outcomeOf(await user({ username: id })), 50034);
    assert.equal(await outcomeOf(await user({ username: undefined })), 900144);
  });

  it('stops at the blueprint without a proof, a principal or an agent identity of its own', async () => {
    const unproven = { client_assertion: undefined, client_assertion_type: undefined };
    assert.equal(await outcomeOf(await blueprint(unproven)), 7000216);
    assert.equal(await outcomeOf(await blueprint({ ...unproven, client_secret: 'x' })), 7000215);
    assert.equal(await outcomeOf(await blueprint({ fmi_path: undefined })), 900144);
    assert.equal(await outcomeOf(await blueprint({ fmi_path: connection.id })), 700016);
    const other = emulator().entra.addAgentUser();
    assert.equal(await outcomeOf(await blueprint({ fmi_path: other.id })), 700016);
    assert.equal(await outcomeOf(await blueprint({ client_id: other.blueprint.clientId })), 70025);
    assert.equal(await outcomeOf(await blueprint({ scope: `${resource}/.default` })), 82001);
    agent.blueprint.hasPrincipal = false;
    assert.equal(await outcomeOf(await blueprint()), 7000229);
    agent.blueprint.enabled = false;
    assert.equal(await outcomeOf(await blueprint()), 7000112);
  });

  it('stops at the agent identity without the token of its own blueprint, or when it is disabled', async () => {
    const other = emulator().entra.addAgentUser({ blueprint: agent.blueprint });
    assert.equal(await outcomeOf(await identity({ client_assertion: undefined })), 7000216);
    assert.equal(await outcomeOf(await identity({ client_assertion: await oidcToken(emulator()) })), 700211);
    assert.equal(await outcomeOf(await identity({ client_id: other.id })), 700213);
    assert.equal(await outcomeOf(await identity({ client_id: connection.id })), 700016);
    assert.equal(await outcomeOf(await identity({ scope: `${resource}/.default` })), 82001);
    const t1 = await tokenIn(await blueprint());
    now = new Date(now.getTime() + 3_600_000);
    assert.equal(await outcomeOf(await identity({ client_assertion: t1 })), 700024);
    const alive = await tokenIn(await blueprint());
    agent.enabled = false;
    assert.equal(await outcomeOf(await identity({ client_assertion: alive })), 7000112);
  });

  it('stops at the user who is unknown, not of this agent, disabled or without consent', async () => {
    assert.equal(await outcomeOf(await user({ username: 'nobody@contoso.example' })), 50034);
    assert.equal(await outcomeOf(await user({ username: emulator().entra.user.principalName })), 70000);
    assert.equal(await outcomeOf(await user({ client_assertion: undefined })), 7000218);
    const t1 = await tokenIn(await blueprint());
    assert.equal(await outcomeOf(await user({ user_federated_identity_credential: t1 })), 50013);
    agent.userEnabled = false;
    assert.equal(await outcomeOf(await user()), 50057);
    agent.userEnabled = true;
    agent.consented = [];
    assert.equal(await outcomeOf(await user()), 65001);
  });

  it('leads to nothing in an organization that the user is no member of', async () => {
    const stranger = emulator().entra.addAgentUser({ blueprint: agent.blueprint, organizations: [] });
    const bearer = emulator().entra.issueAccessToken({ user: stranger.user }).value;
    const response = await create(emulator(), {}, { bearer });
    assert.equal(response.status, 401);
    assert.match(String((await jsonOf(response))['message']), /TF400813/);
  });

  it('can be refused at one of its steps alone', async () => {
    const { faults } = emulator();
    faults.add('entra.token', fault.aadsts(53003), { when: fault.atStep('agentUser') });
    assert.equal(await outcomeOf(await blueprint()), 'given');
    assert.equal(await outcomeOf(await identity()), 'given');
    assert.equal(await outcomeOf(await user()), 53003);
    assert.equal(await outcomeOf(await user()), 'given');
  });
});
