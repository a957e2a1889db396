import { countOf } from '#text/count';
import { basename } from 'node:path';
import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { ValidationErrors } from '../../common/inputs/validation-errors.js';
import { readTextFile } from '#text/text-file';
import { readYaml, textOf, type YamlText } from '#text/yaml-text';
import { ENTRY_KEYS, readEntry, type EntryKey, type RotationEntry } from './entry.js';
import { claimsOf } from './stores.js';

const LARGEST = 1024 * 1024;
const MOST_ENTRIES = 1_000;
/** Of the lines that are told at once. */
const MOST_FAULTS = 50;

/** What an entry takes where it says nothing: the inputs of the step, by name. */
export interface EntryDefaults {
  text(key: EntryKey): string;
  /** Whether that is wrong by itself, and told once for all entries. */
  isTold(key: EntryKey): boolean;
}

/**
 * Reads a plan: YAML with a list `pats`, each entry with the inputs of the task under their names (JSON schema:
 * schemas/rotation-plan.schema.json). Every fault is collected with its line.
 *
 * @returns what it asks for, of use only where there are no faults
 */
export function readPlanFile(
  path: string,
  defaults: EntryDefaults,
  faults: ValidationErrors,
): RotationEntry[] {
  const text = readTextFile(path, LARGEST);
  if (typeof text !== 'string') {
    faults.input('plan', `"${path}" ${text.fault}. Example: rotation.yml`);
    return [];
  }
  const yaml = readYaml(text);
  for (const { line, text } of yaml.faults) faults.line(basename(path), line, text);
  if (yaml.root === undefined && yaml.faults.length > 0) return [];
  const plan = new Plan(basename(path), yaml, faults);
  const entries = plan.entries().map(entry => {
    const read = readEntry({
      text: key => plan.textOf(entry, key) ?? defaults.text(key),
      fault: (key, fault) => {
        const own = plan.pairOf(entry, key);
        if (own !== undefined || !defaults.isTold(key)) plan.fault(own?.key ?? entry, `${key} ${fault}`);
      },
    });
    return { ...read, node: entry };
  });
  const names = new Set<string>();
  const claims = new Map<string, string>();
  for (const { entry, isSound, node } of entries) {
    if (!isSound) continue;
    if (names.has(entry.name))
      plan.fault(node, `name "${entry.name}" is there twice. Give each PAT a name of its own`);
    names.add(entry.name);
    const mine = claimsOf(entry.store);
    const other = mine.map(claim => claims.get(claim)).find(name => name !== undefined);
    if (other !== undefined)
      plan.fault(node, `"${entry.name}" goes to the same place as "${other}", or to its record`);
    for (const claim of mine) claims.set(claim, entry.name);
  }
  plan.tellRest();
  return entries.map(({ entry }) => entry);
}

/** A YAML document whose nodes know their lines. */
class Plan {
  #told = 0;

  constructor(
    private readonly file: string,
    private readonly yaml: YamlText,
    private readonly faults: ValidationErrors,
  ) {}

  /** The maps in `pats`; everything else is a fault. */
  entries(): YAMLMap[] {
    const { root } = this.yaml;
    if (!isMap(root)) return this.#none('a plan is a map with a list "pats"');
    const list = root.get('pats', true);
    for (const pair of root.items) this.#checkKey(pair, ['pats']);
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

  /** The value of a key as it is written; a list is joined with commas. Undefined where nothing is written. */
  textOf(entry: YAMLMap, key: EntryKey): string | undefined {
    const value = this.pairOf(entry, key)?.value;
    if (value === undefined || value === null) return undefined;
    const parts = isSeq(value) ? value.items : [value];
    const texts = parts.flatMap(part => {
      if (!isScalar(part)) return [];
      const text = textOf(part);
      if (text === undefined && part.value !== '')
        this.fault(
          part,
          `${key} "${String(part.value)}" means nothing in YAML. Leave it out, or put a name into quotes`,
        );
      return text === undefined && !isSeq(value) ? [] : [text?.trim() ?? ''];
    });
    if (parts.every(isScalar)) return texts.length === 0 && !isSeq(value) ? undefined : texts.join(', ');
    this.fault(value, `${key} has to be a text`);
    return undefined;
  }

  pairOf(entry: YAMLMap, key: EntryKey): Pair | undefined {
    return entry.items.find(pair => textOf(pair.key) === key);
  }

  fault(node: unknown, text: string): void {
    this.#told += 1;
    if (this.#told <= MOST_FAULTS) this.faults.line(this.file, this.yaml.lineOf(node), text);
  }

  /** What was too much to tell. */
  tellRest(): void {
    if (this.#told > MOST_FAULTS)
      this.faults.input(
        'plan',
        `${countOf(this.#told - MOST_FAULTS, 'more line has', 'more lines have')} to be put right`,
      );
  }

  #checkKey(pair: Pair, known: readonly string[]): void {
    const key = textOf(pair.key);
    if (key !== undefined && known.includes(key)) return;
    const hint =
      key === 'azureConnection' ? 'is an input of the step, so that the agent hands it over' : 'is not known';
    this.fault(pair.key, `"${key ?? ''}" ${hint}. Known: ${known.join(', ')}`);
  }

  #none(text: string): [] {
    this.fault(this.yaml.root, text);
    return [];
  }
}
