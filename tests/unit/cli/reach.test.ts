import assert from 'node:assert/strict';
import { mayGoTogether } from '#entra/authority';
import { readApplication, readOrganization } from '../../../cli/options.js';
import { Reach } from '../../../cli/reach.js';
import type { HttpRequest } from '#http/http';
import { ValidationErrors } from '../../../tasks/common/inputs/validation-errors.js';
import { organizationAt, type Organization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';

function organization(url: string): Organization {
  const found = organizationAt(url);
  assert.ok(found !== undefined);
  return found;
}

const EMULATED = 'http://127.0.0.1:8080/contoso';
const PUBLIC = 'https://dev.azure.com/contoso';

describe('What a command may send a credential to', () => {
  const rows: readonly (readonly [string, string, string, HttpRequest['service'], boolean])[] = [
    ['the organization', PUBLIC, `${PUBLIC}/_apis/projects`, undefined, true],
    ['its PAT API', PUBLIC, 'https://vssps.dev.azure.com/contoso/_apis/tokens/pats', undefined, true],
    ['its authority', PUBLIC, 'https://login.microsoftonline.com/t/oauth2/v2.0/token', 'entra', true],
    ['the emulated one', EMULATED, `${EMULATED}/_apis/tokens/pats`, undefined, true],
    ['another organization', PUBLIC, 'https://dev.azure.com/fabrikam/_apis/projects', undefined, false],
    ['a listener on loopback', PUBLIC, 'http://127.0.0.1:8080/contoso/_apis/projects', undefined, false],
    ['another port', EMULATED, 'http://127.0.0.1:9999/contoso/_apis/tokens/pats', undefined, false],
    ['another spelling of loopback', EMULATED, 'http://localhost:8080/contoso/_apis', undefined, false],
    ['the cloud beside the emulator', EMULATED, `${PUBLIC}/_apis/projects`, undefined, false],
    ['another authority', PUBLIC, 'https://login.microsoftonline.us/t/oauth2/v2.0/token', 'entra', false],
    ['a sign-in on loopback', PUBLIC, 'http://127.0.0.1:8080/t/oauth2/v2.0/token', 'entra', false],
    ['a key vault', PUBLIC, 'https://contoso.vault.azure.net/secrets', 'key-vault', false],
  ];
  for (const [what, home, url, service, allowed] of rows) {
    it(`${allowed ? 'is' : 'is not'} ${what}`, () => {
      const reach = new Reach();
      reach.addOrganization(organization(home));
      reach.addAuthority('https://login.microsoftonline.com');
      const request: HttpRequest = {
        method: 'GET',
        url,
        headers: { authorization: 'Bearer x' },
        timeout: 1,
        ...(service === undefined ? {} : { service }),
      };
      const send = () => {
        reach.assertAmong(request);
      };
      if (allowed) send();
      else
        assert.throws(
          send,
          (error: unknown) => error instanceof Failure && error.topic === 'host-not-allowed',
        );
    });
  }

  it('is nothing before the options are read', () => {
    assert.throws(() => {
      new Reach().assertAmong({ method: 'GET', url: PUBLIC, headers: {}, timeout: 1 });
    }, /may not receive a credential/);
  });

  it('is no authority of real users where the organization is on this machine', () => {
    assert.ok(!mayGoTogether(organization(EMULATED), 'https://login.microsoftonline.com'));
    assert.ok(mayGoTogether(organization(EMULATED), 'http://127.0.0.1:9999'));
    assert.ok(mayGoTogether(organization(PUBLIC), 'https://login.microsoftonline.us'));
    const faults = new ValidationErrors();
    const home = readOrganization(EMULATED, faults);
    readApplication(
      {
        clientId: '6a7c2ab4-1111-4222-8333-3f6d2f1f8c11',
        authorityUrl: 'https://login.microsoftonline.com',
      },
      home,
      faults,
    );
    assert.throws(() => {
      faults.throwIfAny();
    }, /--authority-url: https:\/\/login\.microsoftonline\.com signs real users in/);
  });
});
