import { redact } from './redact.js';

/** What is replaced, as a reader sees it: `{organization-1}`. */
export type PseudonymKind =
  'organization' | 'project' | 'tenant' | 'vault' | 'host' | 'id' | 'number' | 'name' | 'member' | 'header';

/** Shorter texts stand in too many words. */
const SHORTEST_SOUGHT = 4;
/** What is longer, or has other letters, may be anything. */
const NAMES = {
  member: /^[$@_]?[a-z][a-z_.@-]{0,39}\d{0,2}$/i,
  header: /^[a-z](?:[a-z-]|\d(?!\d\d)){0,39}$/i,
};

/**
 * Names in place of names, ids and numbers, the same for the same, so that a text that others read says nothing about
 * people and places, and still tells whether two things are one. Case does not count.
 */
export class Pseudonyms {
  readonly #given = new Map<string, string>();
  /** What would tell something wherever it stands. */
  readonly #hidden = new Set<string>();
  readonly #counted = new Map<PseudonymKind, number>();

  of(kind: PseudonymKind, text: string): string {
    const original = text.toLowerCase();
    const known = this.#given.get(original);
    if (known !== undefined) return known;
    const number = (this.#counted.get(kind) ?? 0) + 1;
    this.#counted.set(kind, number);
    const pseudonym = `{${kind}-${number}}`;
    this.#given.set(original, pseudonym);
    if (kind !== 'member' && kind !== 'header' && original.length >= SHORTEST_SOUGHT)
      this.#hidden.add(original);
    return pseudonym;
  }

  /** The name of a member or a header as it is, where it is one that a program chose; else a pseudonym. */
  ofName(kind: 'member' | 'header', name: string): string {
    return NAMES[kind].test(name) && redact(name) === name && !this.#hides(name) ? name : this.of(kind, name);
  }

  /** Whether something that was replaced elsewhere stands in this text. */
  #hides(text: string): boolean {
    const sought = text.toLowerCase();
    return [...this.#hidden].some(original => sought.includes(original));
  }
}
