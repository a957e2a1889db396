import assert from 'node:assert/strict';
import { fault, patTokenErrors } from '#emulator/index';
import {
  create,
  inOneHour,
  issue,
  jsonOf,
  objectOf,
  patApi,
  patRequest,
  useEmulator,
  type Json,
} from './client.js';

const start = new Date('2026-03-01T10:00:00Z');

describe('the PAT API of the emulator', () => {
  let now = start;
  beforeEach(() => {
    now = start;
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const validTo = '2026-03-01T11:00:00.319Z';

  async function reasonOf(response: Response): Promise<unknown> {
    assert.equal(response.status, 200);
    const { patToken, patTokenError } = await jsonOf(response);
    if (patTokenError !== 'none') assert.equal(patToken, null);
    return patTokenError;
  }

  describe('create', () => {
    it('answers like the published example, with the value', async () => {
      const response = await create(emulator(), { displayName: 'new_token', scope: 'app_token', validTo });
      const { patToken, patTokenError } = await jsonOf(response);
      const { token, authorizationId, targetAccounts, ...rest } = objectOf(patToken);
      assert.equal(
        response.headers.get('content-type'),
        'application/json; charset=utf-8; api-version=7.1-preview.1',
      );
      assert.equal(patTokenError, 'none');
      assert.deepEqual(rest, {
        displayName: 'new_token',
        scope: 'app_token',
        validFrom: '2026-03-01T10:00:00Z',
        validTo: '2026-03-01T11:00:00.32Z',
      });
      assert.match(String(token), /^[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}$/);
      assert.deepEqual(targetAccounts, [emulator().pats.list()[0]?.organization.id]);
      assert.equal(emulator().pats.find({ authorizationId: String(authorizationId) })?.value, token);
    });

    it('takes a name that another PAT has', async () => {
      await issue(emulator(), { validTo });
      await issue(emulator(), { validTo });
      assert.equal(emulator().pats.activeWithName('a job').length, 2);
    });

    it('takes 30 days where no end was asked for', async () => {
      await issue(emulator(), { validTo: undefined });
      assert.equal(emulator().pats.list()[0]?.validTo.toISOString(), '2026-03-31T10:00:00.000Z');
    });

    it('does not look at the case of the path', async () => {
      const response = await fetch(`${emulator().url}/CONTOSO/_apis/Tokens/Pats?api-version=7.1-preview.1`, {
        headers: { Authorization: `Bearer ${emulator().entra.issueAccessToken().value}` },
      });
      assert.equal(response.status, 200);
    });

    const wrong: readonly [string, Json, string][] = [
      ['no name', { displayName: undefined }, 'displayNameRequired'],
      ['an empty name', { displayName: ' ' }, 'displayNameRequired'],
      ['a name with a line break', { displayName: 'a\nb' }, 'invalidDisplayName'],
      ['a name of 257 characters', { displayName: 'x'.repeat(257) }, 'invalidDisplayName'],
      ['no scope', { scope: undefined }, 'invalidScope'],
      ['an unknown scope', { scope: 'vso.cod' }, 'invalidScope'],
      ['scopes with two spaces between', { scope: 'vso.code  vso.work' }, 'invalidScope'],
      ['scopes with commas', { scope: 'vso.code,vso.work' }, 'invalidScope'],
      ['full access with another scope', { scope: 'app_token vso.work' }, 'invalidScope'],
      ['an Entra permission', { scope: 'vso.pats' }, 'invalidScope'],
      ['an end in the past', { validTo: '2026-03-01T09:59:59Z' }, 'invalidValidTo'],
      ['an end after more than a year', { validTo: '2027-03-04T10:00:00Z' }, 'invalidValidTo'],
      ['an end that is no time', { validTo: 'tomorrow' }, 'invalidValidTo'],
      ['all organizations', { allOrgs: true }, 'globalPATCreationBlocked'],
    ];
    for (const [what, changes, reason] of wrong) {
      it(`refuses ${what} with ${reason}`, async () => {
        assert.equal(await reasonOf(await create(emulator(), { validTo, ...changes })), reason);
        assert.deepEqual(emulator().pats.list(), []);
      });
    }

    it('tells the reason in words to a client of 7.2 only', async () => {
      const newer = await jsonOf(
        await create(emulator(), { validTo, allOrgs: true }, { version: '7.2-preview.1' }),
      );
      const older = await jsonOf(await create(emulator(), { validTo, allOrgs: true }));
      assert.equal(newer['patTokenErrorMessage'], 'globalPATCreationBlocked');
      assert.equal('patTokenErrorMessage' in older, false);
    });

    it('refuses a body that is no JSON object, has an unknown field or one of another type', async () => {
      for (const body of [
        '',
        '[]',
        '{"displayName":',
        { ...patRequest(), name: 'x' },
        patRequest({ allOrgs: 'false' }),
      ]) {
        const response = await patApi(emulator(), { method: 'POST', body });
        assert.equal(response.status, 400, JSON.stringify(body));
      }
      assert.deepEqual(emulator().pats.list(), []);
    });

    it('ends in an error of its own for what is no JSON', async () => {
      const { message } = await jsonOf(await patApi(emulator(), { method: 'POST', body: '{"displayName":' }));
      assert.match(String(message), /^TF400898: .*JsonReaderException/);
    });

    it('refuses another content type', async () => {
      const headers = { 'Content-Type': 'text/plain' };
      assert.equal((await create(emulator(), {}, { headers })).status, 415);
    });

    it('can answer with every reason of the contract', async () => {
      for (const reason of patTokenErrors) {
        if (reason === 'none') continue;
        emulator().faults.add('pats.create', fault.patTokenError(reason));
        assert.equal(await reasonOf(await create(emulator(), { validTo })), reason);
      }
      assert.deepEqual(emulator().pats.list(), []);
    });
  });

  describe('get', () => {
    it('gives the PAT without its value', async () => {
      const { id } = await issue(emulator(), { validTo });
      const { patToken } = await jsonOf(await patApi(emulator(), { query: { authorizationId: id } }));
      assert.equal(objectOf(patToken)['authorizationId'], id);
      assert.equal(objectOf(patToken)['token'], null);
    });

    it('does not know the PATs of another organization', async () => {
      const { id } = await issue(emulator(), { validTo });
      const response = await patApi(emulator(), { organization: 'fabrikam', query: { authorizationId: id } });
      assert.equal(await reasonOf(response), 'authorizationNotFound');
    });

    it('does not know the PATs of another user', async () => {
      const { id } = await issue(emulator(), { validTo });
      const bearer = emulator().entra.issueAccessToken({ user: emulator().entra.addUser() }).value;
      assert.equal(
        await reasonOf(await patApi(emulator(), { bearer, query: { authorizationId: id } })),
        'authorizationNotFound',
      );
      assert.deepEqual((await jsonOf(await patApi(emulator(), { bearer })))['patTokens'], []);
      assert.equal(
        (await patApi(emulator(), { bearer, method: 'DELETE', query: { authorizationId: id } })).status,
        404,
      );
      assert.equal(emulator().pats.find({ authorizationId: id })?.state, 'active');
    });
  });

  describe('update', () => {
    const update = async (body: Json): Promise<Response> => patApi(emulator(), { method: 'PUT', body });

    it('changes what it is given and keeps the rest, the value too', async () => {
      const { id, value } = await issue(emulator(), { validTo });
      const { patToken } = await jsonOf(await update({ authorizationId: id, displayName: 'other' }));
      assert.equal(objectOf(patToken)['displayName'], 'other');
      assert.equal(objectOf(patToken)['token'], null);
      const kept = emulator().pats.find({ authorizationId: id });
      assert.deepEqual([kept?.value, kept?.scope, kept?.displayName], [value, 'vso.code', 'other']);
    });

    it('refuses an unknown, revoked or expired PAT, and a global one', async () => {
      const { id } = await issue(emulator(), { validTo });
      const { id: revoked } = await issue(emulator(), { validTo });
      emulator().pats.revoke(revoked);
      assert.equal(await reasonOf(await update({})), 'invalidAuthorizationId');
      assert.equal(await reasonOf(await update({ authorizationId: revoked })), 'authorizationNotFound');
      assert.equal(
        await reasonOf(await update({ authorizationId: id, allOrgs: true })),
        'globalPATCreationBlocked',
      );
      now = new Date('2026-03-01T11:00:01Z');
      assert.equal(await reasonOf(await update({ authorizationId: id })), 'expiredPatCannotBeExtended');
    });
  });

  describe('revoke', () => {
    const revoke = async (authorizationId: string): Promise<Response> =>
      patApi(emulator(), { method: 'DELETE', query: { authorizationId } });

    it('answers 204 without a body, or 200 where that is set', async () => {
      const { id } = await issue(emulator(), { validTo });
      const response = await revoke(id);
      assert.equal(response.status, 204);
      assert.equal(await response.text(), '');
      assert.equal(emulator().pats.find({ authorizationId: id })?.state, 'revoked');
      emulator().manners.revoked = 200;
      assert.equal((await revoke(id.toUpperCase())).status, 200);
    });

    it('answers an unknown id with an error, or in silence where that is set', async () => {
      const unknown = '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32';
      assert.equal((await revoke(unknown)).status, 404);
      emulator().manners.unknownRevoked = 'success';
      assert.equal((await revoke(unknown)).status, 204);
    });

    it('refuses an id that is none', async () => {
      assert.equal((await revoke('x')).status, 400);
      assert.equal((await patApi(emulator(), { method: 'DELETE' })).status, 400);
    });
  });

  it('offers the published previews and nothing else', async () => {
    for (const version of [
      '6.1-preview.1',
      '7.0-preview.1',
      '7.1-preview.1',
      '7.2-preview.1',
      '6.1-preview',
    ]) {
      assert.equal((await patApi(emulator(), { version })).status, 200, version);
    }
  });

  it('refuses a version that is missing, not a preview, or unknown, each in its own words', async () => {
    const key = async (version: string): Promise<unknown> =>
      (await jsonOf(await patApi(emulator(), { version })))['typeKey'];
    assert.equal(await key(''), 'VssVersionNotSpecifiedException');
    assert.equal(await key('7.1'), 'VssInvalidPreviewVersionException');
    assert.equal(await key('7.1-preview.2'), 'VssVersionOutOfRangeException');
    assert.equal(await key('8.0'), 'VssVersionOutOfRangeException');
  });

  it('takes the version from the Accept header as well', async () => {
    const headers = { Accept: 'application/json;api-version=7.2-preview.1' };
    const response = await create(emulator(), { validTo, allOrgs: true }, { version: '', headers });
    assert.match(response.headers.get('content-type') ?? '', /api-version=7\.2-preview\.1$/);
  });

  it('refuses another method and an unknown query parameter', async () => {
    assert.equal((await patApi(emulator(), { method: 'PATCH' })).status, 405);
    assert.equal((await patApi(emulator(), { query: { $filter: 'x' } })).status, 400);
    assert.equal(
      (await create(emulator(), { validTo: inOneHour(now) }, { query: { name: 'x' } })).status,
      400,
    );
  });
});
