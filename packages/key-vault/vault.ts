import { isCredentialHost, isLoopback, keyVaultDomain } from '#http/hosts';

/** A key vault, and what Entra calls its service. */
export interface Vault {
  /** Without a slash at the end: `https://contoso.vault.azure.net`. */
  readonly url: string;
  readonly host: string;
  /** What a token for it is made for: `https://vault.azure.net`. */
  readonly resource: string;
  readonly isLoopback: boolean;
}

export const VAULT_EXAMPLE = 'https://contoso.vault.azure.net';
export const SECRET_NAME_EXAMPLE = 'git-pat';

/** Nothing but an origin: no user, path, query, or port that the parser would drop. */
const ORIGIN = /^https?:\/\/[a-z0-9.:[\]-]+\/?$/i;

/** On loopback; everywhere else the domain of the vault says it. */
const PUBLIC_CLOUD = 'vault.azure.net';

/**
 * Reads the URL of a vault: `https://{name}.vault.azure.net`, or that of another cloud, or on loopback
 * `http://127.0.0.1:{port}`.
 *
 * @returns undefined for every other URL, so that nothing else can ever receive a credential
 */
export function vaultAt(text: string): Vault | undefined {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWrittenOut = `${url.origin}/` === `${text.replace(/\/$/, '')}/`.toLowerCase();
  if (!isWrittenOut || !isCredentialHost(url, 'key-vault')) return undefined;
  return {
    url: url.origin,
    host: url.host,
    resource: `https://${keyVaultDomain(url) ?? PUBLIC_CLOUD}`,
    isLoopback: isLoopback(url),
  };
}

/** What is wrong with the URL of a vault, to continue "Input keyVaultUrl:"; undefined when it is one. */
export function vaultUrlFault(text: string): string | undefined {
  if (vaultAt(text) !== undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.hostname.includes('.managedhsm.') === true)
    return `"${text}" is a managed HSM, which holds no secrets. Example: ${VAULT_EXAMPLE}`;
  if (url !== undefined && keyVaultDomain(url) !== undefined)
    return `"${text}" is not just the https address of the vault; secretName names the secret. Example: ${VAULT_EXAMPLE}`;
  return `"${text}" is not the URL of a key vault. Example: ${VAULT_EXAMPLE}`;
}

/** What is wrong with the name of a secret; undefined when it can be one. */
export function secretNameFault(name: string): string | undefined {
  return /^[0-9A-Za-z-]{1,127}$/.test(name)
    ? undefined
    : `"${name}" is not the name of a secret: letters, digits and hyphens, at most 127. Example: ${SECRET_NAME_EXAMPLE}`;
}
