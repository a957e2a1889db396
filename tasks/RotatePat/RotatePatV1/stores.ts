import type { Effects } from '#agent/effects';
import type { AzureApp } from '#key-vault/azure-app';
import { readChoiceOf } from '../../common/inputs/inputs.js';
import { KEY_VAULT_KEYS, keyVault } from '../../common/stores/key-vault.js';
import { SERVICE_CONNECTION_KEYS, serviceConnection } from '../../common/stores/service-connection.js';
import type { PatStore } from '../../common/stores/store.js';
import type { StoreContext, StoreKind, StoreSource } from '../../common/stores/store-kind.js';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { VARIABLE_GROUP_KEYS, variableGroup } from '../../common/stores/variable-group.js';
import { VaultClients } from '../../common/stores/vault-clients.js';

/** The kinds of stores, by what the input `store` calls them. */
export const storeKinds = { variableGroup, serviceConnection, keyVault };
/** What entries say of their stores. */
export const STORE_KEYS = [...VARIABLE_GROUP_KEYS, ...SERVICE_CONNECTION_KEYS, ...KEY_VAULT_KEYS] as const;

type KindName = keyof typeof storeKinds;
type ChoiceOf<K extends KindName> = ReturnType<(typeof storeKinds)[K]['read']>;
type Chosen<K extends KindName> = { readonly [P in K]: ChoiceOf<P> & { readonly kind: P } }[K];

/** Where the value goes. Empty `project`: the run's. */
export type StoreChoice = Chosen<KindName>;

const kinds: { readonly [K in KindName]: StoreKind<Chosen<K>, (typeof STORE_KEYS)[number]> } = storeKinds;

const KIND_NAMES = Object.keys(storeKinds) as KindName[];

/** Reads which store an entry names; what is wrong is told to the source. */
export function readStore(source: StoreSource<(typeof STORE_KEYS)[number] | 'store'>): StoreChoice {
  const project = source.text('project');
  if (/[/\\%\p{Cc}]|^\.+$/u.test(project))
    source.fault('project', `"${project}" is not the name of a project. Example: Shop`);
  const kind = readChoiceOf(source.text('store'), KIND_NAMES);
  if (kind !== undefined) return storeKinds[kind].read(source);
  source.fault(
    'store',
    `"${source.text('store')}" is not one of ${KIND_NAMES.join(', ')}. Example: ${KIND_NAMES[0] ?? ''}`,
  );
  return { kind: 'variableGroup', variableGroup: '', project, variableName: '' };
}

/** Everything that a write sets, value and record. */
export function claimsOf<K extends KindName>(choice: Chosen<K>): string[] {
  return kinds[choice.kind].claims(choice);
}

export function writeScopesOf({ kind }: StoreChoice): readonly string[] {
  return storeKinds[kind].writeScopes;
}

/** What a rotation asks for of its stores. */
interface WantedStores {
  readonly entries: readonly { readonly store: StoreChoice }[];
  readonly project: string;
  readonly azure: AzureApp | undefined;
}

/** The store of each entry, in their order. Nothing is sent yet. */
export function openStores(wanted: WantedStores, signIn: StoreIdentity, effects: Effects): PatStore[] {
  const { project, azure, entries } = wanted;
  const around = { project, signIn, effects, vaults: new VaultClients(azure, effects) };
  return entries.map(({ store }) => open(store, around));
}

function open<K extends KindName>(choice: Chosen<K>, around: StoreContext): PatStore {
  return kinds[choice.kind].open(choice, around);
}
