import type { SecretClient, KeyVaultSecret } from '@azure/keyvault-secrets';
import {
  SECRET_NAME_EXAMPLE,
  secretNameFault,
  VAULT_EXAMPLE,
  vaultAt,
  vaultUrlFault,
  type Vault,
} from '#key-vault/vault';
import { mixedUp } from '#azure-devops/responses';
import { unreachable } from '#http/unreachable';
import { HttpFault, isTransientStatus } from '#http/http';
import { retry, type RetryResult, type RetryPolicy } from '#http/retry';
import { Failure } from '#advice/failure';
import { asGuid } from '#text/json';
import { sanitize } from '#text/sanitize';
import { VaultRefusal } from '#key-vault/key-vault-client';
import type { PatStore } from './store.js';
import { required, type StoreKind } from './store-kind.js';
import { notShown, storeError, rethrowAsStoreError } from './store-error.js';

/** The tag that names the generation. */
const RECORD = 'jobPatAuthorizationId';
/** What a secret can have at most. */
const MOST_TAGS = 15;
const CONTENT_TYPE = 'Azure DevOps PAT';

/** What an entry says of a secret of a key vault. */
export interface KeyVaultChoice {
  readonly kind: 'keyVault';
  readonly vault: Vault;
  readonly secretName: string;
}

export const KEY_VAULT_KEYS = ['keyVaultUrl', 'secretName'] as const;

/** A vault that is none has been told as a fault. */
const NO_VAULT: Vault = { url: '', host: '', resource: '', isLoopback: false };

export const keyVault: StoreKind<KeyVaultChoice, (typeof KEY_VAULT_KEYS)[number]> = {
  keys: KEY_VAULT_KEYS,
  writeScopes: [],
  read(source) {
    const url = required(source, 'keyVaultUrl', VAULT_EXAMPLE);
    const urlFault = url === '' ? undefined : vaultUrlFault(url);
    if (urlFault !== undefined) source.fault('keyVaultUrl', urlFault);
    const secretName = required(source, 'secretName', SECRET_NAME_EXAMPLE);
    const nameFault = secretName === '' ? undefined : secretNameFault(secretName);
    if (nameFault !== undefined) source.fault('secretName', nameFault);
    return { kind: 'keyVault', vault: vaultAt(url) ?? NO_VAULT, secretName };
  },
  claims: ({ vault, secretName }) => [`secret ${vault.url}/${secretName}`.toLowerCase()],
  open: (choice, { vaults }) => keyVaultStore(choice, () => vaults.of(choice.vault)),
};

/**
 * A secret of Azure Key Vault, with the authorization id in a tag. A write is a new version, which becomes the current
 * one together with its tags; other tags and the content type are taken over.
 *
 * `client` opens the vault at the first use: who has no key vault does not pay for it.
 *
 * The secret is read with its value, which needs the permission `get` only; listing versions would need another one.
 */
function keyVaultStore(choice: KeyVaultChoice, client: () => Promise<SecretClient>): PatStore {
  const { vault, secretName } = choice;
  const place = `secret "${secretName}" of ${vault.host}`;

  const attempt = async <T>(work: () => Promise<T>): Promise<RetryResult<T>> => {
    try {
      return { done: await work() };
    } catch (error) {
      return readError(error, place);
    }
  };

  const read = (policy: RetryPolicy): Promise<KeyVaultSecret | undefined> =>
    retry(policy, () =>
      attempt(async () => {
        try {
          return checked(await (await client()).getSecret(secretName));
        } catch (error) {
          if (error instanceof VaultRefusal && error.code === 'SecretNotFound') return undefined;
          throw error;
        }
      }),
    );

  const checked = (secret: KeyVaultSecret): KeyVaultSecret => {
    if (secret.name !== '' && secret.name.toLowerCase() !== secretName.toLowerCase())
      throw mixedUp(vault.host, `the ${place}`);
    const tags = Object.keys(secret.properties.tags ?? {});
    if (tags.length >= MOST_TAGS && !tags.includes(RECORD)) {
      throw new Failure(
        'store-not-usable',
        `The ${place} has ${tags.length} tags, and no room for ${RECORD}.`,
        'Remove a tag that nobody needs.',
      );
    }
    if (secret.properties.managed === true) {
      throw new Failure(
        'store-not-usable',
        `The ${place} belongs to a certificate of the vault, which keeps its key there.`,
        'Choose another secretName.',
      );
    }
    return secret;
  };

  return {
    place,

    async look(policy) {
      const secret = await read(policy);
      const recorded = recordedIn(secret);
      const isForeign = secret !== undefined && recorded === undefined;
      const exactly = `keyvault/${vault.host}/${secretName}`.toLowerCase();
      return { place: exactly, container: exactly, claims: [exactly], recorded, isForeign };
    },

    async recorded(policy) {
      return recordedIn(await read(policy));
    },

    async write({ value, authorizationId, validTo }, policy) {
      const { client: vaultSecrets, before } = await rethrowAsStoreError(async () => ({
        before: await read(policy),
        client: await client(),
      }));
      const { tags, contentType, notBefore } = before?.properties ?? {};
      const options = {
        tags: { ...tags, [RECORD]: authorizationId },
        contentType: contentType ?? CONTENT_TYPE,
        ...(notBefore === undefined ? {} : { notBefore }),
        expiresOn: validTo,
        enabled: true,
      };
      await retry(policy, () =>
        attemptWrite(async () => {
          const set = await vaultSecrets.setSecret(secretName, value, options);
          if (recordedIn(set) !== authorizationId) throw notShown(place);
        }),
      );
    },
  };

  /** What may have been carried out is not sent again here. */
  async function attemptWrite(work: () => Promise<void>): Promise<RetryResult<undefined>> {
    try {
      await work();
      return { done: undefined };
    } catch (error) {
      const outcome = readError(error, place);
      if (!('later' in outcome)) return outcome;
      const isNotDone =
        error instanceof VaultRefusal
          ? error.status === 429 || PASSES.test(error.code)
          : error instanceof HttpFault && error.kind === 'not-sent';
      if (!isNotDone) throw outcome.later;
      return { later: storeError(outcome.later), wait: outcome.wait };
    }
  }
}

