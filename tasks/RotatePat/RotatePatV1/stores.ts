import type { Effects } from '#agent/effects';
import type { PatStore } from '../../common/stores/store.js';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { AzureSignIn } from '#key-vault/azure-sign-in';
import type { Vault } from '#key-vault/vault';
import { keyVaultStore } from '../../common/stores/key-vault.js';
import { vaultClient } from '#key-vault/key-vault-client';
import { serviceConnectionStore } from '../../common/stores/service-connection.js';
import { variableGroupStore } from '../../common/stores/variable-group.js';
import type { RotationEntry } from './entry.js';
import type { RotationRequest } from './request.js';

/** The store of each entry, in their order. Nothing is sent yet. */
export function openStores(request: RotationRequest, signIn: StoreIdentity, effects: Effects): PatStore[] {
  const vaults = new VaultClients(request, effects);
  return request.entries.map(entry => storeOf(entry, request, signIn, vaults, effects));
}

function storeOf(
  { store }: RotationEntry,
  { project }: RotationRequest,
  signIn: StoreIdentity,
  vaults: VaultClients,
  effects: Effects,
): PatStore {
  switch (store.kind) {
    case 'variableGroup':
      return variableGroupStore(
        {
          project: store.project || project,
          group: store.variableGroup,
          variableName: store.variableName,
        },
        signIn,
      );
    case 'serviceConnection':
      return serviceConnectionStore(
        {
          project: store.project || project,
          connection: store.serviceConnection,
          parameter: store.connectionParameter,
        },
        signIn,
        effects.agent,
      );
    case 'keyVault':
      return keyVaultStore(store, () => vaults.of(store.vault));
  }
}

/** One sign-in for all key vaults, and one client for each: what a vault wants is asked once. */
class VaultClients {
  readonly #signIn: AzureSignIn | undefined;
  readonly #clients = new Map<string, ReturnType<typeof vaultClient>>();

  constructor(
    { azure }: RotationRequest,
    private readonly effects: Effects,
  ) {
    this.#signIn = azure === undefined ? undefined : new AzureSignIn(azure, effects);
  }

  of(vault: Vault): ReturnType<typeof vaultClient> {
    if (this.#signIn === undefined) throw new Error('a key vault without a connection');
    const client = this.#clients.get(vault.url) ?? vaultClient(vault, this.#signIn, this.effects);
    this.#clients.set(vault.url, client);
    return client;
  }
}
