import assert from 'node:assert/strict';
import { findSpecs } from '#emulator/contract';
import { fault, subjectDescriptorOf, type Pat } from '#emulator/index';
import { basic, bearer, jsonOf, objectsOf, read, useEmulator, type Json } from './client.js';
import { NO_DOCUMENTS, notHere } from '../../not-here.js';

describe('token administration in the emulator', () => {
  let headers: Record<string, string> = {};
  const emulator = useEmulator();
  beforeEach(() => {
    const user = emulator().entra.addUser({ displayName: 'Administrator', administrator: true });
    headers = bearer(emulator().entra.issueAccessToken({ user, scopes: ['user_impersonation'] }).value);
  });

  async function list(query: Record<string, string> = {}, user = emulator().entra.user): Promise<Response> {
    const search = new URLSearchParams({ 'api-version': '7.1', ...query });
    const path = `_apis/tokenadmin/personalaccesstokens/${subjectDescriptorOf(user)}?${search.toString()}`;
    return read(emulator(), path, headers);
  }

  async function page(query: Record<string, string> = {}): Promise<{ pats: Json[]; next: unknown }> {
    const response = await list(query);
    assert.equal(response.status, 200);
    const { value, continuationToken } = await jsonOf(response);
    return { pats: objectsOf(value), next: continuationToken };
  }

  async function revoke(body: unknown, query = 'api-version=7.1'): Promise<Response> {
    return fetch(`${emulator().organizationUrl('contoso')}/_apis/tokenadmin/revocations?${query}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  function request(pats: readonly Pick<Pat, 'authorizationId'>[]): unknown {
    return pats.map(({ authorizationId }) => ({ authorizationId }));
  }

  describe('lists', () => {
    it('the PATs of one user in one organization, with what is valid of them, never a value', async () => {
      const [alive, dead] = emulator().pats.seed([
        { displayName: 'alive', scope: 'vso.code vso.build' },
        { displayName: 'dead', revoked: true },
        { organization: 'fabrikam' },
        { owner: emulator().entra.addUser() },
      ]);
      const { pats, next } = await page();
      assert.equal(next, null);
      // Moments of this API have no zone.
      for (const { validFrom, validTo } of pats)
        assert.match(`${String(validFrom)} ${String(validTo)}`, /^(?:\d{4}-\d\d-\d\dT[\d:.]+ ?){2}$/);
      assert.deepEqual(
        pats.map(pat => [pat['authorizationId'], pat['displayName'], pat['isValid'], pat['token']]),
        [
          [alive?.authorizationId, 'alive', true, null],
          [dead?.authorizationId, 'dead', false, null],
        ],
      );
      assert.deepEqual(
        [pats[0]?.['scope'], pats[0]?.['userId']],
        ['vso.code vso.build', emulator().entra.user.id],
      );
    });

    it('pages that stay valid when PATs are made and revoked between them', async () => {
      const seeded = emulator().pats.seed(45);
      const stop = emulator().on('arrival', ({ operation }) => {
        if (operation !== 'tokenadmin.list') return;
        emulator().pats.seed(1);
        for (const pat of emulator().pats.active().slice(0, 10)) emulator().pats.revoke(pat.authorizationId);
      });
      const ids = new Set<unknown>();
      const sizes = [];
      for (let token: unknown = ''; typeof token === 'string';) {
        const next = await page({ pageSize: '20', continuationToken: token });
        for (const pat of next.pats) ids.add(pat['authorizationId']);
        sizes.push(next.pats.length);
        token = next.next;
      }
      stop();
      assert.deepEqual(sizes, [20, 20, 8]);
      assert.ok(seeded.every(pat => ids.has(pat.authorizationId)));
    });

    it('twenty on a page unless told, and ends with null on a full page', async () => {
      emulator().pats.seed(20);
      const { pats, next } = await page();
      assert.deepEqual([pats.length, next], [20, null]);
    });

    it('nothing where SSH keys are asked for', async () => {
      emulator().pats.seed(3);
      assert.equal((await page({ isPublic: 'false' })).pats.length, 3);
      assert.equal((await page({ isPublic: 'true' })).pats.length, 0);
    });

    it('nothing for a bad descriptor, an unknown user, a bad page size or an invented token', async () => {
      const path = '_apis/tokenadmin/personalaccesstokens';
      const status = async (subject: string): Promise<number> =>
        (await read(emulator(), `${path}/${subject}?api-version=7.1`, headers)).status;
      assert.equal(await status('ada'), 400);
      assert.equal(await status('aad.xyz'), 404);
      const stranger = emulator().entra.addUser({ organizations: ['fabrikam'] });
      assert.equal((await list({}, stranger)).status, 404);
      for (const pageSize of ['0', '101', 'all'])
        assert.equal((await list({ pageSize })).status, 400, pageSize);
      const continuationToken = '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32';
      assert.equal((await list({ continuationToken })).status, 400);
      assert.equal((await list({ top: '3' })).status, 400);
    });
  });

  describe('revokes', () => {
    it('the PATs of any user, at once and only in this organization', async () => {
      const pats = emulator().pats.seed([
        {},
        { owner: emulator().entra.addUser() },
        { organization: 'fabrikam' },
        {},
      ]);
      const response = await revoke(request(pats.slice(0, 3)));
      assert.deepEqual([response.status, await response.text()], [204, '']);
      assert.deepEqual(
        pats.map(({ state }) => state),
        ['revoked', 'revoked', 'active', 'active'],
      );
    });

    it('the rest where some are revoked already or unknown', async () => {
      const pats = emulator().pats.seed([{ revoked: true }, {}]);
      const unknown = { authorizationId: '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32' };
      assert.equal((await revoke(request([unknown, ...pats]))).status, 204);
      assert.equal(emulator().pats.active().length, 0);
    });

    it('nothing at all when one id is bad, there is none, or there are too many', async () => {
      const pats = emulator().pats.seed(201);
      const bodies = [
        [...pats.slice(0, 2), { authorizationId: 'x' }],
        [...pats.slice(0, 2), {}],
        [],
        pats,
        pats[0]?.authorizationId,
        '{"authorizationId',
        { value: pats },
      ];
      for (const body of bodies) {
        const wire = Array.isArray(body) ? body.map(pat => ({ ...pat, value: undefined })) : body;
        assert.equal((await revoke(wire)).status, 400);
      }
      assert.equal(emulator().pats.active().length, 201);
      assert.equal((await revoke(request(pats.slice(1)))).status, 204);
      assert.equal(emulator().pats.active().length, 1);
    });

    it('no PAT where SSH keys are meant', async () => {
      const pats = emulator().pats.seed(1);
      assert.equal((await revoke(request(pats), 'api-version=7.1&isPublic=true')).status, 204);
      assert.equal(emulator().pats.active().length, 1);
    });
  });

  it('is for administrators with the scope, by Entra token or PAT, and for nobody else', async () => {
    const { entra, pats } = emulator();
    const administrator = entra.addUser({ administrator: true });
    const guest = entra.addUser({ administrator: true, organizations: ['fabrikam'] });
    const [allowed, narrow, ordinary] = pats.seed([
      { owner: administrator, scope: 'vso.tokenadministration' },
      { owner: administrator, scope: 'vso.tokens' },
      { scope: 'vso.tokenadministration' },
    ]);
    const token = (user: typeof guest, scope = 'user_impersonation'): Record<string, string> =>
      bearer(entra.issueAccessToken({ user, scopes: [scope] }).value);
    const callers: readonly [Record<string, string>, number][] = [
      [token(administrator), 200],
      [token(administrator, 'vso.tokenadministration'), 200],
      [basic(allowed?.value ?? ''), 200],
      [token(administrator, 'vso.pats_manage'), 401],
      [basic(narrow?.value ?? ''), 401],
      [basic(ordinary?.value ?? ''), 401],
      [token(entra.user), 401],
      [token(guest), 401],
      [bearer(emulator().jobs.issueToken({ organization: 'contoso' }).value), 401],
      [{}, 203],
    ];
    for (const [index, [credential, expected]] of callers.entries()) {
      headers = credential;
      assert.equal((await list()).status, expected, `caller ${index}`);
      const victims = pats.seed(1);
      assert.equal(
        (await revoke(request(victims))).status,
        expected === 200 ? 204 : expected,
        `caller ${index}`,
      );
      assert.equal(victims[0]?.state, expected === 200 ? 'revoked' : 'active', `caller ${index}`);
    }
  });

  it('is released as 7.1 and a preview in 7.2', async () => {
    for (const [version, expected] of [
      ['7.1', 200],
      ['7.1-preview.1', 200],
      ['7.2-preview.1', 200],
      ['7.2', 400],
    ] as const)
      assert.equal((await list({ 'api-version': version })).status, expected, version);
  });

  it('can be spoilt by faults', async () => {
    const pats = emulator().pats.seed(1);
    emulator().faults.add('tokenadmin.revoke', fault.resetAfter());
    await assert.rejects(revoke(request(pats)));
    assert.equal(pats[0]?.state, 'revoked');
    emulator().faults.add('tokenadmin', fault.huge(1000));
    assert.match(await (await list()).text(), /^\{"padding"/);
    assert.equal(emulator().requestsOf('tokenadmin').length, 2);
  });

  describe('compared with the OpenAPI documents', () => {
    before(function () {
      if (findSpecs(undefined) === undefined) notHere(this, NO_DOCUMENTS);
    });

    it('has nothing against a list and a revocation, in each version', async () => {
      const pats = emulator().pats.seed([{}, { revoked: true }, {}]);
      for (const version of ['7.1', '7.2-preview.1']) {
        await list({ 'api-version': version, pageSize: '2', isPublic: 'false' });
        await list({ 'api-version': version, continuationToken: pats[0]?.authorizationId ?? '' });
        await revoke(request(pats), `api-version=${version}&isPublic=false`);
      }
      assert.deepEqual(emulator().violations, []);
    });

    for (const [what, body, problem] of [
      ['an unknown field', [{ authorizationId: '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32', id: 1 }], /"id"/],
      ['an id that is none', [{ authorizationId: 'x' }], /authorizationId must match format/],
      ['an object in place of a list', { authorizationId: 'x' }, /must be array/],
    ] as const) {
      it(`notes ${what}`, async () => {
        await revoke(body);
        assert.deepEqual(
          emulator().violations.map(({ operation, side }) => [operation, side]),
          [['tokenadmin.revoke', 'request']],
        );
        assert.match(emulator().violations[0]?.problem ?? '', problem);
      });
    }

    it('notes a query parameter that it does not know, and a page size that is none', async () => {
      await list({ $top: '3' });
      await list({ pageSize: 'all' });
      assert.deepEqual(
        emulator().violations.map(({ problem }) => /\$top|pageSize must be integer/.test(problem)),
        [true, true],
      );
    });
  });
});