function recordedIn(secret: KeyVaultSecret | undefined): string | undefined {
  return asGuid(secret?.properties.tags?.[RECORD]);
}

/** What the library threw, as something to try again, or as a Failure thrown. */
function readError(error: unknown, place: string): { readonly later: Failure; readonly wait?: number } {
  if (error instanceof Failure) throw error;
  if (error instanceof HttpFault) {
    if (error.kind === 'cancelled') throw new Failure('cancelled', 'The step was cancelled.', '');
    if (error.kind === 'not-trusted' || error.kind === 'too-large') throw unreachable(place, error);
    return { later: unreachable(`The key vault of ${place}`, error) };
  }
  if (!(error instanceof VaultRefusal)) throw error;
  const { status, code, text, wait } = error;
  const facts = { status, reason: sanitize(text, 200) };
  const reason = [code, text.replace(/\.$/, '')]
    .filter(part => part !== '')
    .map(part => `, ${sanitize(part, 200)}`);
  if (PASSES.test(code)) {
    return {
      later: new Failure(
        'service-unavailable',
        `The key vault of ${place} answered HTTP ${status}${reason.join('')}.`,
        'The secret is between two states, which passes within minutes; run again.',
        { facts },
      ),
      ...(wait !== undefined && { wait }),
    };
  }
  if (isTransientStatus(status)) {
    return {
      later: new Failure(
        'service-unavailable',
        `The key vault of ${place} answered HTTP ${status}${reason.join('')}.`,
        status === 429
          ? 'The key vault gets more requests than it takes. Run again later; if it stays, ask who else reads or writes there.'
          : 'This is a fault of Azure Key Vault or of a proxy; run again.',
        { facts },
      ),
      ...(wait !== undefined && { wait }),
    };
  }
  if (status >= 300 && status < 400) {
    // A key vault does not redirect: it is somebody in between, who may have passed a write on.
    throw new Failure(
      'redirect-refused',
      `The key vault of ${place} answered with a redirect (HTTP ${status}), which Job PAT never follows.`,
      'Check keyVaultUrl and secretName: this may be no key vault, or a proxy answers in its place.',
      { facts },
    );
  }
  const what = `The ${place} was refused (HTTP ${status}${reason.join('')}).`;
  throw new Failure('store-refused', what, repairOf(status, code), { facts });
}

/** States of a secret that end by themselves, and in which nothing is written. */
const PASSES = /^ObjectIsBeing(Recovered|Deleted|Restored)$/;

function repairOf(status: number, code: string): string {
  if (code === 'SecretDisabled') return 'Enable the current version of the secret, or delete the secret.';
  if (code === 'ObjectIsDeletedButRecoverable')
    return 'A deleted secret of this name can be recovered: recover it, or purge it.';
  if (/firewall|connection|network/i.test(code))
    return 'Let the address of this agent through the firewall of the key vault (Networking).';
  if (status === 401)
    return 'Check that the Azure connection belongs to the tenant and the cloud of the key vault.';
  if (status === 403)
    return 'Give the application of the Azure connection the role "Key Vault Secrets Officer" on the vault or the secret (with access policies: the secret permissions Get and Set).';
  if (status === 409)
    return 'Look at the secret in the vault: it is in a state that takes no new version, or something else changes it.';
  if (status === 404 || code === '') return 'Check keyVaultUrl and secretName: this may be no key vault.';
  return 'Job PAT does not know this reason: go by what the key vault said.';
}
