import { isCredentialHost, isLoopback } from '#http/hosts';

/** A tenant's GUID or one of its domains; a refresh token belongs to one tenant, so never `common`. */
export const TENANT = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;

/** Of an application. */
export const CLIENT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const DEFAULT_AUTHORITY = 'https://login.microsoftonline.com';

/** The origin of an Entra authority; undefined for everything that may not get a sign-in. */
export function readAuthority(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '';
  return bare && isCredentialHost(url, 'entra') ? url.origin : undefined;
}

/** What stands in for an organization on this machine gets no token of a real user, and could do nothing with it. */
export function mayGoTogether(organization: { readonly url: string }, authority: string): boolean {
  return !isLoopback(new URL(organization.url)) || isLoopback(new URL(authority));
}
