import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, saying } from '../http/azure-devops.js';
import { underTopic } from '../advice/situation.js';
import type { Http } from '../http/http.js';
import { isCredentialHost, isLoopback } from '../http/hosts.js';
import { patiently, remaining, type Patience } from '../http/patience.js';
import { organizationAt } from '../inputs/organization.js';
import { Failure } from '../text/failure.js';
import { asText } from '../text/json.js';

/**
 * Where Azure Pipelines makes a token for a service connection: `System.OidcRequestUri` with its id. It gets the job's
 * token, so it has to be a place of the organization of this run.
 *
 * @returns undefined for every other place
 */
export function oidcRequestUrl(uri: string, collectionUri: string, connectionId: string): string | undefined {
  const organization = organizationAt(collectionUri);
  if (organization === undefined || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (!isCredentialHost(url, 'azure-devops')) return undefined;
  const isHome = isLoopback(url)
    ? isLoopback(new URL(organization.url))
    : organizationAt(organizationPart(url))?.url.toLowerCase() === organization.url.toLowerCase();
  if (!isHome) return undefined;
  url.searchParams.set('api-version', '7.1');
  url.searchParams.set('serviceConnectionId', connectionId);
  return url.href;
}

/** The part of an API's address that names the organization: a path segment, or the host. */
function organizationPart({ origin, hostname, pathname }: URL): string {
  return hostname.endsWith('.visualstudio.com') ? origin : `${origin}/${pathname.split('/')[1] ?? ''}`;
}

/**
 * A token that says which service connection of which organization asks; good for some minutes. Masked.
 * @throws Failure `federation-refused`, `service-unreachable` and its like
 */
export function requestOidcToken(
  http: Http,
  proof: { readonly requestUrl: string; readonly jobToken: string },
  conceal: (secret: string) => void,
  patience: Patience,
): Promise<string> {
  const { requestUrl: url, jobToken } = proof;
  const where = new URL(url).host;
  const headers = { ...azureDevOpsHeaders(`Bearer ${jobToken}`), 'content-type': 'application/json' };
  return patiently<string>(patience, async () => {
    const timeout = remaining(patience, REQUEST_TIMEOUT);
    const now = () => patience.clock.now();
    const reply = await ask(http, now, { method: 'POST', url, headers, body: '{}', timeout }, 'job');
    switch (reply.kind) {
      case 'json': {
        const token = asText(reply.value['oidcToken']) ?? '';
        if (token === '') throw refused(where, 'it answered without one.');
        conceal(token);
        return { done: token };
      }
      case 'later':
      case 'unclear':
        return { later: reply.failure, wait: reply.wait };
      case 'empty':
        throw refused(where, 'it answered without one.');
      case 'refused':
        throw refused(where, `${saying(reply)}.`);
      case 'denied':
        throw underTopic('federation-refused', reply.failure);
    }
  });
}

function refused(where: string, reason: string): Failure {
  return new Failure(
    'federation-refused',
    `${where} did not give a token for the Azure connection: ${reason}`,
    'Check that this pipeline may use the connection, that it is of Azure Resource Manager with workload identity federation, and that it has not been renewed since this run began.',
  );
}
