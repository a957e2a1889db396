import type { Effects } from '#agent/effects';
import type { PatStore } from './store.js';
import type { StoreIdentity } from './store-identity.js';
import type { VaultClients } from './vault-clients.js';

/** What an entry says of its store: inputs of the task, or keys of a plan file, under the same names. */
export interface StoreSource<Key extends string> {
  /** Trimmed; empty when not given. */
  text(key: Key | 'project'): string;
  /** `text` continues the sentence and ends with an example. */
  fault(key: Key | 'project', text: string): void;
}

/** What opens a store. */
export interface StoreContext {
  /** The run's, for a store that names none. */
  readonly project: string;
  readonly signIn: StoreIdentity;
  readonly effects: Effects;
  readonly vaults: VaultClients;
}

/** Everything that a rotation knows of one kind of store. */
export interface StoreKind<Choice, Key extends string> {
  /** Its own inputs, by name. */
  readonly keys: readonly Key[];
  /** Scopes of the PAT that the task issues to write as the issuing user; none where others may write. */
  readonly writeScopes: readonly string[];
  /** Reads an entry. Where faults were told, what is returned is only of use to look for more. */
  read(source: StoreSource<Key>): Choice;
  /**
   * Everything that a write sets, value and record. Two entries with the same among it would overwrite each other; a
   * connection has room for one record.
   */
  claims(choice: Choice): string[];
  /** Nothing is sent yet. */
  open(choice: Choice, around: StoreContext): PatStore;
}

/** An input that its store cannot do without. */
export function required<Key extends string>(source: StoreSource<Key>, key: Key, example: string): string {
  const text = source.text(key);
  if (text === '') source.fault(key, `is required by this store. Example: ${example}`);
  return text;
}
