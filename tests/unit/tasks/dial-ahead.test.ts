import assert from 'node:assert/strict';
import { dialAhead } from '../../../tasks/IssuePat/IssuePatV1/dial-ahead.js';

type Request = Parameters<typeof dialAhead>[0];

const proof = { connectionId: 'c', url: 'https://dev.azure.com/contoso/oidctoken', jobToken: 'job' };
const authority = 'https://login.microsoftonline.com';
const organization = {
  name: 'contoso',
  url: 'https://dev.azure.com/contoso',
  tokensUrl: 'https://vssps.dev.azure.com/contoso',
  releasesUrl: 'https://vsrm.dev.azure.com/contoso',
};

/** The hosts that are dialled, each as often as it is. */
function dialled(signIn: object, verify: boolean): string[] {
  const hosts: string[] = [];
  const issuer = { kind: 'connection', signIn };
  const request = { issuer, organizations: [organization], verify } as unknown as Request;
  dialAhead(request, {
    dial: ({ url }, count = 1) => hosts.push(...Array<string>(count).fill(new URL(url).host)),
  });
  return hosts.sort();
}

describe('The connections that IssuePat opens ahead', () => {
  it('are one for each request that follows the sign-in', () => {
    const signIn = { kind: 'refresh-token', entra: { authority }, proof: undefined };
    assert.deepEqual(dialled(signIn, false), ['vssps.dev.azure.com']);
    assert.deepEqual(dialled(signIn, true), ['dev.azure.com', 'vssps.dev.azure.com']);
  });

  it('are one for each request of a sign-in that proves the application, too', () => {
    const signIn = { kind: 'refresh-token', entra: { authority }, proof };
    assert.deepEqual(dialled(signIn, true), [
      'dev.azure.com',
      'dev.azure.com',
      'login.microsoftonline.com',
      'vssps.dev.azure.com',
    ]);
  });

  it("are three to Entra for an agent's user", () => {
    const signIn = { kind: 'agent-user', agentUser: { authority }, proof };
    assert.equal(dialled(signIn, false).filter(host => host.startsWith('login.')).length, 3);
  });
});
