import { isCredentialHost, isLoopback } from '#http/hosts';

/** One Azure DevOps organization and where its APIs live. */
export interface Organization {
  readonly name: string;
  /** REST APIs of the organization, without a slash at the end: `https://dev.azure.com/contoso`. */
  readonly url: string;
  /** The PAT API's base: `https://vssps.dev.azure.com/contoso`; on loopback the same as `url`. */
  readonly tokensUrl: string;
  /** The Release API's base: `https://vsrm.dev.azure.com/contoso`; on loopback the same as `url`. */
  readonly releasesUrl: string;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?$/;

/** No organization's URL has a blank, a letter beyond ASCII, a user, a query, an escape or an empty path segment. */
const SUSPICIOUS = /[^\x21-\x7e]|[\\?#@%]|[^:]\/\//;

export const ORGANIZATION_EXAMPLE = 'contoso or https://dev.azure.com/contoso';

/**
 * Reads an organization URL: `https://dev.azure.com/{name}`, `https://{name}.visualstudio.com`, or on loopback
 * `http://127.0.0.1:{port}/{name}`.
 *
 * @returns undefined for every other URL, so that nothing else can ever receive a credential
 */
export function organizationAt(text: string): Organization | undefined {
  if (!/^https?:\/\//i.test(text) || SUSPICIOUS.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!isCredentialHost(url, 'azure-devops') || !isWrittenOut(text, url)) return undefined;
  const path = url.pathname.split('/').filter(part => part !== '');
  if (isLoopback(url)) {
    const name = path.at(-1);
    return name !== undefined && NAME.test(name)
      ? onLoopback(`${url.origin}/${path.join('/')}`, name)
      : undefined;
  }
  if (url.hostname === 'dev.azure.com') {
    const name = path[0];
    return name !== undefined && path.length === 1 && NAME.test(name) ? inTheCloud(name) : undefined;
  }
  const name = /^([a-z0-9-]+)\.visualstudio\.com$/.exec(url.hostname)?.[1];
  const atItsRoot =
    path.length === 0 || (path.length === 1 && path[0]?.toLowerCase() === 'defaultcollection');
  return name !== undefined && atItsRoot && NAME.test(name) ? inTheCloud(name) : undefined;
}

/**
 * Reads what a user wrote, a name or a URL. On loopback only the very origin of the home counts: what somebody writes into
 * a pipeline must not lead to another listener on the agent's machine.
 *
 * @param home where a bare name lives: the organization of the service connection or of the run
 */
export function parseOrganization(text: string, home: Organization): Organization | undefined {
  if (!NAME.test(text)) {
    const organization = organizationAt(text);
    if (organization === undefined) return undefined;
    const { origin } = new URL(organization.url);
    return isLoopback(new URL(origin)) && origin !== new URL(home.url).origin ? undefined : organization;
  }
  if (!isLoopback(new URL(home.url))) return inTheCloud(text);
  return onLoopback(`${home.url.slice(0, home.url.lastIndexOf('/'))}/${text}`, text);
}

/** Two spellings of the same organization: names do not mind case, places do. */
export function sameOrganization(a: Organization, b: Organization): boolean {
  return a.url.toLowerCase() === b.url.toLowerCase();
}

/**
 * The organization that an API's address in the cloud names, by a path segment or by its host, on each of its hosts:
 * `https://vsrm.dev.azure.com/contoso/...`, `https://contoso.vsrm.visualstudio.com/...`.
 *
 * @returns undefined on loopback, where an address does not tell how long the organization's part is
 */
export function organizationOfAddress(url: URL): Organization | undefined {
  if (isLoopback(url) || !isCredentialHost(url, 'azure-devops')) return undefined;
  const name = url.hostname.endsWith('dev.azure.com')
    ? url.pathname.split('/')[1]
    : url.hostname.split('.')[0];
  return name !== undefined && NAME.test(name) ? inTheCloud(name) : undefined;
}

/** Whether an address is one of an organization's own. */
export function belongsTo(url: URL, organization: Organization): boolean {
  const named = organizationOfAddress(url);
  if (named !== undefined) return sameOrganization(named, organization);
  const address = `${url.origin}${url.pathname}/`.toLowerCase();
  return isLoopback(url) && address.startsWith(`${organization.url.toLowerCase()}/`);
}

/** Whether a reader sees what the parser does: nothing was resolved (`127.1`, `..`) or dropped (`:443`). */
function isWrittenOut(text: string, url: URL): boolean {
  const withSlash = (href: string) => `${href.replace(/\/$/, '')}/`.toLowerCase();
  return withSlash(text) === withSlash(url.href);
}

function inTheCloud(name: string): Organization {
  return {
    name,
    url: `https://dev.azure.com/${name}`,
    tokensUrl: `https://vssps.dev.azure.com/${name}`,
    releasesUrl: `https://vsrm.dev.azure.com/${name}`,
  };
}

function onLoopback(url: string, name: string): Organization {
  return { name, url, tokensUrl: url, releasesUrl: url };
}
