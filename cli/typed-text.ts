import { asGuid } from '#text/json';
import { sanitize } from '#text/sanitize';

/**
 * What a person typed, fit to be shown to them again. Secrets are typed at the wrong place now and then, and an error
 * ends in a log: what may be one is not shown beyond its first four characters.
 *
 * @param longest characters kept
 */
export function typedText(text: string, longest = 128): string {
  return mayBeSecret(text) ? `${sanitize(text.trim().slice(0, 4), 4)}…` : sanitize(text, longest);
}

/**
 * Whether a text looks like a token, a PAT or a client secret: one word as long as these are, of their letters, with a
 * digit and both cases in it. Ids and names of Job PAT do not.
 */
export function mayBeSecret(text: string): boolean {
  return text
    .trim()
    .split(/[\s"'=,;]+/)
    .some(word => asGuid(word) === undefined && isRandomWord(word));
}

const SHORTEST_SECRET = 16;

function isRandomWord(word: string): boolean {
  if (word.length < SHORTEST_SECRET || !/^[\w~.+/-]+$/.test(word)) return false;
  if (word.length >= LONGER_THAN_NAMES && !/[-_./]/.test(word)) return true;
  return /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word);
}

/** Lower-case PATs of the older kind have 52 letters. */
const LONGER_THAN_NAMES = 40;
