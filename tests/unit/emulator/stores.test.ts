import assert from 'node:assert/strict';
import { jsonOf, objectOf, useEmulator, type Json } from './client.js';
import { connection, oidcToken } from './proving-job.js';

/** Variable groups, service connections and secrets, as clients of Azure DevOps and Azure see them. */
describe('The emulator keeps', () => {
  const emulator = useEmulator();

  const call = async (
    path: string,
    { method = 'GET', body, token }: { method?: string; body?: unknown; token?: string } = {},
  ) => {
    const bearer = token ?? emulator().jobs.issueToken({ organization: 'contoso' }).value;
    return fetch(`${emulator().url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const listed = async (path: string): Promise<Json[]> => {
    const { value } = await jsonOf(await call(path));
    assert.ok(Array.isArray(value));
    return value.map(objectOf);
  };
  const groups = '/contoso/sample/_apis/distributedtask/variablegroups';
  const connections = '/contoso/sample/_apis/serviceendpoint/endpoints';
  const version = 'api-version=7.1';

  it('secrets of a variable group to itself, and through an update that sends them as null', async () => {
    emulator().variableGroups.add({
      name: 'deploy',
      variables: { A: { value: '1' }, S: { value: 'secret', isSecret: true } },
    });
    const [entry = {}] = await listed(`${groups}?groupName=deploy&${version}`);
    assert.equal(entry['variableGroupProjectReferences'], null, 'A list does not tell the projects.');
    const group = await jsonOf(await call(`${groups}/${String(entry['id'])}?${version}`));
    assert.deepEqual(group['variables'], { A: { value: '1' }, S: { value: null, isSecret: true } });
    const variables = { S: { value: null, isSecret: true }, B: { value: '2' } };
    const answer = await call(
      `/contoso/_apis/distributedtask/variablegroups/${String(group['id'])}?${version}`,
      {
        method: 'PUT',
        body: { ...group, variables },
      },
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(emulator().variableGroups.get('deploy').variables, {
      S: { value: 'secret', isSecret: true },
      B: { value: '2' },
    });
  });

  it('variable groups from those who may not see or change them', async () => {
    const group = emulator().variableGroups.add({ name: 'deploy' });
    const put = {
      method: 'PUT',
      body: {
        name: 'deploy',
        variables: {},
        variableGroupProjectReferences: [{ name: 'deploy', projectReference: { name: 'sample' } }],
      },
    };
    const url = `/contoso/_apis/distributedtask/variablegroups/${group.id}?${version}`;
    group.roles = { buildService: 'reader', people: 'administrator' };
    assert.equal((await call(url, put)).status, 403);
    group.roles = { buildService: 'none', people: 'administrator' };
    assert.equal((await call(url, put)).status, 404);
    assert.deepEqual(await listed(`${groups}?groupName=deploy&${version}`), []);
  });

  it('an update of a variable group that names no project from being made', async () => {
    const group = emulator().variableGroups.add({ name: 'deploy' });
    const body = { name: 'deploy', variables: {} };
    const url = `/contoso/_apis/distributedtask/variablegroups/${group.id}?${version}`;
    assert.equal((await call(url, { method: 'PUT', body })).status, 401);
    const byId = [{ name: 'deploy', projectReference: { id: group.references[0]?.project.id } }];
    const unnamed = { ...body, variableGroupProjectReferences: byId };
    const answer = await call(url, { method: 'PUT', body: unnamed });
    assert.equal(answer.status, 400);
    assert.match(String((await jsonOf(answer))['message']), /^Project information name is not valid/);
  });

  it('silent about a variable group that is not there: 200, and null', async () => {
    const answer = await call(`${groups}/4711?${version}`);
    assert.deepEqual([answer.status, await answer.json()], [200, null]);
  });

  it('secrets of a service connection to itself, left out of lists and null in details', async () => {
    const saved = emulator().connections.add({
      name: 'Feed',
      scheme: 'UsernamePassword',
      parameters: { username: 'u', password: 'p' },
    });
    const [entry = {}] = await listed(`${connections}?endpointNames=feed&${version}`);
    assert.deepEqual(objectOf(entry['authorization'])['parameters'], { username: 'u' });
    const details = await jsonOf(await call(`${connections}/${saved.id}?${version}`));
    assert.deepEqual(objectOf(details['authorization'])['parameters'], { username: 'u', password: null });
    const answer = await call(`/contoso/_apis/serviceendpoint/endpoints/${saved.id}?${version}`, {
      method: 'PUT',
      body: { ...details, description: 'new' },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(emulator().connections.get('Feed').parameters, { username: 'u', password: 'p' });
    assert.equal(emulator().connections.get('Feed').description, 'new');
  });

  it('a name of a service connection for one connection of a project', async () => {
    emulator().connections.add({ name: 'Feed' });
    const body = {
      name: 'feed',
      type: 'generic',
      url: 'https://example.com',
      authorization: { scheme: 'Token', parameters: { apitoken: 'x' } },
      serviceEndpointProjectReferences: [{ name: 'feed', projectReference: { name: 'sample' } }],
    };
    const answer = await call(`/contoso/_apis/serviceendpoint/endpoints?${version}`, {
      method: 'POST',
      body,
    });
    assert.equal(answer.status, 409);
  });

  it('versions of a secret, for a token that was made for key vaults', async () => {
    const { entra, keyVault, url } = emulator();
    keyVault.set('s', { value: 'one', tags: { a: 'b' } });
    const path = '/secrets/s?api-version=7.6';
    const refused = await call(path, { token: entra.issueAccessToken().value });
    assert.equal(refused.status, 401);
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      new RegExp(`authorization="${url}/${entra.tenantId}", resource="https://vault.azure.net"`),
    );
    const token = entra.issueAccessToken({
      servicePrincipal: true,
      audience: 'https://vault.azure.net',
    }).value;
    assert.equal((await jsonOf(await call(path, { token })))['value'], 'one');
    const set = await call(path, {
      token,
      method: 'PUT',
      body: { value: 'two', tags: {}, attributes: { exp: 2_000_000_000 } },
    });
    assert.equal(set.status, 200);
    assert.deepEqual(
      keyVault.versions('s').map(({ value }) => value),
      ['one', 'two'],
    );
    assert.equal((await call('/secrets/none?api-version=7.6', { token })).status, 404);
  });

  it('its trust for the token that Azure Pipelines made for a connection, and for no other', async () => {
    const { entra, url } = emulator();
    const assertion = await oidcToken(emulator());
    const redeem = (assertion: string) =>
      fetch(`${url}/${entra.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: entra.azure.clientId,
          scope: 'https://vault.azure.net/.default',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      });
    assert.equal((await redeem(assertion)).status, 200);
    assert.match(String((await jsonOf(await redeem('made-up')))['error_description']), /AADSTS50027/);
    entra.azure.trusted = [connection.id];
    assert.equal((await redeem(assertion)).status, 200);
    entra.azure.trusted = [];
    assert.match(String((await jsonOf(await redeem(assertion)))['error_description']), /AADSTS700213/);
  });
});
