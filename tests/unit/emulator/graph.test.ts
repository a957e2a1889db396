import assert from 'node:assert/strict';
import { fault, subjectDescriptorOf } from '#emulator/index';
import { basic, bearer, jsonOf, objectOf, objectsOf, read, useEmulator, type Json } from './client.js';

describe('the Graph API of the emulator', () => {
  const emulator = useEmulator();

  async function users(query = ''): Promise<{ users: Json[]; next: string | null }> {
    const response = await read(emulator(), `_apis/graph/users?api-version=7.1-preview.1${query}`);
    assert.equal(response.status, 200);
    const { value, count } = await jsonOf(response);
    const found = objectsOf(value);
    assert.equal(count, found.length);
    return { users: found, next: response.headers.get('x-ms-continuationtoken') };
  }

  async function descriptor(storageKey: string): Promise<Response> {
    return read(emulator(), `_apis/graph/descriptors/${storageKey}?api-version=7.1`);
  }

  it('lists the members of an organization with all that tells them apart', async () => {
    const { entra } = emulator();
    const ada = entra.addUser({
      displayName: 'Ada',
      principalName: 'ada@contoso.example',
      mailAddress: 'ada.l@contoso.example',
    });
    entra.addUser({ displayName: 'Stranger', organizations: ['fabrikam'] });
    const { users: found, next } = await users();
    assert.equal(next, null);
    assert.deepEqual(
      found.map(user => user['displayName']),
      ['PAT issuer', 'Ada', 'Project Collection Build Service (contoso)'],
    );
    const shown = found[1];
    assert.match(String(shown?.['descriptor']), /^aad\.[A-Za-z0-9_-]{48}$/);
    assert.deepEqual(
      {
        ...shown,
        descriptor: undefined,
        url: undefined,
        _links: undefined,
      },
      {
        subjectKind: 'user',
        metaType: 'member',
        directoryAlias: 'ada',
        domain: entra.tenantId,
        principalName: 'ada@contoso.example',
        mailAddress: 'ada.l@contoso.example',
        origin: 'aad',
        originId: ada.id,
        displayName: 'Ada',
        descriptor: undefined,
        url: undefined,
        _links: undefined,
      },
    );
  });

  it('lists subjects of the types asked for', async () => {
    emulator().entra.addUser({ displayName: 'Private', origin: 'msa' });
    const names = async (types: string): Promise<unknown[]> =>
      (await users(`&subjectTypes=${types}`)).users.map(user => user['displayName']);
    assert.deepEqual(await names('aad,msa'), ['PAT issuer', 'Private']);
    assert.deepEqual(await names('msa'), ['Private']);
    assert.deepEqual(await names('svc'), ['Project Collection Build Service (contoso)']);
    assert.deepEqual(await names('vsg'), []);
  });

  it('gives pages, whose token is in a header, also when somebody joins meanwhile', async () => {
    emulator().manners.usersPerPage = 2;
    for (let index = 0; index < 3; index += 1) emulator().entra.addUser();
    const ids = new Set<unknown>();
    let pages = 0;
    for (let token: string | null = ''; token !== null; pages += 1) {
      const page = await users(`&subjectTypes=aad&continuationToken=${token}`);
      for (const user of page.users) ids.add(user['originId']);
      if (pages === 0) emulator().entra.addUser();
      token = page.next;
    }
    assert.deepEqual([pages, ids.size], [3, 5]);
  });

  it('refuses an invented token', async () => {
    const path = '_apis/graph/users?api-version=7.1-preview.1&continuationToken=x';
    assert.equal((await read(emulator(), path)).status, 400);
  });

  it('tells the descriptor of a storage key, which is not made of it', async () => {
    const { user } = emulator().entra;
    const response = await descriptor(user.id.toUpperCase());
    const { value } = await jsonOf(response);
    assert.equal(value, (await users()).users[0]?.['descriptor']);
    assert.notEqual(Buffer.from(String(value).slice(4), 'base64url').toString(), user.id);
    const { authenticatedUser } = await jsonOf(await read(emulator(), '_apis/connectionData'));
    assert.equal(objectOf(authenticatedUser)['subjectDescriptor'], value);
  });

  it('refuses a storage key that is nobody’s here', async () => {
    const stranger = emulator().entra.addUser({ organizations: ['fabrikam'] });
    for (const key of ['x', '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32', stranger.id]) {
      const response = await descriptor(key);
      assert.deepEqual(
        [response.status, (await jsonOf(response))['typeKey']],
        [400, 'InvalidGetDescriptorRequestException'],
      );
    }
  });

  it('lists users in a preview only, and tells descriptors in a released version', async () => {
    const status = async (path: string): Promise<number> => (await read(emulator(), path)).status;
    assert.equal(await status('_apis/graph/users?api-version=7.1'), 400);
    const { id } = emulator().entra.user;
    assert.equal(await status(`_apis/graph/descriptors/${id}?api-version=7.2-preview.1`), 200);
    assert.equal(await status(`_apis/graph/descriptors/${id}`), 400);
  });

  it('wants vso.graph, directly or by inheritance', async () => {
    const path = '_apis/graph/users?api-version=7.1-preview.1';
    const pats = emulator().pats.seed([
      { scope: 'vso.graph' },
      { scope: 'vso.graph_manage' },
      { scope: 'vso.tokenadministration' },
    ]);
    const usual = bearer(emulator().entra.issueAccessToken().value);
    const headers = [...pats.map(pat => basic(pat.value)), usual, {}];
    const statuses = await Promise.all(
      headers.map(async header => (await read(emulator(), path, header)).status),
    );
    assert.deepEqual(statuses, [200, 200, 401, 401, 203]);
  });

  it('can be spoilt by faults', async () => {
    emulator().faults.add('graph.users', fault.throttled(1));
    emulator().faults.add('graph', fault.unauthorized());
    const path = '_apis/graph/users?api-version=7.1-preview.1';
    assert.equal((await read(emulator(), path)).status, 429);
    assert.equal((await descriptor(emulator().entra.user.id)).status, 401);
    assert.equal(emulator().requestsOf('graph').length, 2);
  });

  it('tells whether a member is active', async () => {
    const { entra } = emulator();
    const state = async (descriptor: string) =>
      read(emulator(), `_apis/graph/membershipstates/${descriptor}?api-version=7.1-preview.1`);
    for (const active of [true, false]) {
      const descriptor = subjectDescriptorOf(entra.addUser({ active }));
      assert.equal((await jsonOf(await state(descriptor)))['active'], active);
    }
    assert.equal((await state('aad.nobody')).status, 404);
  });
});
