import { MINUTE } from '../text/lifetime.js';
import { LABEL, LONGEST_NAME } from '../runs/run-name.js';
import type { ListedPat } from './pats.js';

const MARK = ' job-pat:rotated/';
const NONCE = 8;

/** Longest name of a rotated PAT. It is never cut: two cut names could become one. */
export const LONGEST_ROTATED_NAME = LONGEST_NAME - MARK.length - NONCE;

/**
 * An unrecorded generation that is younger may be one that another rotation is about to record; an older one was left
 * behind by a rotation that was cut.
 */
export const LEFT_BEHIND_AFTER = 15 * MINUTE;

/**
 * The display name of a new generation of a rotated PAT.
 *
 * @param nonce eight hex digits
 */
export function generationName(name: string, nonce: string): string {
  return `${name}${MARK}${nonce}`;
}

/** The name of the rotated PAT that a display name is a generation of. */
export function rotatedNameOf(displayName: string): string | undefined {
  const name = displayName.slice(0, -MARK.length - NONCE);
  const suffix = displayName.slice(name.length);
  const isSuffix = suffix.startsWith(MARK) && /^[0-9a-f]{8}$/.test(suffix.slice(MARK.length));
  const isName = LABEL.test(name) && name.trim() === name && !/job-pat:/i.test(name);
  return isSuffix && isName ? name : undefined;
}

/** What is known of the generations that a store names. */
export interface Recorded {
  readonly authorizationId: string;
  readonly validFrom: Date;
  /** The generation that the store named before, where this run saw it. */
  readonly previous: string | undefined;
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
    const wasRecorded = pat.authorizationId === recorded.previous;
    return wasRecorded || (pat.validFrom !== undefined && age(pat, now) > LEFT_BEHIND_AFTER);
  });
}

/**
 * The generation before the recorded one. Two can stand before it when a rotation was cut shortly before the recorded
 * one was made: what that rotation left was too young then to be revoked, the true one was not.
 */
function previousOf(others: readonly ListedPat[], recorded: Recorded): string | undefined {
  if (recorded.previous !== undefined) return recorded.previous;
  const before = others
    .filter(pat => pat.validFrom !== undefined && pat.validFrom.getTime() <= recorded.validFrom.getTime())
    .sort((a, b) => age(a, recorded.validFrom) - age(b, recorded.validFrom));
  const settled = before.find(pat => age(pat, recorded.validFrom) > LEFT_BEHIND_AFTER);
  return (settled ?? before[0])?.authorizationId;
}

function age(pat: ListedPat, now: Date): number {
  return now.getTime() - (pat.validFrom?.getTime() ?? now.getTime());
}
