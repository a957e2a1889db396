import assert from 'node:assert/strict';
import { PatService } from './pat-service.js';
import { rotatePats } from './rotate-pats.js';
import { failureOf, withoutNetwork } from './world.js';
import { OIDC, rotation, VAULT } from './rotate-into-vault.js';

describe('RotatePat, into a key vault', () => {
  withoutNetwork();

  for (const [what, wish, message] of [
    [
      'another host',
      { inputs: { keyVaultUrl: 'https://vault.azure.net.evil.example' } },
      /keyVaultUrl: .*not the URL of a key vault/,
    ],
    ['a managed HSM', { inputs: { keyVaultUrl: 'https://x.managedhsm.azure.net' } }, /managed HSM/],
    ['a path', { inputs: { keyVaultUrl: `${VAULT}/secrets/x` } }, /keyVaultUrl/],
    ['a bad name', { inputs: { secretName: 'a_b' } }, /secretName: "a_b" is not the name of a secret/],
    ['no connection', { inputs: { azureConnection: '' } }, /azureConnection: is required by store keyVault/],
    [
      'a connection that was not handed over',
      { inputs: { azureConnection: 'none' } },
      /did not hand it over/,
    ],
    [
      'a managed identity',
      { scheme: 'ManagedServiceIdentity' },
      /managed identities of an agent cannot sign in/,
    ],
    [
      'a certificate',
      { scheme: 'ServicePrincipal', fields: { authenticationType: 'spnCertificate' } },
      /certificate/,
    ],
    [
      'an authority of somebody',
      { fields: { environmentAuthorityUrl: 'https://evil.example/' } },
      /not an Entra authority/,
    ],
    [
      'a place for tokens elsewhere',
      { variables: { 'System.OidcRequestUri': 'https://evil.example/oidctoken' } },
      /does not belong to/,
    ],
    [
      'a place for tokens in another organization',
      { variables: { 'System.OidcRequestUri': OIDC.replace('contoso', 'fabrikam') } },
      /does not belong to/,
    ],
  ] as const) {
    it(`with ${what} fails before the first request`, async () => {
      const service = new PatService();
      const failure = await failureOf(() => rotatePats(rotation(wish, service)));
      assert.match(failure.message, message);
      assert.deepEqual(service.operations, []);
    });
  }
});
