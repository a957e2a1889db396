import assert from 'node:assert/strict';
import type { Application, Emulator, OidcTokenSeed } from '#emulator/index';
import { requestToken, useEmulator } from './client.js';
import { ASSERTION_TYPE, connection, oidcToken, outcomeOf, redeem } from './proving-job.js';

describe('An application that a service connection proves', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));

  interface Federated {
    readonly application: Application;
    readonly refreshToken: string;
    redeem(assertion?: string): Promise<unknown>;
    /** With an assertion that says something else. */
    redeemWith(seed: OidcTokenSeed): Promise<unknown>;
  }

  function federated({ entra, oidc }: Emulator = emulator(), project = 'Our project'): Federated {
    const federatedCredentials = (['vstoken', 'entra'] as const).map(provider => ({
      ...oidc.identityOf({ project, connection, provider }),
      audience: 'api://AzureADTokenExchange',
    }));
    const application = entra.registerApplication({ federatedCredentials });
    const refreshToken = entra.issueRefreshToken({ application }).value;
    const redeemed = async (assertion?: string): Promise<unknown> =>
      redeem(emulator(), application, refreshToken, assertion);
    return {
      application,
      refreshToken,
      redeem: redeemed,
      redeemWith: async seed => redeemed(oidc.issue({ project, connection, ...seed }).value),
    };
  }

  for (const provider of ['vstoken', 'entra'] as const) {
    it(`redeems its refresh token with the token of ${provider}, more than once while that lives`, async () => {
      emulator().oidc.provider = provider;
      const client = federated();
      const assertion = await oidcToken(emulator());
      assert.equal(await client.redeem(assertion), 'given');
      assert.equal(await client.redeem(assertion), 'given');
      now = new Date(now.getTime() + 299_000);
      assert.equal(await client.redeem(assertion), 'given');
      now = new Date(now.getTime() + 1_000);
      assert.equal(await client.redeem(assertion), 700024);
    });
  }

  it('redeems nothing without proof, or with one of another kind', async () => {
    const client = federated();
    const assertion = await oidcToken(emulator());
    assert.equal(await client.redeem(), 7000218);
    const sent = async (changes: Record<string, string | undefined>): Promise<unknown> =>
      outcomeOf(
        await requestToken(emulator(), {
          client_id: client.application.clientId,
          refresh_token: client.refreshToken,
          client_assertion: assertion,
          ...changes,
        }),
      );
    assert.equal(await sent({}), 7000218, 'no type of assertion');
    const type = { client_assertion_type: ASSERTION_TYPE };
    assert.equal(await sent({ ...type, client_secret: 'x' }), 9002324);
    assert.equal(await sent({ client_assertion: undefined, client_secret: 'x' }), 7000215);
    assert.equal(await sent({ ...type, client_assertion: 'made-up' }), 50027);
    assert.equal(await sent(type), 'given');
  });

  it('is told what it does not trust: issuer, subject, case of the subject, audience, signature', async () => {
    const client = federated();
    const { oidc } = emulator();
    const { subject } = oidc.identityOf({ project: 'Our project', connection });
    const entraSubject = oidc.identityOf({ connection, provider: 'entra' }).subject;
    assert.equal(await client.redeemWith({}), 'given');
    assert.equal(await client.redeemWith({ organization: 'fabrikam' }), 700211);
    assert.equal(await client.redeemWith({ issuer: 'https://evil.example' }), 700211);
    assert.equal(await client.redeemWith({ subject: `${subject} 2` }), 700213);
    assert.equal(await client.redeemWith({ subject: subject.toUpperCase() }), 7002138);
    assert.equal(
      await client.redeemWith({ provider: 'entra', subject: entraSubject.toUpperCase() }),
      7002137,
    );
    assert.equal(await client.redeemWith({ audience: 'api://AzureADTokenExchangeChina' }), 700212);
    assert.equal(await client.redeemWith({ forged: true }), 700027);
    assert.equal(await client.redeemWith({ connection: { id: connection.id, name: 'Another' } }), 700213);
    assert.equal(await client.redeem(emulator().oidc.issue({ pipeline: 'p' }).value), 700213);
  });

  it('trusts nobody after its last federated credential is gone', async () => {
    const client = federated();
    client.application.federatedCredentials.length = 0;
    assert.equal(await client.redeemWith({}), 70025);
  });

  it("may be of several tenants with Azure Pipelines' own issuer only", async () => {
    const client = federated();
    client.application.signInAudience = 'AzureADMultipleOrgs';
    assert.equal(await client.redeemWith({}), 'given');
    assert.equal(await client.redeemWith({ provider: 'entra' }), 70052);
  });

  it('that is still a public client refuses the proof, and needs none', async () => {
    const client = federated();
    client.application.isPublic = true;
    assert.equal(await client.redeemWith({}), 700025);
    assert.equal(await client.redeem(), 'given');
  });

  it('keeps a secret beside its federated credential while it has one', async () => {
    const client = federated();
    client.application.clientSecret = 'of one day';
    const withSecret = async (): Promise<unknown> =>
      outcomeOf(
        await requestToken(emulator(), {
          client_id: client.application.clientId,
          refresh_token: client.refreshToken,
          client_secret: 'of one day',
        }),
      );
    assert.equal(await withSecret(), 'given');
    client.application.clientSecret = undefined;
    assert.equal(await withSecret(), 7000215);
    assert.equal(await client.redeemWith({}), 'given');
  });

  it('is refused after its refresh token has expired or was revoked, however well it is proven', async () => {
    const client = federated();
    emulator().entra.revokeSessions();
    assert.equal(await client.redeemWith({}), 50173);
    const old = federated();
    now = new Date('2026-06-01T10:00:00Z');
    assert.equal(await old.redeemWith({}), 700082);
  });

  it('gets a token for itself only with a proof', async () => {
    const { application } = federated();
    const { entra, url } = emulator();
    const asked = async (proof: Record<string, string>): Promise<unknown> =>
      outcomeOf(
        await fetch(`${url}/${entra.tenantId}/oauth2/v2.0/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: application.clientId,
            scope: 'https://vault.azure.net/.default',
            ...proof,
          }),
        }),
      );
    assert.equal(await asked({}), 7000216);
    const client_assertion = await oidcToken(emulator());
    assert.equal(await asked({ client_assertion_type: ASSERTION_TYPE, client_assertion }), 'given');
  });
});
