import { countOf } from '#text/count';
import { isLevel, unknownScope } from './nearest-scope.js';
import { FULL_ACCESS, scopeCatalogue, type Scope } from './scope-catalogue.js';

let uris: ReadonlyMap<string, Scope> | undefined;
let labels: ReadonlyMap<string, Scope> | undefined;

/** The scope with this URI. */
function scopeOf(uri: string): Scope | undefined {
  uris ??= new Map(scopeCatalogue().map(scope => [scope.uri, scope]));
  return uris.get(uri);
}

export interface ScopeList {
  /** Scope URIs without those that another one includes, in the order asked. */
  readonly scopes: string[];
  /** Left out because another scope of the list includes them: [left out, by]. */
  readonly included: (readonly [string, string])[];
  /** One sentence for each entry that is not a scope. */
  readonly faults: string[];
}

/**
 * Reads a list of scopes: URIs (`vso.code_write`) or portal labels (`Code (Read & write)`), separated by comma,
 * semicolon or newline, URIs also by blanks. Commas inside the parentheses of a label belong to it.
 */
export function parseScopes(text: string, options: { allowUnknown: boolean }): ScopeList {
  if (text.length > LONGEST_LIST) return tooLong(`the list has ${text.length} characters`);
  const entries = [...new Set(entriesOf(text))];
  if (entries.length > MOST_ENTRIES) return tooLong(`the list has ${entries.length} entries`);
  const unknown: string[] = [];
  const uris = entries.map(entry => {
    const known = scopeOf(entry.toLowerCase()) ?? scopeLabelled(entry);
    if (known) return known.uri;
    if (options.allowUnknown && /^[A-Za-z0-9][A-Za-z0-9._]*$/.test(entry)) return entry;
    unknown.push(entry);
    return entry;
  });
  const faults = unknown.slice(0, MOST_HINTS).map(unknownScope);
  if (unknown.length > MOST_HINTS)
    faults.push(countOf(unknown.length - MOST_HINTS, 'more entry is no scope', 'more entries are no scopes'));
  // What is known is held against the ceilings all the same: all faults are told at once.
  const strange = new Set(unknown);
  return { ...reduceScopes(uris.filter(uri => !strange.has(uri))), faults };
}

/** Whether a PAT with `holder` may do what `scope` allows: the same scope, or one that includes it. */
export function includesScope(holder: string, scope: string): boolean {
  if (holder === FULL_ACCESS) return true;
  for (let at: string | undefined = holder; at !== undefined; at = scopeOf(at)?.includes) {
    if (at === scope) return true;
  }
  return false;
}

/** The portal's label of a scope: `Code (Read & write)`. */
export function labelOf(uri: string): string | undefined {
  return scopeOf(uri)?.label;
}

/** What the portal's form offers, in its order. */
export function portalScopes(): Scope[] {
  return scopeCatalogue().filter(scope => scope.onPortal);
}

/** The scopes without those that another of them includes, in their order. */
export function reduceScopes(uris: readonly string[]): Pick<ScopeList, 'scopes' | 'included'> {
  const distinct = [...new Set(uris)];
  const included: (readonly [string, string])[] = [];
  const scopes = distinct.filter(uri => {
    const by = distinct.find(other => other !== uri && includesScope(other, uri));
    if (by !== undefined) included.push([uri, by]);
    return by === undefined;
  });
  return { scopes, included };
}

/** Characters and entries; all scopes that there are take fewer. */
const LONGEST_LIST = 16_384;
const MOST_ENTRIES = 500;
/** So many unknown entries get a hint each. */
const MOST_HINTS = 10;

function tooLong(what: string): ScopeList {
  const fault = `${what}, more than all scopes together. Example: vso.code vso.packaging`;
  return { scopes: [], included: [], faults: [fault] };
}

/** Splits outside parentheses; a piece that is no label is split at blanks too. */
function entriesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let depth = 0;
  for (const character of text) {
    const separates = character === '\n' || (depth === 0 && (character === ',' || character === ';'));
    if (character === '(') depth = 1;
    if (character === ')' || character === '\n') depth = 0;
    if (separates) pieces.push(piece);
    piece = separates ? '' : piece + character;
  }
  return [...pieces, piece]
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .flatMap(entry => (isLabelLike(entry) ? [entry] : entry.split(/\s+/)));
}

/** Whether a piece with blanks is one entry, as a person wrote it: `Code (Read)`, but also `Code: Read & Write`. */
function isLabelLike(entry: string): boolean {
  if (entry.includes('(') || scopeLabelled(entry) !== undefined) return true;
  const isOfUris = /[._]/.test(entry);
  return !isOfUris && (/[&:/]| - /.test(entry) || entry.split(/\s+/).some(isLevel));
}

/** The scope with this portal label. */
function scopeLabelled(label: string): Scope | undefined {
  if (!label.includes(' ')) return undefined;
  labels ??= new Map(scopeCatalogue().map(scope => [plainLabel(scope.label), scope]));
  return labels.get(plainLabel(label));
}

/** A label as compared: lower case, one blank between words, "&" and "and" alike. */
function plainLabel(label: string): string {
  return label
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/,/g, ' ')
    .replace(/\s*([()])\s*/g, ' $1 ')
    .replace(/\s+/g, ' ')
    .trim();
}
