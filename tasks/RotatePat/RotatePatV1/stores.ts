import pLimit from 'p-limit';
import type { Effects } from '../../common/agent/effects.js';
import type { PatStore } from '../../common/stores/store.js';
import type { StoreSignIn } from '../../common/stores/store-sign-in.js';
import { AzureSignIn } from '../../common/azure/azure-sign-in.js';
import { keyVaultStore } from '../../common/stores/key-vault.js';
import { serviceConnectionStore } from '../../common/stores/service-connection.js';
import { variableGroupStore } from '../../common/stores/variable-group.js';
import { containerOf, type RotationEntry } from './entry.js';
import type { RotationRequest } from './request.js';

/** A store, and a turnstile: what writes to the same group or connection goes one by one. */
export interface OpenStore {
  readonly store: PatStore;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The store of each entry, in their order. Nothing is sent yet. */
export function openStores(request: RotationRequest, signIn: StoreSignIn, effects: Effects): OpenStore[] {
  const azure = request.azure === undefined ? undefined : new AzureSignIn(request.azure, effects);
  const turnstiles = new Map<string, OpenStore['inTurn']>();
  const turnstileOf = (container: string) => {
    const turnstile = turnstiles.get(container) ?? pLimit(1);
    turnstiles.set(container, turnstile);
    return turnstile;
  };
  return request.entries.map(entry => ({
    store: storeOf(entry, request, signIn, azure, effects),
    inTurn: turnstileOf(containerOf(entry.store)),
  }));
}

function storeOf(
  { store }: RotationEntry,
  { storeOrganization: organization, project }: RotationRequest,
  signIn: StoreSignIn,
  azure: AzureSignIn | undefined,
  effects: Effects,
): PatStore {
  switch (store.kind) {
    case 'variableGroup':
      return variableGroupStore(
        {
          organization,
          project: store.project || project,
          group: store.variableGroup,
          variableName: store.variableName,
        },
        signIn,
        effects,
      );
    case 'serviceConnection':
      return serviceConnectionStore(
        {
          organization,
          project: store.project || project,
          connection: store.serviceConnection,
          parameter: store.connectionParameter,
        },
        signIn,
        effects,
      );
    case 'keyVault':
      if (azure === undefined) throw new Error('a key vault without a connection');
      return keyVaultStore(store, azure, effects);
  }
}
