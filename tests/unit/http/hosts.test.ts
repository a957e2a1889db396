import fc from 'fast-check';
import assert from 'node:assert/strict';
import { isCredentialHost } from '#http/hosts';

const mayReceiveCredential = (url: URL) =>
  (['azure-devops', 'entra', 'key-vault'] as const).some(kind => isCredentialHost(url, kind));

describe('A host that may receive a credential', () => {
  const allowed = {
    'azure-devops': [
      'https://dev.azure.com/contoso',
      'https://vssps.dev.azure.com/contoso/_apis/tokens/pats?api-version=7.1-preview.1',
      'https://vsrm.dev.azure.com/contoso',
      'https://contoso.visualstudio.com/',
      'https://contoso.vssps.visualstudio.com/',
    ],
    entra: [
      'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
      'https://login.microsoftonline.us/',
      'https://login.partner.microsoftonline.cn/',
    ],
  } as const;

  for (const kind of ['azure-devops', 'entra'] as const) {
    for (const text of allowed[kind]) {
      it(`${new URL(text).host}, for ${kind} alone`, () => {
        const url = new URL(text);
        assert.ok(isCredentialHost(url, kind));
        assert.ok(!isCredentialHost(url, kind === 'entra' ? 'azure-devops' : 'entra'));
      });
    }
  }

  for (const text of [
    'http://127.0.0.1:8080/',
    'http://localhost/',
    'http://[::1]:1/',
    'https://localhost/',
  ]) {
    it(`${text} on loopback, for both`, () => {
      assert.ok(isCredentialHost(new URL(text), 'azure-devops') && isCredentialHost(new URL(text), 'entra'));
    });
  }

  for (const text of [
    'http://dev.azure.com/',
    'http://login.microsoftonline.com/',
    'https://dev.azure.com:8443/',
    'https://user@dev.azure.com/',
    'https://:secret@dev.azure.com/',
    'https://dev.azure.com./',
    'https://dev.azure.com.evil.example/',
    'https://dev.azure.com@evil.example/',
    'https://evil.dev.azure.com/',
    'https://visualstudio.com/',
    'https://a.b.visualstudio.com/',
    'https://evilvisualstudio.com/',
    'https://login.microsoftonline.com.evil.example/',
    'https://login-microsoftonline.com/',
    'https://evil.login.microsoftonline.com/',
    'http://127.0.0.2/',
    'http://0.0.0.0/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost.evil.example/',
    'http://user@localhost/',
    'ftp://localhost/',
    'ws://127.0.0.1/',
    'https://169.254.169.254/',
    'https://management.azure.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
  ]) {
    it(`is not ${text}`, () => {
      assert.ok(!mayReceiveCredential(new URL(text)));
    });
  }

  it('is none of all other hosts of the web', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['http', 'https', 'ftp'], withQueryParameters: true }), text => {
        assert.ok(!mayReceiveCredential(new URL(text)));
      }),
    );
  });
});
