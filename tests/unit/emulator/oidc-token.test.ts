import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { getBearerHandler, WebApi } from 'azure-devops-node-api';
import { fault } from '#emulator/index';
import { jsonOf, objectOf, objectsOf, useEmulator, type Json } from './client.js';
import { askForOidcToken, connection, job, oidcToken, place, startJob } from './proving-job.js';

function partsOf(token: string): [header: Json, claims: Json] {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string): Json => objectOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  return [read(header), read(claims)];
}

describe('The emulator gives the OIDC token of a service connection', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const organizationId = async (): Promise<unknown> => {
    const token = emulator().entra.issueAccessToken().value;
    const response = await fetch(`${emulator().url}/contoso/_apis/connectionData`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return (await jsonOf(response))['instanceId'];
  };

  it('with the names of organization, project and connection as its subject, for five minutes', async () => {
    const [header, claims] = partsOf(await oidcToken(emulator()));
    const seconds = now.getTime() / 1000;
    assert.equal(header['alg'], 'RS256');
    assert.deepEqual(
      { ...claims, jti: typeof claims['jti'] },
      {
        jti: 'string',
        sub: 'sc://contoso/Our project/PAT issuer',
        aud: 'api://AzureADTokenExchange',
        iss: `https://vstoken.dev.azure.com/${String(await organizationId())}`,
        nbf: seconds - 600,
        iat: seconds,
        exp: seconds + 300,
      },
    );
  });

  it('with ids alone where Entra signs it', async () => {
    emulator().oidc.provider = 'entra';
    const [, claims] = partsOf(await oidcToken(emulator()));
    assert.equal(claims['iss'], `https://login.microsoftonline.com/${emulator().entra.tenantId}/v2.0`);
    // The application id of Azure DevOps, in the order of bytes and the alphabet that Entra writes.
    assert.match(
      String(claims['sub']),
      new RegExp(
        `^/eid1/c/pub/t/[\\w-]{22}/a/rISbSSETf0KqFyZ8ppdXmA/sc/${String(await organizationId())}/${connection.id}$`,
      ),
    );
  });

  for (const provider of ['vstoken', 'entra'] as const) {
    it(`signed with a key that ${provider} publishes`, async () => {
      emulator().oidc.provider = provider;
      const token = await oidcToken(emulator());
      const [{ kid }, { iss }] = partsOf(token);
      const path = new URL(String(iss)).pathname;
      const known = await jsonOf(await fetch(`${emulator().url}${path}/.well-known/openid-configuration`));
      const keys = objectsOf((await jsonOf(await fetch(String(known['jwks_uri']))))['keys']);
      const key = keys.find(candidate => candidate['kid'] === kid);
      const { n, e } = key ?? {};
      const publicKey = createPublicKey({ key: { kty: 'RSA', n: String(n), e: String(e) }, format: 'jwk' });
      const [content, signature] = [token.slice(0, token.lastIndexOf('.')), token.split('.')[2] ?? ''];
      const signed = Buffer.from(signature, 'base64url');
      assert.ok(verify('sha256', Buffer.from(content), publicKey, signed));
      assert.ok(!verify('sha256', Buffer.from(`${content}x`), publicKey, signed));
    });
  }

  it('of the pipeline as a whole where no connection is named', async () => {
    const [, claims] = partsOf(await oidcToken(emulator(), 'api-version=7.1'));
    assert.equal(claims['sub'], 'p://contoso/Our project/nightly');
    assert.equal(typeof claims['org_id'], 'string');
  });

  it('not for a connection that no step of the job names', async () => {
    const foreign = 'aaaaaaaa-2222-4333-8444-555555555555';
    const response = await askForOidcToken(emulator(), {
      query: `api-version=7.1&serviceConnectionId=${foreign}`,
    });
    assert.equal(response.status, 403);
    const value = `There is no explicit reference to service connection ${foreign} from current stage Build.Job.__default.`;
    assert.deepEqual(await jsonOf(response), { count: value.length, value });
    emulator().manners.foreignConnection = 404;
    const again = await askForOidcToken(emulator(), {
      query: `api-version=7.1&serviceConnectionId=${foreign}`,
    });
    assert.equal(again.status, 404);
  });

  it('not at the place of another job, nor in another organization', async () => {
    const token = startJob(emulator());
    for (const path of [
      `contoso/${place.replace(job.jobId, 'aaaaaaaa-54f2-53f3-20dd-22fc7dff55f9')}`,
      `contoso/${place.replace(job.planId, 'aaaaaaaa-54f2-53f3-20dd-22fc7dff55f9')}`,
      `contoso/${place.replace('hubs/build', 'hubs/release')}`,
      `contoso/${place.replace(job.project.id, 'sample')}`,
    ])
      assert.equal((await askForOidcToken(emulator(), { token, path })).status, 404, path);
    assert.equal((await askForOidcToken(emulator(), { token, path: `fabrikam/${place}` })).status, 401);
    assert.deepEqual(emulator().oidc.issued, []);
  });

  it('to nobody but the job, while its token lives', async () => {
    const { entra } = emulator();
    const token = startJob(emulator(), job, 60);
    assert.equal((await askForOidcToken(emulator(), { token })).status, 200);
    now = new Date(now.getTime() + 61_000);
    assert.equal((await askForOidcToken(emulator(), { token })).status, 401);
    const user = entra.issueAccessToken({ scopes: ['user_impersonation'] }).value;
    assert.equal((await askForOidcToken(emulator(), { token: user })).status, 401);
    const app = entra.issueAccessToken({ servicePrincipal: true }).value;
    assert.equal((await askForOidcToken(emulator(), { token: app })).status, 401);
    assert.equal((await askForOidcToken(emulator(), { token: 'made-up' })).status, 401);
  });

  it('to no request without a version or with an id that is none', async () => {
    const id = `serviceConnectionId=${connection.id}`;
    assert.equal((await askForOidcToken(emulator(), { query: id })).status, 400);
    assert.equal((await askForOidcToken(emulator(), { query: `api-version=9.9&${id}` })).status, 400);
    const noId = 'api-version=7.1&serviceConnectionId=x';
    assert.equal((await askForOidcToken(emulator(), { query: noId })).status, 400);
  });

  it("to Microsoft's own client, as its tasks for Azure ask", async () => {
    const { hub, planId, jobId, project } = job;
    const client = new WebApi(emulator().organizationUrl('contoso'), getBearerHandler(startJob(emulator())));
    const tasks = await client.getTaskApi();
    const { oidcToken: given } = await tasks.createOidcToken(
      {},
      project.id,
      hub,
      planId,
      jobId,
      connection.id,
    );
    assert.equal(partsOf(given ?? '')[1]['sub'], 'sc://contoso/Our project/PAT issuer');
    await assert.rejects(
      tasks.createOidcToken({}, project.id, hub, planId, jobId, 'aaaaaaaa-2222-4333-8444-555555555555'),
      { statusCode: 403 },
    );
  });

  it('in place of another one that a test wants', async () => {
    const { oidc, faults } = emulator();
    const other = oidc.issue({ connection: { id: connection.id, name: 'Another' }, expiresInSeconds: -1 });
    faults.add('oidctoken', fault.oidcToken(other.value));
    faults.add('oidctoken', fault.noOidcToken());
    assert.equal(partsOf(await oidcToken(emulator()))[1]['sub'], 'sc://contoso/sample/Another');
    assert.equal((await jsonOf(await askForOidcToken(emulator())))['oidcToken'], null);
    assert.equal(partsOf(await oidcToken(emulator()))[1]['sub'], 'sc://contoso/Our project/PAT issuer');
  });
});
