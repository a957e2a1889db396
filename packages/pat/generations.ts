import { MINUTE } from '#text/lifetime';
import { LABEL, LONGEST_NAME } from './pat-name.js';
import type { ListedPat } from '#azure-devops/listed-pat';

const MARK = ' job-pat:rotated/';
/** Eight hex digits of the store, eight of the generation. */
const DIGITS = /^[0-9a-f]{8}\/[0-9a-f]{8}$/;
const DIGITS_LENGTH = 17;
const NONCE_LENGTH = 8;

/** Longest name of a rotated PAT. It is never cut: two cut names could become one. */
export const LONGEST_ROTATED_NAME = LONGEST_NAME - MARK.length - DIGITS_LENGTH;

/**
 * An unrecorded generation that is younger may be one that another rotation is about to record; an older one was left
 * behind by a rotation that was cut.
 */
export const LEFT_BEHIND_AFTER = 15 * MINUTE;

/**
 * What all generations of a rotated PAT in one store have in common: the start of their display names. The same name in
 * another store is another PAT.
 *
 * @param store eight hex digits; see `storeMark`
 */
export function lineage(name: string, store: string): string {
  return `${name}${MARK}${store}`;
}

/**
 * The display name of a new generation of a rotated PAT: `Nightly mirror job-pat:rotated/<store>/<nonce>`.
 *
 * @param nonce eight hex digits
 */
export function generationName(lineage: string, nonce: string): string {
  return `${lineage}/${nonce}`;
}

/** The name of the rotated PAT that a display name is a generation of. A name that tells no store is nobody's. */
export function rotatedNameOf(displayName: string): string | undefined {
  const name = displayName.slice(0, -MARK.length - DIGITS_LENGTH);
  const suffix = displayName.slice(name.length);
  const isSuffix = suffix.startsWith(MARK) && DIGITS.test(suffix.slice(MARK.length));
  const isName = LABEL.test(name) && name.trim() === name && !/job-pat:/i.test(name);
  return isSuffix && isName ? name : undefined;
}

/** The lineage that a display name belongs to. */
export function lineageOf(displayName: string): string | undefined {
  return rotatedNameOf(displayName) === undefined ? undefined : displayName.slice(0, -NONCE_LENGTH - 1);
}

/** What is known of the generations that a store names. */
export interface Recorded {
  readonly authorizationId: string;
  readonly validFrom: Date;
  /**
   * What the store named before, where this run saw it: an authorization id, or none. Undefined when nobody knows: then
   * the newest generation before the recorded one passes for it.
   */
  readonly previous: { readonly authorizationId: string | undefined } | undefined;
}

/**
 * The generations that nobody needs: all but the recorded one, until `overlap` after its creation the one before it,
 * and those so young that another rotation may be about to record them.
 *
 * @param overlap milliseconds
 */
export function noLongerNeeded(
  generations: readonly ListedPat[],
  recorded: Recorded,
  overlap: number,
  now: Date,
): ListedPat[] {
  const others = generations.filter(pat => pat.authorizationId !== recorded.authorizationId);
  const inOverlap = now.getTime() < recorded.validFrom.getTime() + overlap;
  const previous = inOverlap ? previousOf(others, recorded) : undefined;
  return others.filter(pat => {
    if (pat.authorizationId === previous) return false;
    const wasRecorded = pat.authorizationId === recorded.previous?.authorizationId;
    return wasRecorded || age(pat, now) > LEFT_BEHIND_AFTER;
  });
}

/**
 * The generation before the recorded one. Two can stand before it when a rotation was cut shortly before the recorded
 * one was made: what that rotation left was too young then to be revoked, the true one was not.
 */
function previousOf(others: readonly ListedPat[], recorded: Recorded): string | undefined {
  if (recorded.previous !== undefined) return recorded.previous.authorizationId;
  const before = others
    .filter(pat => pat.validFrom !== undefined && pat.validFrom.getTime() <= recorded.validFrom.getTime())
    .sort((a, b) => age(a, recorded.validFrom) - age(b, recorded.validFrom));
  const settled = before.find(pat => age(pat, recorded.validFrom) > LEFT_BEHIND_AFTER);
  return (settled ?? before[0])?.authorizationId;
}

/** None for one of which the service does not tell it: it is left alone. */
function age(pat: ListedPat, now: Date): number {
  return now.getTime() - (pat.validFrom?.getTime() ?? now.getTime());
}
