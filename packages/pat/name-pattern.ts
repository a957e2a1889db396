import { namesOfOurs } from './names-of-ours.js';

const LONGEST = 256;
const MOST_ALTERNATIVES = 100;

/**
 * A glob on a whole display name: `*` stands for any text, `?` for one character, `[ab]`, `[a-z]` and `[!a]` for one
 * of several, `{x,y}` for either; `\` takes the meaning off the character behind it. Case matters. Globs of files are
 * another thing: there `/` and leading dots are special. The time taken grows with the product of both lengths only.
 */
export function namePattern(pattern: string): (displayName: string) => boolean {
  const alternatives = alternativesOf(pattern).map(partsOf);
  return displayName => {
    const characters = Array.from(displayName);
    return alternatives.some(parts => matches(parts, characters));
  };
}

/**
 * How much a pattern may match.
 * - `few`: names of no kind as such
 * - `kind`: every name of a kind too, such as `* job-pat:build/*`, but not of all kinds
 * - `all`: whatever it does
 */
export type Reach = 'few' | 'kind' | 'all';

/** Says why a pattern cannot be used, or nothing when it can. */
export function namePatternFault(pattern: string, reach: Reach): string | undefined {
  if (pattern === '') return 'is required';
  if (pattern.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (alternativesOf(pattern).length > MOST_ALTERNATIVES) return `"${pattern}" stands for too many patterns`;
  if (reach === 'all') return undefined;
  const matches = namePattern(pattern);
  const kinds = namesOfOurs().map(names => names.filter(matches).length > names.length * MOST_BY_CHANCE);
  if (reach === 'kind') {
    // Those of terminals come last: who reaches everything that pipelines made has narrowed nothing.
    return kinds.slice(0, -1).every(Boolean)
      ? `"${pattern}" matches every name that Job PAT gives; narrow it`
      : undefined;
  }
  return kinds.some(Boolean)
    ? `"${pattern}" matches every name that Job PAT gives, or every one of a kind, or many by chance; narrow it, or set includeForeign: true`
    : undefined;
}

/** Names drawn at random have next to nothing in common with what somebody wrote to find certain ones. */
const MOST_BY_CHANCE = 1 / 8;

/** One character of a name, or any text. */
type Part = 'any text' | ((character: string) => boolean);

/** A star is tried as short as possible, then longer: only the last one can be to blame, so this never explodes. */
function matches(parts: readonly Part[], characters: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star: { readonly part: number; readonly at: number } | undefined;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === 'any text') {
      star = { part, at };
      part += 1;
    } else if (wanted?.(characters[at] ?? '') === true) {
      part += 1;
      at += 1;
    } else if (star !== undefined) {
      star = { part: star.part, at: star.at + 1 };
      part = star.part + 1;
      at = star.at;
    } else return false;
  }
  return parts.slice(part).every(rest => rest === 'any text');
}

const PART = /\\(?<escaped>.)|\[(?<not>[!^]?)(?<set>(?:\\.|[^\]\\])+)\]|(?<other>.)/gsu;

function partsOf(pattern: string): Part[] {
  return [...pattern.matchAll(PART)].map(({ groups }): Part => {
    const { escaped, not, set, other } = groups ?? {};
    if (set !== undefined) {
      const isIn = inSet(set);
      return not === '' ? isIn : character => !isIn(character);
    }
    if (other === '*') return 'any text';
    if (other === '?') return () => true;
    return character => character === (escaped ?? other);
  });
}

function inSet(set: string): (character: string) => boolean {
  const ranges = [...set.matchAll(/\\?(?<from>.)(?:-\\?(?<to>.))?/gsu)].map(({ groups }) => {
    const from = groups?.['from'] ?? '';
    return { from, to: groups?.['to'] ?? from };
  });
  return character => ranges.some(({ from, to }) => from <= character && character <= to);
}

/** Writes out the innermost braces first; a brace without a partner or a comma is an ordinary character. */
function alternativesOf(pattern: string): string[] {
  let patterns = [pattern];
  for (;;) {
    const written = patterns.flatMap(writeOutOnce);
    if (written.length === patterns.length || written.length > MOST_ALTERNATIVES)
      return [...new Set(written)];
    patterns = written;
  }
}

const BRACES = /^((?:\\.|[^\\])*?)\{((?:\\.|[^\\{}])*,(?:\\.|[^\\{}])*)\}(.*)$/su;

function writeOutOnce(pattern: string): string[] {
  const [, before, inside, after] = BRACES.exec(pattern) ?? [];
  if (before === undefined || inside === undefined || after === undefined) return [pattern];
  return choicesOf(inside).map(choice => before + choice + after);
}

function choicesOf(inside: string): string[] {
  return [...`${inside},`.matchAll(/((?:\\.|[^\\,])*),/gsu)].map(([, choice]) => choice ?? '');
}
