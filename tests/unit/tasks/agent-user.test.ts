import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, parseJson } from '#text/json';
import { root } from '../../../scripts/paths.js';
import { renewPatIssuer } from '../../../tasks/RenewPatIssuer/RenewPatIssuerV1/run.js';
import { errorMessage, unavailable, type Reply } from './answers.js';
import {
  AGENT_IDENTITY,
  AGENT_USER,
  BLUEPRINT,
  CONNECTION,
  federatedStage,
  federatedState,
  FORMS,
  later,
  refusal,
  requestsOf,
  type Federated,
} from './federation-service.js';
import { afterJob, issuePat } from './issue-pat.js';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { patsOn, sealed } from './recorded.js';
import { failureOf, withoutNetwork, World, type Step } from './world.js';

const MINUTES = 60_000;
const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';
const PREVIEW = 'preview';

const agentUserStep = (step: Step = {}) => ({
  scheme: 'None',
  secrets: { apitoken: '' },
  ...step,
  fields: { agentIdentityId: AGENT_IDENTITY, agentUser: 'job-pat@contoso.com', ...step.fields },
});

const stageOf = (step: Step = {}): Federated => federatedStage(agentUserStep(step));

/** A PAT that ends after an hour, whatever was asked. */
const shortened = (usual: () => Reply): Reply => {
  const reply = usual();
  return { ...reply, body: reply.body.replace(/"validTo":"[^"]*"/, '"validTo":"2026-03-01T11:00:00Z"') };
};

async function issued(step: Step = {}): Promise<Federated> {
  const stage = stageOf({ ...step, inputs: { validFor: '4h', ...step.inputs } });
  await issuePat(stage.world);
  return stage;
}

describe('A connection of an agent’s user', () => {
  withoutNetwork();

  it('signs in by the blueprint, the agent identity and the user, with nothing stored', async () => {
    const { federation, world } = stageOf();
    await issuePat(world);
    const [t1, t2, access] = federation.tokens;
    const type = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    const exchange = { grant_type: 'client_credentials', scope: 'api://AzureADTokenExchange/.default' };
    assert.deepEqual(federation.forms, [
      {
        ...exchange,
        ...type,
        client_id: BLUEPRINT,
        fmi_path: AGENT_IDENTITY,
        client_assertion: federation.assertions[0],
      },
      { ...exchange, ...type, client_id: AGENT_IDENTITY, client_assertion: t1 },
      {
        ...type,
        grant_type: 'user_fic',
        client_id: AGENT_IDENTITY,
        scope: `${AZURE_DEVOPS}/.default`,
        client_assertion: t1,
        user_federated_identity_credential: t2,
        requested_token_use: 'on_behalf_of',
        username: 'job-pat@contoso.com',
      },
    ]);
    assert.deepEqual(requestsOf(world), ['oidc', 'entra', 'entra', 'entra', 'POST', 'GET']);
    assert.equal(world.service.request('create').headers['authorization'], `Bearer ${access}`);
  });

  it('names the user by its object id where that is what the connection holds', async () => {
    const { federation, world } = stageOf({ fields: { agentUser: AGENT_USER } });
    await issuePat(world);
    assert.equal(federation.forms[2]?.['user_id'], AGENT_USER);
    assert.equal(federation.forms[2]['username'], undefined);
  });

  it('may say clientProof federation too, and may hold a user of a guest’s name', async () => {
    const { world } = stageOf({
      fields: { clientProof: 'federation', agentUser: "o'hara_fabrikam.com#EXT#@contoso.onmicrosoft.com" },
    });
    await issuePat(world);
    assert.equal(world.service.alive.size, 1);
  });

  it('says in one line of its log that this is a preview, and not again after the job', async () => {
    const stage = await issued();
    assert.equal(stage.world.agent.lines().filter(line => line.includes(PREVIEW)).length, 1);
    stage.world.clock.pass(120 * MINUTES);
    const post = later(stage);
    assert.equal(await afterJob(post), undefined);
    assert.deepEqual(requestsOf(post), ['oidc', 'entra', 'entra', 'entra', 'DELETE']);
    assert.deepEqual(
      post.agent.lines().filter(line => line.includes(PREVIEW)),
      [],
    );
  });

  it('revokes after the job what is alive where another PAT of the step has ended by itself', async () => {
    const stage = stageOf({
      inputs: { validFor: '4h', organization: 'contoso, fabrikam' },
      fields: { allowedOrganizations: 'contoso fabrikam' },
    });
    stage.world.service.next('create', shortened);
    await issuePat(stage.world);
    stage.world.clock.pass(120 * MINUTES);
    const post = later(stage);
    assert.equal(await afterJob(post), undefined);
    assert.match(post.agent.lines().join('\n'), /expired at .*: nothing to revoke/);
    assert.deepEqual(requestsOf(post), ['oidc', 'entra', 'entra', 'entra', 'DELETE']);
  });

  it('masks each token of the chain before anything else, and shows and keeps none but the last', async () => {
    const { federation, world } = stageOf();
    await issuePat(world);
    const [t1 = '', t2 = ''] = federation.tokens;
    const { events, masks } = world.agent;
    for (const token of [t1, t2])
      for (const part of [token, ...token.split('.').slice(1)]) assert.ok(masks.includes(part));
    const kept = JSON.stringify(events.filter(({ kind }) => kind !== 'mask'));
    for (const token of [federation.assertions[0] ?? '', t1, t2])
      for (const part of [token, ...token.split('.').slice(1)]) assert.ok(!kept.includes(part));
  });

  const complaints: readonly (readonly [what: string, fields: Record<string, string>, message: RegExp])[] = [
    ['no agent identity', { agentIdentityId: '' }, /agentIdentityId: "" is not the id/],
    [
      'an agent identity that is no GUID',
      { agentIdentityId: 'agent' },
      /agentIdentityId: "agent" is not the id/,
    ],
    ['no user', { agentUser: '' }, /agentUser: "" is neither the UPN nor the object id/],
    ['a user that is a name', { agentUser: 'Erika' }, /agentUser: "Erika" is neither/],
    ['a user that is two', { agentUser: 'a@contoso.com b@contoso.com' }, /agentUser: .* is neither/],
    ['a user of no domain', { agentUser: 'erika@contoso' }, /agentUser: .* is neither/],
    ['another proof', { clientProof: 'secret' }, /clientProof: "secret"/],
  ];
  for (const [what, fields, message] of complaints) {
    it(`with ${what} fails before any request`, async () => {
      const { world } = stageOf({ fields });
      const failure = await failureOf(() => issuePat(world), 'connection-not-usable');
      assert.match(failure.message, message);
      assert.deepEqual(requestsOf(world), []);
    });
  }

  for (const [step, code, name, advice] of [
    [1, 700016, 'blueprint', /blueprint is not known in this tenant.*principal was made/],
    [1, 7000216, 'blueprint', /did not take the OIDC token/],
    [1, 7000112, 'blueprint', /blueprint is disabled/],
    [1, 999999, 'blueprint', /Look at the blueprint that clientId names/],
    [2, 700016, 'agent identity', /agent identity is not known in this tenant: check agentIdentityId/],
    [2, 999999, 'agent identity', /Look at the agent identity that agentIdentityId names/],
    [
      3,
      65001,
      'agent’s user',
      /Consent is missing: grant the agent identity vso\.pats.*oauth2PermissionGrants/,
    ],
    [3, 50034, 'agent’s user', /account of the agent's user does not work/],
    [3, 500208, 'agent’s user', /agent's user is not known in this tenant/],
    [3, 999999, 'agent’s user', /Look at the agent's user that agentUser names/],
  ] as const) {
    it(`whose step ${step} is refused with AADSTS${code} says so of the ${name}, and goes no further`, async () => {
      const { federation, world } = stageOf();
      const usual = Array.from({ length: step - 1 }, () => (go: () => Reply) => go());
      federation.next('entra', ...usual, () => refusal(code, 'No.', 'invalid_grant'));
      const { message } = await failureOf(() => issuePat(world), 'entra-refused');
      assert.match(message, new RegExp(`refused the ${name.replace('’', "'")}, step ${step} of 3`));
      assert.match(message, advice);
      assert.doesNotMatch(message, /refresh token is|sign the issuing user in anew|client secret/);
      assert.deepEqual(requestsOf(world), ['oidc', ...Array.from({ length: step }, () => 'entra')]);
    });
  }

  it('that has no licence in Azure DevOps is told that by Azure DevOps, after Entra let it in', async () => {
    const { world } = stageOf();
    world.service.next(
      'create',
      errorMessage(401, "TF400813: The user 'job-pat@contoso.com' is not authorized."),
    );
    const { message } = await failureOf(() => issuePat(world));
    assert.match(message, /TF400813.*access level Basic.*agent's user/s);
  });

  it('whose blueprint trusts somebody else shows what to trust, by a command of Graph', async () => {
    const { federation, world } = stageOf();
    federation.trusted = [];
    const { message } = await failureOf(() => issuePat(world), 'entra-refused');
    assert.ok(message.includes(`issuer: ${FORMS.vstoken.iss}\nsubject: ${FORMS.vstoken.sub}\n`));
    assert.match(
      message,
      new RegExp(
        `\naz rest --method POST --url "https://graph.microsoft.com/beta/applications\\(appId='${BLUEPRINT}'\\)/federatedIdentityCredentials" `,
      ),
    );
  });

  it('comes back where Entra is busy in the middle, without a step that was done', async () => {
    const { federation, world } = stageOf();
    federation.next('entra', usual => usual(), unavailable(503, 2));
    await issuePat(world);
    assert.deepEqual(requestsOf(world).slice(0, 5), ['oidc', 'entra', 'entra', 'entra', 'entra']);
  });

  it('has nothing to renew, and the step succeeds without a request', async () => {
    const state = federatedState(agentUserStep({ variables: { 'System.OidcRequestUri': '' } }));
    const inputs = { ...defaultInputs('RenewPatIssuer'), patIssuer: CONNECTION };
    const { world } = stageOf();
    const renewal = new World(new MemoryAgent({ ...state, inputs }), world.service);
    await renewPatIssuer(renewal.effects);
    assert.match(renewal.agent.lines('info').join(), /nothing to renew/);
    assert.deepEqual(requestsOf(renewal), []);
  });
});

describe('The record of an agent’s user', () => {
  withoutNetwork();

  /** The post-job stage of a step that left these task variables. */
  function postJob(
    { federation, world }: Federated,
    taskVariables: Record<string, string>,
    step: Step = {},
  ): World {
    const kept = { ...Object.fromEntries(world.agent.taskVariables), ...taskVariables };
    const stage = federatedStage(
      agentUserStep({ ...step, inputs: { validFor: '4h' }, taskVariables: kept }),
      federation,
      world.service,
    );
    stage.world.service.requests.length = 0;
    return stage.world;
  }

  it('is sealed with what the first sign-in gave, and revoked with it', async () => {
    const stage = await issued();
    const post = postJob(stage, {});
    assert.equal(await afterJob(post), undefined);
    assert.deepEqual(requestsOf(post), ['DELETE']);
    assert.deepEqual(post.agent.lines('warning'), []);
  });

  for (const [what, kept] of [
    ['lost', { 'JobPat.EntraToken': '', 'JobPat.EntraTokenExpires': '' }],
    ['another one', { 'JobPat.EntraToken': 'somebody-elses-token' }],
  ] as const) {
    it(`where that is ${what} is good for the PATs of this job, by their names and not by their ids`, async () => {
      const stage = await issued();
      const post = postJob(stage, kept);
      assert.equal(await afterJob(post), undefined);
      assert.equal(stage.world.service.alive.size, 0);
      assert.ok(post.service.operations.includes('list'), 'it was looked for by its name');
      assert.match(post.agent.lines('warning').join(), /only PATs whose names carry this run and job/);
    });
  }

  it('that names PATs of another job, and ids of others, leads to none of them', async () => {
    const stage = await issued();
    const [own] = patsOn(stage.world.agent.taskVariables.get('JobPat.Record'));
    const { service } = stage.world;
    const victims = [
      service.add('Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4712/12f1170f/0000aaaa'),
      service.add('Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/99f1170f/0000aaaa'),
      service.add('mirror job-pat:rotated/0000aaaa/0000bbbb'),
      service.add('A PAT of a person'),
    ];
    const entry = { ...own, authorizationId: victims[3]?.authorizationId };
    const named = victims.map(({ displayName, authorizationId }) => ({
      ...own,
      displayName,
      authorizationId,
    }));
    const variables = stage.world.agent.variable('System.TaskInstanceId') ?? '';
    const forged = sealed(
      { pats: [entry, ...named] },
      { secret: 'whatever', step: { variables: { 'System.TaskInstanceId': variables } } },
    );
    const post = postJob(stage, { 'JobPat.Record': forged, 'JobPat.EntraToken': '' });
    await afterJob(post);
    const alive = [...service.alive.values()].map(({ displayName }) => displayName);
    assert.deepEqual(
      alive,
      victims.map(({ displayName }) => displayName),
    );
  });

  it('of another step counts as none, and its PATs are named', async () => {
    const stage = await issued();
    const post = postJob(
      stage,
      { 'JobPat.EntraToken': '' },
      { variables: { 'System.TaskInstanceId': 'another' } },
    );
    const outcome = await afterJob(post);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /was sealed in another run, job or step/);
    assert.deepEqual(requestsOf(post), []);
  });

  it('is revoked as the user of the main stage, whatever the connection says by then', async () => {
    const stage = await issued();
    stage.world.clock.pass(120 * MINUTES);
    const post = postJob(stage, {}, { fields: { agentUser: 'mallory@contoso.com' } });
    post.clock.pass(120 * MINUTES);
    assert.equal(await afterJob(post), undefined);
    assert.equal(stage.federation.forms.at(-1)?.['username'], 'job-pat@contoso.com');
    assert.equal(stage.world.service.alive.size, 0);
  });

  it('of an attempt before is ended first, whose sign-in is another one by then', async () => {
    const stage = await issued();
    const again = postJob(stage, {});
    await issuePat(again);
    assert.equal(stage.world.service.alive.size, 1);
    assert.equal(stage.world.service.made.length, 2);
  });
});

describe('The editor of a connection', () => {
  const manifest = asObject(parseJson(readFileSync(join(root, 'vss-extension.json'), 'utf8')));

  it('offers the scheme without a secret, and calls it a preview', () => {
    const text = JSON.stringify(manifest);
    assert.match(text, /endpoint-auth-scheme-none","displayName":"[^"]*\(preview\)"/);
    for (const id of ['clientProof', 'agentIdentityId', 'agentUser'])
      assert.match(text, new RegExp(`"id":"${id}","name":`));
  });
});
