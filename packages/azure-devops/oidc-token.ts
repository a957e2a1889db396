import { send, azureDevOpsHeaders, REQUEST_TIMEOUT, saying } from './client.js';
import { underTopic, Failure } from '#advice/failure';
import type { Http } from '#http/http';
import { isCredentialHost } from '#http/hosts';
import { retry, timeLeft, type RetryPolicy } from '#http/retry';
import { belongsTo, type Organization } from './organization.js';
import { asText } from '#text/json';

/** What follows the organization in the address, with the project: no other API gets a request in the job's name. */
const OIDC_TOKEN = /\/[^/]+\/_apis\/distributedtask\/hubs\/[\w-]+\/plans\/[\w-]+\/jobs\/[\w-]+\/oidctoken$/i;

/**
 * Where Azure Pipelines makes a token for a service connection: `System.OidcRequestUri` with its id. That is a variable
 * like any other, and it gets the job's token: it has to be that place of the organization of this run, on whichever of its
 * hosts.
 *
 * @returns undefined for every other place
 */
export function oidcRequestUrl(
  uri: string,
  organization: Organization | undefined,
  connectionId: string,
): string | undefined {
  if (organization === undefined || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (!isCredentialHost(url, 'azure-devops') || !belongsTo(url, organization)) return undefined;
  if (!OIDC_TOKEN.test(url.pathname) || url.search !== '' || url.hash !== '') return undefined;
  url.searchParams.set('api-version', '7.1');
  url.searchParams.set('serviceConnectionId', connectionId);
  return url.href;
}

/**
 * A token that says which service connection of which organization asks; good for some minutes. Masked.
 * @throws Failure `federation-refused`, `service-unreachable` and its like
 */
export function requestOidcToken(
  http: Http,
  proof: { readonly requestUrl: string; readonly jobToken: string },
  mask: (secret: string) => void,
  policy: RetryPolicy,
): Promise<string> {
  const { requestUrl: url, jobToken } = proof;
  const where = new URL(url).host;
  const headers = { ...azureDevOpsHeaders(`Bearer ${jobToken}`), 'content-type': 'application/json' };
  return retry<string>(policy, async () => {
    const timeout = timeLeft(policy, REQUEST_TIMEOUT);
    const now = () => policy.clock.now();
    const reply = await send(http, now, { method: 'POST', url, headers, body: '{}', timeout }, 'job');
    switch (reply.kind) {
      case 'json': {
        const token = asText(reply.value['oidcToken']) ?? '';
        if (token === '') throw oidcTokenError(where, 'it answered without one.');
        mask(token);
        return { done: token };
      }
      case 'later':
      case 'unclear':
        return { later: reply.failure, wait: reply.wait };
      case 'empty':
        throw oidcTokenError(where, 'it answered without one.');
      case 'refused':
        throw oidcTokenError(where, `${saying(reply)}.`);
      case 'denied':
        throw underTopic('federation-refused', reply.failure);
    }
  });
}

function oidcTokenError(where: string, reason: string): Failure {
  return new Failure(
    'federation-refused',
    `${where} did not give a token for the Azure connection: ${reason}`,
    'Check that this pipeline may use the connection, that it is of Azure Resource Manager with workload identity federation, and that it has not been renewed since this run began.',
  );
}
