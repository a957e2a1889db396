import { isCredentialHost, isLoopback } from '#http/hosts';
import type { Vault } from './vault.js';

/** What a vault answers with 401: for what, and from whom, it wants a token. All of it comes from outside. */
export interface VaultChallenge {
  readonly resource: string | undefined;
  readonly authority: URL | undefined;
}

/**
 * Reads `WWW-Authenticate: Bearer authorization="https://{authority}/{tenant}", resource="https://vault.azure.net"`.
 * Some stand-ins say `authorization_uri`, or `scope` with `/.default` in place of `resource`.
 */
export function readChallenge(header: string): VaultChallenge {
  const values = new Map<string, string>();
  for (const [, name = '', quoted, bare] of header.matchAll(
    /([a-z_]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|([^\s,"]+))/gi,
  ))
    values.set(name.toLowerCase(), quoted ?? bare ?? '');
  const uri = values.get('authorization') ?? values.get('authorization_uri') ?? '';
  const resource = values.get('resource') ?? values.get('scope')?.replace(/\/\.default$/, '');
  return {
    resource: resource?.replace(/\/+$/, ''),
    authority: URL.canParse(uri) ? new URL(uri) : undefined,
  };
}

/**
 * The resource that a token may be asked for: the vault's own. On loopback, where the host says nothing, the one of
 * any cloud's vaults, or loopback itself.
 *
 * @returns undefined when the challenge names another one
 */
export function acceptedResource({ resource }: VaultChallenge, vault: Vault): string | undefined {
  if (resource === undefined || resource === vault.resource) return vault.resource;
  if (!vault.isLoopback || !URL.canParse(resource)) return undefined;
  const url = new URL(resource);
  const isVaults = isLoopback(url) || isCredentialHost(new URL(`https://any.${url.host}`), 'key-vault');
  return isVaults ? resource : undefined;
}

/** Where a vault on loopback sends one to sign in; a challenge cannot send anybody off this machine. */
export function loopbackAuthority({ authority }: VaultChallenge, vault: Vault): string | undefined {
  const isHere = vault.isLoopback && authority !== undefined && isLoopback(authority);
  return isHere ? authority.origin : undefined;
}
