import { FULL_ACCESS, scopeCatalogue, type Scope } from './scope-catalogue.js';

const byUri = new Map(scopeCatalogue.map(scope => [scope.uri, scope]));

/** Permissions of an Entra application; a PAT cannot carry them. */
const ENTRA_ONLY = new Set(['vso.pats', 'vso.pats_manage', 'user_impersonation']);

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
  const faults: string[] = [];
  const uris = entriesOf(text).map(entry => {
    const known = byUri.get(entry.toLowerCase()) ?? scopeLabelled(entry);
    if (known) return known.uri;
    if (options.allowUnknown && /^[A-Za-z0-9][A-Za-z0-9._]*$/.test(entry)) return entry;
    faults.push(unknownScope(entry));
    return entry;
  });
  return faults.length > 0 ? { scopes: [], included: [], faults } : { ...reduced(uris), faults };
}

/** Whether a PAT with `holder` may do what `scope` allows: the same scope, or one that includes it. */
export function includesScope(holder: string, scope: string): boolean {
  if (holder === FULL_ACCESS) return true;
  for (let at: string | undefined = holder; at !== undefined; at = byUri.get(at)?.includes) {
    if (at === scope) return true;
  }
  return false;
}

/** The portal's label of a scope: `Code (Read & write)`. */
export function labelOf(uri: string): string | undefined {
  return byUri.get(uri)?.label;
}

/** What the portal's form offers, in its order. */
export function portalScopes(): Scope[] {
  return scopeCatalogue.filter(scope => scope.onPortal);
}

function reduced(uris: string[]): Pick<ScopeList, 'scopes' | 'included'> {
  const distinct = [...new Set(uris)];
  const included: (readonly [string, string])[] = [];
  const scopes = distinct.filter(uri => {
    const by = distinct.find(other => other !== uri && includesScope(other, uri));
    if (by !== undefined) included.push([uri, by]);
    return by === undefined;
  });
  return { scopes, included };
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
    .flatMap(entry =>
      entry.includes('(') || scopeLabelled(entry) !== undefined ? [entry] : entry.split(/\s+/),
    );
}

/** The scope with this portal label. */
function scopeLabelled(label: string): Scope | undefined {
  const plain = label.includes(' ') ? plainLabel(label) : '';
  return plain === '' ? undefined : scopeCatalogue.find(scope => plainLabel(scope.label) === plain);
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

function unknownScope(entry: string): string {
  if (ENTRA_ONLY.has(entry.toLowerCase())) {
    return `"${entry}" is a permission of an Entra application, not a scope of a PAT. Example: vso.code`;
  }
  const nearest = nearestScope(entry);
  return `"${entry}" is not a scope. Nearest: ${nearest.uri}, which is ${nearest.label}`;
}

function nearestScope(entry: string): Scope {
  const wanted = entry.slice(0, LONGEST_COMPARED).toLowerCase();
  const asUri = wanted.startsWith('vso.') || wanted === FULL_ACCESS ? wanted : `vso.${wanted}`;
  const distance = (scope: Scope) =>
    Math.min(editDistance(asUri, scope.uri), editDistance(plainLabel(wanted), plainLabel(scope.label)));
  return scopeCatalogue.reduce((best, scope) => (distance(scope) < distance(best) ? scope : best));
}

/** No scope is longer, and no label. */
const LONGEST_COMPARED = 80;

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
