import type { Effects } from '#agent/effects';
import type { AzureApp } from '#key-vault/azure-app';
import { AzureSignIn } from '#key-vault/azure-sign-in';
import { vaultClient } from '#key-vault/key-vault-client';
import type { Vault } from '#key-vault/vault';

/** One sign-in for all key vaults, and one client for each: what a vault wants is asked once. */
export class VaultClients {
  readonly #signIn: AzureSignIn | undefined;
  readonly #effects: Effects;
  readonly #clients = new Map<string, ReturnType<typeof vaultClient>>();

  /** @param azure undefined where no entry has a key vault */
  constructor(azure: AzureApp | undefined, effects: Effects) {
    this.#signIn = azure === undefined ? undefined : new AzureSignIn(azure, effects);
    this.#effects = effects;
  }

  of(vault: Vault): ReturnType<typeof vaultClient> {
    if (this.#signIn === undefined) throw new Error('a key vault without a connection');
    const client = this.#clients.get(vault.url) ?? vaultClient(vault, this.#signIn, this.#effects);
    this.#clients.set(vault.url, client);
    return client;
  }
}
