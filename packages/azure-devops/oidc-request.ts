import { isCredentialHost, isLoopback } from '#http/hosts';
import { belongsTo, type Organization } from './organization.js';

/** What it takes to ask Azure Pipelines for the OIDC token of a service connection: that connection, the place, the job's own token. */
export interface OidcRequest {
  readonly connectionId: string;
  readonly url: string;
  readonly jobToken: string;
}

/** What follows the organization in the address: no other API gets a request in the job's name. */
const ROUTE =
  /^\/(?:defaultcollection\/)?[^/]+\/_apis\/distributedtask\/hubs\/[\w-]+\/plans\/[\w-]+\/jobs\/[\w-]+\/oidctoken$/i;

/**
 * Where Azure Pipelines makes a token for a service connection: `System.OidcRequestUri` with its id. That is a variable
 * like any other, and it gets the job's token: it has to be that very route of the organization of this run, on whichever
 * of its hosts. A query or a fragment that stands in it is dropped.
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
  if (!ROUTE.test(url.pathname.slice(lengthOfOrganization(url, organization)))) return undefined;
  url.search = '';
  url.hash = '';
  url.searchParams.set('api-version', '7.1');
  url.searchParams.set('serviceConnectionId', connectionId);
  return url.href;
}

/** How much of the path names the organization: all of its own on loopback, a segment or nothing in the cloud. */
function lengthOfOrganization(url: URL, { name, url: own }: Organization): number {
  if (isLoopback(url)) return new URL(own).pathname.length;
  return url.hostname.endsWith('dev.azure.com') ? name.length + 1 : 0;
}
