import { stat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import type { InputFaults } from '../../common/inputs/input-faults.js';
import { ENTRY_KEYS, placeOf, readEntry, type EntryKey, type RotationEntry } from './entry.js';

const LARGEST = 1024 * 1024;
const MOST_ENTRIES = 1_000;

/** What an entry takes where it says nothing: the inputs of the step, by name. */
export type EntryDefaults = (key: EntryKey) => string;

/**
 * Reads a plan: YAML with a list `pats`, each entry with the inputs of the task under their names (JSON schema:
 * schemas/rotation-plan.schema.json). Every fault is collected with its line.
 */
export async function readPlanFile(
  path: string,
  defaults: EntryDefaults,
  faults: InputFaults,
): Promise<RotationEntry[]> {
  const text = await readText(path, faults);
  if (text === undefined) return [];
  const plan = new Plan(basename(path), text, faults);
  const entries = plan.entries().flatMap(entry => {
    const read = readEntry({
      text: key => plan.textOf(entry, key) ?? defaults(key),
      fault: (key, fault) => {
        plan.fault(plan.pairOf(entry, key)?.key ?? entry, `${key} ${fault}`);
      },
    });
    return read === undefined ? [] : [{ read, entry }];
  });
  const names = new Set<string>();
  const places = new Map<string, string>();
  for (const { read, entry } of entries) {
    if (names.has(read.name))
      plan.fault(entry, `name "${read.name}" is there twice. Give each PAT a name of its own`);
    const place = placeOf(read.store);
    const other = places.get(place);
    if (other !== undefined) plan.fault(entry, `"${read.name}" goes to the same place as "${other}"`);
    names.add(read.name);
    places.set(place, read.name);
  }
  return entries.map(({ read }) => read);
}

async function readText(path: string, faults: InputFaults): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST) faults.input('plan', 'is larger than 1 MB. Example: rotation.yml');
    else return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    faults.input('plan', `"${path}" cannot be read (${reason}); is it checked out? Example: rotation.yml`);
  }
  return undefined;
}

/** A YAML document whose nodes know their lines. */
class Plan {
  readonly #lines = new LineCounter();
  readonly #root: unknown;

  constructor(
    private readonly file: string,
    text: string,
    private readonly faults: InputFaults,
  ) {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined)
      faults.line(file, this.#lines.linePos(error.pos[0]).line, `this is not YAML: ${error.message}`);
    this.#root = error === undefined ? document.contents : undefined;
  }

  /** The maps in `pats`; everything else is a fault. */
  entries(): YAMLMap[] {
    if (this.#root === undefined) return [];
    if (!isMap(this.#root)) return this.#none('a plan is a map with a list "pats"');
    const list = this.#root.get('pats', true);
    for (const pair of this.#root.items) this.#checkKey(pair, ['pats']);
    if (!isSeq(list) || list.items.length === 0)
      return this.#none('"pats" has to be a list with an entry for each PAT');
    if (list.items.length > MOST_ENTRIES)
      return this.#none(`"pats" has ${list.items.length} entries; ${MOST_ENTRIES} are the most`);
    return list.items.flatMap(item => {
      if (!isMap(item)) {
        this.fault(item, 'an entry is a map such as "name: Nightly mirror"');
        return [];
      }
      for (const pair of item.items) this.#checkKey(pair, ENTRY_KEYS);
      return [item];
    });
  }

  /** The value of a key as text; a list is joined with commas. */
  textOf(entry: YAMLMap, key: EntryKey): string | undefined {
    const value = this.pairOf(entry, key)?.value;
    if (value === undefined || value === null) return undefined;
    if (isScalar(value)) return asPlainText(value.value);
    if (isSeq(value) && value.items.every(isScalar))
      return value.items.map(item => asPlainText(item.value) ?? '').join(', ');
    this.fault(value, `${key} has to be a text`);
    return undefined;
  }

  pairOf(entry: YAMLMap, key: EntryKey): Pair | undefined {
    return entry.items.find(pair => isScalar(pair.key) && pair.key.value === key);
  }

  fault(node: unknown, text: string): void {
    const start = isNodeWithRange(node) ? node.range[0] : 0;
    this.faults.line(this.file, this.#lines.linePos(start).line, text);
  }

  #checkKey(pair: Pair, known: readonly string[]): void {
    const key = isScalar(pair.key) ? asPlainText(pair.key.value) : undefined;
    if (key !== undefined && known.includes(key)) return;
    const hint =
      key === 'azureConnection' ? 'is an input of the step, so that the agent hands it over' : 'is not known';
    this.fault(pair.key, `"${key ?? ''}" ${hint}. Known: ${known.join(', ')}`);
  }

  #none(text: string): [] {
    this.fault(this.#root, text);
    return [];
  }
}

function asPlainText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).trim()
    : undefined;
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
