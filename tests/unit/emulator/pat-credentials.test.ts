import assert from 'node:assert/strict';
import { basic, create, issue, jsonOf, patApi, useEmulator, type PatCall } from './client.js';

describe('who may use the PAT API of the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const validTo = '2026-03-01T11:00:00Z';

  async function error(call: PatCall): Promise<[number, unknown]> {
    const response = await patApi(emulator(), call);
    return [response.status, (await jsonOf(response))['message']];
  }

  it('shows a sign-in page to an unknown, expired or foreign token, and to none', async () => {
    const { entra } = emulator();
    const tokens = [
      'x',
      entra.issueAccessToken({ expiresInSeconds: -1 }).value,
      entra.issueAccessToken({ audience: 'https://graph.microsoft.com' }).value,
      '',
    ];
    for (const bearer of tokens) {
      const response = await patApi(emulator(), { bearer });
      assert.equal(response.status, 203);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(await response.text(), /^<!DOCTYPE html>[\s\S]*Azure DevOps Services \| Sign In/);
    }
  });

  it('ends a token at its time', async () => {
    const bearer = emulator().entra.issueAccessToken().value;
    assert.equal((await patApi(emulator(), { bearer })).status, 200);
    now = new Date('2026-03-01T10:59:59Z');
    assert.equal((await patApi(emulator(), { bearer })).status, 203);
  });

  it('answers a plain 401 to a client that suppresses the redirect', async () => {
    const response = await patApi(emulator(), {
      bearer: 'x',
      headers: { 'X-TFS-FedAuthRedirect': 'Suppress' },
    });
    assert.equal(response.status, 401);
    assert.equal(await response.text(), '');
    assert.match(response.headers.get('www-authenticate') ?? '', /Basic realm=/);
  });

  it('redirects to another host, or answers 401, where that is set', async () => {
    emulator().manners.signIn = 'redirect';
    const response = await patApi(emulator(), { bearer: 'x' });
    assert.equal(response.status, 302);
    assert.match(
      response.headers.get('location') ?? '',
      /^https:\/\/spsprod\w+\.vssps\.visualstudio\.com\/_signin/,
    );
    emulator().manners.signIn = 'unauthorized';
    assert.equal((await patApi(emulator(), { bearer: 'x' })).status, 401);
  });

  it('refuses a PAT', async () => {
    const { value } = await issue(emulator(), { scope: 'app_token', validTo });
    assert.deepEqual(await error({ headers: basic(value) }), [
      401,
      'The requested operation is not allowed.',
    ]);
  });

  it('refuses a service principal', async () => {
    const bearer = emulator().entra.issueAccessToken({ servicePrincipal: true }).value;
    assert.deepEqual(await error({ bearer }), [
      403,
      'Service principals are not allowed to perform this action.',
    ]);
  });

  it('refuses a user who is no member of the organization', async () => {
    const user = emulator().entra.addUser({ organizations: ['Fabrikam'] });
    const bearer = emulator().entra.issueAccessToken({ user }).value;
    const text = `TF400813: The user '${user.id}' is not authorized to access this resource.`;
    assert.deepEqual(await error({ bearer }), [401, text]);
    assert.equal((await patApi(emulator(), { bearer, organization: 'fabrikam' })).status, 200);
  });

  it('wants vso.pats to read, vso.pats_manage beside it to write, or user_impersonation for both', async () => {
    const statuses = async (...scopes: string[]): Promise<[number, number]> => {
      const bearer = emulator().entra.issueAccessToken({ scopes }).value;
      return [
        (await patApi(emulator(), { bearer })).status,
        (await create(emulator(), { validTo }, { bearer })).status,
      ];
    };
    assert.deepEqual(await statuses('vso.pats'), [200, 401]);
    assert.deepEqual(await statuses('vso.pats', 'vso.tokens'), [200, 401]);
    assert.deepEqual(await statuses('vso.pats', 'vso.pats_manage'), [200, 200]);
    assert.deepEqual(await statuses('user_impersonation'), [200, 200]);
    assert.deepEqual(await statuses('vso.code_full'), [401, 401]);
  });

  it('does not know an organization that does not exist', async () => {
    assert.equal((await patApi(emulator(), { organization: 'northwind' })).status, 404);
  });
});
