import { FULL_ACCESS, scopeCatalogue, type Scope } from './scope-catalogue.js';

/** No scope is longer, and no label. */
const LONGEST_COMPARED = 80;

/** Permissions of an Entra application; a PAT cannot carry them. */
const ENTRA_ONLY = new Set(['vso.pats', 'vso.pats_manage', 'user_impersonation']);

/** What to say of an entry that is no scope. */
export function unknownScope(entry: string): string {
  if (ENTRA_ONLY.has(entry.toLowerCase())) {
    return `"${entry}" is a permission of an Entra application, not a scope of a PAT. Example: vso.code`;
  }
  const shown = entry.length > LONGEST_COMPARED ? `${entry.slice(0, LONGEST_COMPARED)}…` : entry;
  const nearest = nearestScope(entry);
  return nearest === undefined
    ? `"${shown}" is not a scope, and none is near that allows no more. Example: vso.code`
    : `"${shown}" is not a scope. Nearest: ${nearest.uri}, which is ${nearest.label}`;
}

/**
 * The scope that an entry which is none comes nearest to, among those that allow no more than the entry means: a hint
 * never leads from reading to writing. Undefined when there is none.
 */
function nearestScope(entry: string): Scope | undefined {
  const words = wordsOf(entry.slice(0, LONGEST_COMPARED));
  const text = words.join('');
  if (['apptoken', 'fullaccess'].some(full => editDistance(text, full) <= 2))
    return scopeCatalogue().find(({ uri }) => uri === FULL_ACCESS);
  const wanted = readingOf(words);
  const far = Math.max(1, wanted.area.length * FAR);
  const near = catalogue().flatMap(({ scope, readings }) => {
    const [apart] = readings
      .filter(reading => isWithin(reading, wanted.levels))
      .map(reading => editDistance(wanted.area, reading.area))
      .filter(apart => apart <= far)
      .sort((a, b) => a - b);
    const short = readings.map(reading => shortOf(wanted.levels, reading.levels));
    return apart === undefined ? [] : [{ scope, apart, short: Math.min(...short) }];
  });
  near.sort((a, b) => a.apart - b.apart || a.short - b.short);
  return near[0]?.scope;
}

/** Whether a word is one that says what a scope allows, typing errors borne. */
export function isLevel(word: string): boolean {
  return levelOf(word.toLowerCase()) !== undefined;
}

/** With more than this part of its letters changed, an entry has nothing in common with a scope. */
const FAR = 0.4;

/** What words allow, beginning with the least. One of a row includes those of the rows before, and no other of its own. */
const LEVELS: readonly (readonly string[])[] = [
  ['read'],
  ['query', 'use', 'status', 'diagnostics', 'interact', 'acquire'],
  ['write', 'create', 'execute', 'publish'],
  ['manage'],
  ['full'],
];
const ALL_LEVELS = LEVELS.flat();
/** Other words for them. */
const SAME: Readonly<Record<string, string>> = {
  view: 'read',
  edit: 'write',
  admin: 'manage',
  administer: 'manage',
  all: 'full',
};

/** What an entry or a scope is about, and what it allows there. */
interface Reading {
  readonly area: string;
  readonly levels: readonly string[];
  /** A URI without a word for it says nothing of what it allows: `vso.tokens` is for managing. */
  readonly silent: boolean;
}

/** A scope reads in two ways: by its URI and by its label. */
const catalogue = (): readonly { readonly scope: Scope; readonly readings: readonly Reading[] }[] =>
  (known ??= scopeCatalogue()
    .filter(({ uri }) => uri !== FULL_ACCESS)
    .map(scope => {
      const label = labelReading(scope.label);
      const uri = readingOf(wordsOf(scope.uri));
      // The name that the URI gives the area, with the words of the label for what is allowed.
      return { scope, readings: [uri, label, { ...label, area: uri.area }] };
    }));
let known: readonly { readonly scope: Scope; readonly readings: readonly Reading[] }[] | undefined;

function readingOf(words: readonly string[]): Reading {
  const area = words.filter(word => levelOf(word) === undefined);
  const levels = words.flatMap(word => levelOf(word) ?? []);
  return { area: area.join(''), levels, silent: levels.length === 0 };
}

/** The part in parentheses says what is allowed, the one before where. */
function labelReading(label: string): Reading {
  const [area = '', level = ''] = label.split('(');
  const levels = wordsOf(level).flatMap(word => levelOf(word) ?? []);
  return { area: wordsOf(area).join(''), levels, silent: false };
}

/** No word beyond reading that is not meant or below what is meant. */
function isWithin({ levels, silent }: Reading, meant: readonly string[]): boolean {
  if (silent) return meant.length === 0;
  const highest = Math.max(0, ...meant.map(rankOf));
  return levels.every(level => meant.includes(level) || rankOf(level) < Math.max(1, highest));
}

/** How far what is allowed stays behind what is meant. */
function shortOf(meant: readonly string[], levels: readonly string[]): number {
  return Math.abs(Math.max(0, ...meant.map(rankOf)) - Math.max(0, ...levels.map(rankOf)));
}

function rankOf(level: string): number {
  return LEVELS.findIndex(row => row.includes(level));
}

/** The level that a word is, or nearly: `wirte` is `write`, and so is `readwrite`. */
function levelOf(word: string): string | undefined {
  if (Object.hasOwn(SAME, word)) return SAME[word];
  if (ALL_LEVELS.includes(word)) return word;
  if (/^read.*write$/.test(word)) return 'write';
  if (/^read.?only$/.test(word)) return 'read';
  return ALL_LEVELS.find(
    level => level.length >= 4 && Math.abs(level.length - word.length) <= 1 && isNear(word, level),
  );
}

/** The same letters in another order, or one letter more, less or other; the first one is seldom wrong. */
function isNear(word: string, level: string): boolean {
  const sorted = (text: string) => Array.from(text).sort().join('');
  return (
    word.startsWith(level.slice(0, 1)) && (editDistance(word, level) <= 1 || sorted(word) === sorted(level))
  );
}

/** Lower case, without the marks and the words that say nothing. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => !['', 'vso', 'and', 'scope', 'scopes'].includes(word));
}

/** Levenshtein distance: letters to add, to drop or to change. */
export function editDistance(a: string, b: string): number {
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
