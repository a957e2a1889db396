import assert from 'node:assert/strict';
import {
  CONNECTION,
  federatedStage,
  FORMS,
  JOB_TOKEN,
  later,
  PLACE,
  requestsOf,
} from './federation-service.js';
import { afterJob, issuePat } from './issue-pat.js';
import { connection, failureOf, REFRESH_TOKEN, withoutNetwork, type Step } from './world.js';

const MINUTES = 60_000;

describe('A connection with clientProof federation', () => {
  withoutNetwork();

  for (const form of ['vstoken', 'entra'] as const) {
    it(`signs in with the refresh token and its OIDC token, whose issuer is ${form}`, async () => {
      const step = federatedStage();
      const { federation, world } = step;
      federation.claims = { ...FORMS[form], aud: 'api://AzureADTokenExchange' };
      await issuePat(world);
      assert.deepEqual(requestsOf(step.world), ['oidc', 'entra', 'POST', 'GET']);
      assert.deepEqual(federation.forms[0], {
        grant_type: 'refresh_token',
        client_id: connection.fields.clientId,
        refresh_token: REFRESH_TOKEN,
        scope:
          '499b84ac-1321-427f-aa17-267ca6975798/vso.pats 499b84ac-1321-427f-aa17-267ca6975798/vso.pats_manage offline_access',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: federation.assertions[0],
      });
      assert.equal(world.service.alive.size, 1);
    });
  }

  it('asks the place of the run for it with the token of the job, naming the connection', async () => {
    const { federation, world } = federatedStage();
    await issuePat(world);
    const [asked] = federation.asked;
    assert.equal(asked?.url.href, `${PLACE}?api-version=7.1&serviceConnectionId=${CONNECTION}`);
    assert.equal(asked.headers['authorization'], `Bearer ${JOB_TOKEN}`);
    assert.equal(asked.headers['x-tfs-fedauthredirect'], 'Suppress');
  });

  it('needs three requests to issue without verify, and one to revoke while the sign-in lives', async () => {
    const step = federatedStage({ inputs: { verify: 'false' } });
    await issuePat(step.world);
    assert.deepEqual(requestsOf(step.world), ['oidc', 'entra', 'POST']);
    const post = { ...step, world: later(step) };
    assert.equal(await afterJob(post.world), undefined);
    assert.deepEqual(requestsOf(post.world), ['DELETE']);
  });

  it('signs in once for several organizations', async () => {
    const step = federatedStage({
      inputs: { organization: 'contoso, fabrikam', verify: 'false' },
      fields: { allowedOrganizations: 'contoso fabrikam' },
    });
    await issuePat(step.world);
    assert.deepEqual(requestsOf(step.world), ['oidc', 'entra', 'POST', 'POST']);
  });

  it('may be for another organization than that of the run', async () => {
    const { federation, world } = federatedStage({ url: 'https://dev.azure.com/fabrikam' });
    await issuePat(world);
    assert.equal(federation.asked[0]?.url.pathname.split('/')[1], 'contoso');
    assert.equal(world.service.made[0]?.organization, 'fabrikam');
  });

  it('asks for a new token in a post-job stage that has to sign in again', async () => {
    const step = federatedStage({ inputs: { validFor: '4h' } });
    await issuePat(step.world);
    step.world.clock.pass(120 * MINUTES);
    const post = { ...step, world: later(step) };
    assert.equal(await afterJob(post.world), undefined);
    assert.deepEqual(requestsOf(post.world), ['oidc', 'entra', 'DELETE']);
    assert.notEqual(step.federation.assertions[0], step.federation.assertions[1]);
    assert.equal(step.world.service.alive.size, 0);
  });

  it('goes by the place of the main stage, whatever a step of the job made of the variable since', async () => {
    const variables: Record<string, string> = {};
    const step = federatedStage({ inputs: { validFor: '4h' }, variables });
    await issuePat(step.world);
    const { taskVariables } = step.world.agent;
    const forged = federatedStage(
      {
        inputs: { validFor: '4h' },
        variables: { 'System.OidcRequestUri': 'https://evil.example/oidctoken' },
        taskVariables: Object.fromEntries(taskVariables),
      },
      step.federation,
      step.world.service,
    );
    forged.world.clock.pass(120 * MINUTES);
    assert.equal(await afterJob(forged.world), undefined);
    assert.deepEqual(requestsOf(forged.world), ['oidc', 'entra', 'DELETE']);
  });

  it('masks the token, its claims and its signature before anything else, and shows and keeps none', async () => {
    const step = federatedStage({ inputs: { validFor: '4h' } });
    const { federation, world } = step;
    await issuePat(world);
    const [token = ''] = federation.assertions;
    const [, claims = '', signature = ''] = token.split('.');
    const { events } = world.agent;
    const answer = events.findIndex(({ kind }) => kind === 'answer');
    assert.deepEqual(
      events.slice(answer + 1, answer + 4).map(event => (event.kind === 'mask' ? event.secret : event.kind)),
      [token, claims, signature],
    );
    const kept = JSON.stringify(events.filter(({ kind }) => kind !== 'mask'));
    for (const part of [token, claims, signature, Buffer.from(token).toString('base64')])
      assert.ok(!kept.includes(part));
  });

  const complaints: readonly (readonly [what: string, step: Step, message: RegExp])[] = [
    ['another proof', { fields: { clientProof: 'secret' } }, /clientProof: "secret" is not a proof/],
    ['another case', { fields: { clientProof: 'Federation' } }, /clientProof: "Federation" is not a proof/],
    [
      'a blank behind it',
      { fields: { clientProof: 'federation ' } },
      /clientProof: "federation " is not a proof/,
    ],
    ['a blank alone', { fields: { clientProof: ' ' } }, /clientProof: " " is not a proof/],
    [
      'a stored client secret',
      { secrets: { clientSecret: 'x' } },
      /clientSecret: .*Remove the client secret/,
    ],
    [
      'no place for tokens',
      { variables: { 'System.OidcRequestUri': '' } },
      /System\.OidcRequestUri is empty.*no sign-in without this proof/,
    ],
    [
      'a place in another organization',
      { variables: { 'System.OidcRequestUri': PLACE.replace('contoso', 'fabrikam') } },
      /does not belong to "https:\/\/dev\.azure\.com\/contoso\/"/,
    ],
    [
      'a place of another API',
      { variables: { 'System.OidcRequestUri': PLACE.replace('oidctoken', 'logs') } },
      /is not where it gives tokens/,
    ],
    [
      'no token of the job',
      { variables: { 'System.AccessToken': '' } },
      /did not hand over the token of the job/,
    ],
  ];
  for (const [what, step, message] of complaints) {
    it(`with ${what} fails before any request`, async () => {
      const stage = federatedStage(step);
      const failure = await failureOf(() => issuePat(stage.world), 'connection-not-usable');
      assert.match(failure.message, message);
      assert.deepEqual(requestsOf(stage.world), []);
    });
  }

  it('may hold an empty client secret, and fields of an agent’s user', async () => {
    const { world } = federatedStage({
      secrets: { clientSecret: '' },
      fields: { agentUser: 'nobody', agentIdentityId: 'x' },
    });
    await issuePat(world);
    assert.equal(world.service.alive.size, 1);
  });

  it('drops a query and a fragment that stand in the variable', async () => {
    const { federation, world } = federatedStage({
      variables: { 'System.OidcRequestUri': ` ${PLACE}?serviceConnectionId=other&x=1#y ` },
    });
    await issuePat(world);
    assert.equal(federation.asked[0]?.url.search, `?api-version=7.1&serviceConnectionId=${CONNECTION}`);
  });
});
