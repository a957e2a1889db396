import assert from 'node:assert/strict';
import { greet } from '../../../cli/tenant.js';
import type { Http } from '#http/http';
import { CLOUD } from '../../../tasks/common/inputs/issuer.js';
import type { Failure } from '#advice/failure';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SIGN_IN = `Bearer authorization_uri=https://login.microsoftonline.com/${TENANT}, Basic realm="https://tfsprod.visualstudio.com/", TFS-Federated`;

/** What an organization says that answers so. */
async function greetingFor(status: number, headers: Record<string, string>) {
  const http: Http = () => Promise.resolve({ status, headers, body: '' });
  const clock = { now: () => new Date(0), wait: () => Promise.resolve() };
  const log = { info: quiet, debug: quiet, warning: quiet, error: quiet };
  return greet(CLOUD, http, { clock, log, until: new Date(300) });
}
const quiet = () => undefined;

describe('the greeting of an organization', () => {
  for (const status of [200, 203, 302, 401, 404, 503]) {
    it(`tells tenant and authority in its headers, though it is answered with HTTP ${status}`, async () => {
      const greeting = await greetingFor(status, {
        'www-authenticate': SIGN_IN,
        'x-vss-resourcetenant': TENANT,
      });
      assert.equal(greeting.tenantId, TENANT);
      assert.equal(greeting.authority, 'https://login.microsoftonline.com');
    });
  }

  it('tells the tenant without an address to sign in at', async () => {
    assert.equal((await greetingFor(404, { 'x-vss-resourcetenant': TENANT })).tenantId, TENANT);
  });

  it('tells that there is no tenant, by one of zeros', async () => {
    const zeros = '00000000-0000-0000-0000-000000000000';
    assert.equal((await greetingFor(404, { 'x-vss-resourcetenant': zeros })).withoutTenant, true);
  });

  it('shows an organization that exists, and does not say where it belongs', async () => {
    const greeting = await greetingFor(404, {
      'x-vss-authorizationendpoint': 'https://app.vssps.visualstudio.com/',
    });
    assert.equal(greeting.tenantId, undefined);
  });

  it('is that of no organization, if it is 404 without a word of a tenant', async () => {
    const nobody = greetingFor(404, { 'x-tfs-serviceerror': 'Page%20not%20found.', date: 'now' });
    await assert.rejects(nobody, (error: Failure) => error.topic === 'organization-not-found');
  });

  it('is awaited where the service is busy and says nothing', async () => {
    await assert.rejects(greetingFor(503, {}), (error: Failure) => error.topic === 'service-unavailable');
  });
});
