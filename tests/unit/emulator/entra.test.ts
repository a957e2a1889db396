import assert from 'node:assert/strict';
import { aadstsCodes, fault, startEmulator } from '#emulator/index';
import { jsonOf, requestToken, resource, useEmulator } from './client.js';

describe('the token endpoint of the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));

  async function refused(
    changes: Record<string, string | undefined>,
    tenant?: string,
  ): Promise<[number, unknown, unknown]> {
    const response = await requestToken(emulator(), changes, tenant);
    const { error, error_codes, error_description } = await jsonOf(response);
    const codes = Array.isArray(error_codes) ? error_codes : [];
    assert.match(String(error_description), new RegExp(`^AADSTS${codes.join()}: `));
    return [response.status, error, codes[0]];
  }

  it('gives an access token with every consented scope, and a newer refresh token', async () => {
    const response = await requestToken(emulator(), { scope: `${resource}/vso.pats offline_access` });
    const token = await jsonOf(response);
    assert.equal(response.status, 200);
    assert.equal(token['token_type'], 'Bearer');
    assert.equal(token['expires_in'], 3599);
    assert.equal(token['scope'], `${resource}/vso.pats ${resource}/vso.pats_manage`);
    assert.match(String(token['access_token']), /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/);
    assert.notEqual(token['refresh_token'], emulator().entra.refreshToken);
    const known = emulator().entra.accessTokens.at(-1);
    assert.equal(known?.value, token['access_token']);
    assert.equal(known?.expiresAt.toISOString(), '2026-03-01T10:59:59.000Z');
  });

  it('redeems the newer refresh token, and the older one once more', async () => {
    const first = await jsonOf(await requestToken(emulator()));
    assert.equal(
      (await requestToken(emulator(), { refresh_token: String(first['refresh_token']) })).status,
      200,
    );
    assert.equal((await requestToken(emulator())).status, 200);
  });

  it('gives no refresh token where offline_access was not asked for', async () => {
    const token = await jsonOf(await requestToken(emulator(), { scope: `${resource}/.default` }));
    assert.equal('refresh_token' in token, false);
  });

  it('refuses a refresh token that is unknown, revoked, 90 days old or of another application', async () => {
    const { entra } = emulator();
    const revoked = entra.issueRefreshToken();
    revoked.revoked = true;
    const old = entra.issueRefreshToken({ issuedAt: new Date('2025-12-01T10:00:00Z') });
    const foreign = entra.issueRefreshToken({ application: entra.registerApplication() });
    assert.deepEqual(await refused({ refresh_token: 'x' }), [400, 'invalid_grant', 70000]);
    assert.deepEqual(await refused({ refresh_token: revoked.value }), [400, 'invalid_grant', 50173]);
    assert.deepEqual(await refused({ refresh_token: old.value }), [400, 'invalid_grant', 700082]);
    assert.deepEqual(await refused({ refresh_token: foreign.value }), [400, 'invalid_grant', 70000]);
  });

  it('hands out a refresh token that is valid now, after 90 days and after its sessions were revoked', async () => {
    const first = emulator().entra.refreshToken;
    now = new Date('2026-05-31T10:00:00Z');
    assert.notEqual(emulator().entra.refreshToken, first);
    assert.equal((await requestToken(emulator())).status, 200);
    emulator().entra.revokeSessions();
    assert.equal((await requestToken(emulator())).status, 200);
  });

  it('refuses a wrong tenant, client, secret or grant', async () => {
    assert.deepEqual(await refused({}, 'common'), [400, 'invalid_request', 9001023]);
    assert.deepEqual(await refused({}, '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32'), [
      400,
      'invalid_request',
      90002,
    ]);
    assert.deepEqual(await refused({ client_id: 'x' }), [400, 'unauthorized_client', 700016]);
    assert.deepEqual(await refused({ client_secret: 'x' }), [401, 'invalid_client', 700025]);
    assert.deepEqual(await refused({ grant_type: 'constructor' }), [400, 'unsupported_grant_type', 70000]);
  });

  it('names the field that is missing', async () => {
    for (const field of ['grant_type', 'client_id', 'refresh_token', 'scope']) {
      assert.deepEqual(await refused({ [field]: undefined }), [400, 'invalid_request', 900144], field);
    }
  });

  it('refuses a body that is not a form', async () => {
    const response = await fetch(`${emulator().url}/${emulator().entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ grant_type: 'refresh_token' }),
    });
    assert.equal(response.status, 400);
    assert.deepEqual((await jsonOf(response))['error_codes'], [900144]);
  });

  it('accepts POST only', async () => {
    const response = await fetch(`${emulator().url}/${emulator().entra.tenantId}/oauth2/v2.0/token`);
    assert.equal(response.status, 400);
    assert.deepEqual((await jsonOf(response))['error_codes'], [900561]);
  });

  it('refuses scopes of another resource, of none, or beside .default', async () => {
    const invalid = [400, 'invalid_scope', 70011];
    for (const scope of [
      'vso.pats',
      'offline_access',
      'https://graph.microsoft.com/User.Read',
      `${resource}/.default ${resource}/vso.pats`,
      `${resource}/vso.pats  offline_access`,
    ]) {
      assert.deepEqual(await refused({ scope }), invalid, scope);
    }
  });

  it('asks for consent to a scope that was not consented', async () => {
    const application = emulator().entra.registerApplication({ consented: ['vso.code'] });
    const { value } = emulator().entra.issueRefreshToken({ application });
    const fields = { client_id: application.clientId, refresh_token: value };
    const response = await requestToken(emulator(), fields);
    const body = await jsonOf(response);
    assert.deepEqual(
      [body['error'], body['suberror'], body['error_codes']],
      ['invalid_grant', 'consent_required', [65001]],
    );
  });

  it('can answer with every known AADSTS code', async () => {
    for (const code of aadstsCodes) emulator().faults.add('entra.token', fault.aadsts(code));
    for (const code of aadstsCodes) {
      const [status, error, answered] = await refused({});
      assert.equal(answered, code);
      assert.equal(status, error === 'invalid_client' ? 401 : 400);
    }
    assert.equal((await requestToken(emulator())).status, 200);
  });

  it('asks a confidential client for its secret', async () => {
    const confidential = await startEmulator({ clientSecret: 'correct horse' });
    try {
      const codeOf = async (response: Response): Promise<unknown> => (await jsonOf(response))['error_codes'];
      assert.equal((await requestToken(confidential)).status, 200);
      assert.deepEqual(
        await codeOf(await requestToken(confidential, { client_secret: undefined })),
        [7000218],
      );
      assert.deepEqual(await codeOf(await requestToken(confidential, { client_secret: 'x' })), [7000215]);
    } finally {
      await confidential.close();
    }
  });
});
