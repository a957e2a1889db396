import { readChoiceOf } from '../../common/inputs/inputs.js';
import { parseScopes } from '#pat/scopes';
import { LONGEST_ROTATED_NAME } from '#pat/generations';
import { LABEL_EXAMPLE, labelFault } from '#pat/pat-name';
import { readStore, STORE_KEYS, type StoreChoice } from './stores.js';
import { MINUTE, parseLifetime, YEAR } from '#text/lifetime';

/** A PAT that is kept in a store and replaced before it ends. Lengths of time in milliseconds. */
export interface RotationEntry {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly validFor: number;
  readonly renewBefore: number;
  readonly overlap: number;
  /** Whether what the store holds, and no rotation put there, may be overwritten. */
  readonly takeOver: boolean;
  readonly store: StoreChoice;
}

/** What an entry says of itself: inputs of the task, or keys of a plan file, under the same names. */
export const ENTRY_KEYS = [
  'name',
  'scopes',
  'allowUnknownScopes',
  'validFor',
  'renewBefore',
  'overlap',
  'takeOver',
  'store',
  ...STORE_KEYS,
  'project',
] as const;
export type EntryKey = (typeof ENTRY_KEYS)[number];

export interface EntrySource {
  /** Trimmed; empty when not given. */
  text(key: EntryKey): string;
  /** `text` continues the sentence and ends with an example. */
  fault(key: EntryKey, text: string): void;
}

const SHORTEST = 5 * MINUTE;

/** What was read; where it is not sound, what is wrong was told, and the rest is still of use to look for more. */
export interface ReadEntry {
  readonly entry: RotationEntry;
  readonly isSound: boolean;
}

/** Reads one entry; what is wrong is told to the source. */
export function readEntry(source: EntrySource): ReadEntry {
  const faulty = new Set<EntryKey>();
  const checked: EntrySource = {
    text: key => source.text(key),
    fault(key, text) {
      faulty.add(key);
      source.fault(key, text);
    },
  };
  const entry = {
    name: readName(checked),
    scopes: readScopes(checked),
    ...readTimes(checked),
    takeOver: readSwitch(checked, 'takeOver'),
    store: readStore(checked),
  };
  return { entry, isSound: faulty.size === 0 };
}

function readName(source: EntrySource): string {
  const name = source.text('name');
  if (name === '') source.fault('name', `is required. Example: ${LABEL_EXAMPLE}`);
  else if (name.length > LONGEST_ROTATED_NAME)
    source.fault(
      'name',
      `has ${name.length} characters; ${LONGEST_ROTATED_NAME} are the most. Example: ${LABEL_EXAMPLE}`,
    );
  else {
    const fault = labelFault(name);
    if (fault !== undefined) source.fault('name', `the value ${fault}. Example: ${LABEL_EXAMPLE}`);
  }
  return name;
}

function readScopes(source: EntrySource): string[] {
  const allowUnknown = readSwitch(source, 'allowUnknownScopes');
  const list = parseScopes(source.text('scopes'), { allowUnknown });
  for (const fault of list.faults) source.fault('scopes', fault);
  if (list.faults.length === 0 && list.scopes.length === 0)
    source.fault('scopes', 'is required. Example: vso.code or Code (Read)');
  return list.scopes;
}

function readSwitch(source: EntrySource, key: 'allowUnknownScopes' | 'takeOver'): boolean {
  const choice = readChoiceOf(source.text(key) || 'false', ['false', 'true']);
  if (choice === undefined) source.fault(key, 'is neither true nor false. Example: true');
  return choice === 'true';
}

function readTimes(source: EntrySource): Pick<RotationEntry, 'validFor' | 'renewBefore' | 'overlap'> {
  const read = (key: 'validFor' | 'renewBefore' | 'overlap', example: string) => {
    const text = source.text(key);
    const length = parseLifetime(text);
    if (length === undefined) source.fault(key, `"${text}" is not a length of time. Example: ${example}`);
    return length;
  };
  const validFor = read('validFor', '30d');
  const renewBefore = read('renewBefore', '7d');
  const overlap = read('overlap', '24h') ?? 0;
  if (validFor !== undefined && validFor > YEAR)
    source.fault('validFor', 'is too long; no PAT lives longer than a year. Example: 30d');
  else if (validFor !== undefined && validFor < SHORTEST)
    source.fault('validFor', 'is too short; 5 minutes at least. Example: 30d');
  return { validFor: validFor ?? 0, renewBefore: renewBefore ?? 0, overlap };
}
