import { includesScope } from '../../common/inputs/scopes.js';
import type { ListedPat } from '../../common/pats/pats.js';
import { rotatedNameOf } from '../../common/pats/generations.js';
import { spokenLifetime, spokenMoment } from '../../common/text/lifetime.js';
import type { RotationEntry } from './entry.js';

/** Whether a rotation is due, and why. */
export type Decision =
  | { readonly rotate: true; readonly why: string }
  | { readonly rotate: false; readonly why: string; readonly due: Date; readonly pat: ListedPat };

/**
 * @param recordedId what the store names
 * @param current the PAT of that id, when it is alive
 */
export function decide(
  entry: Pick<RotationEntry, 'name' | 'scopes' | 'renewBefore'>,
  recordedId: string | undefined,
  current: ListedPat | undefined,
  force: boolean,
  now: Date,
): Decision {
  if (recordedId === undefined) return { rotate: true, why: 'the store names no PAT yet' };
  if (current?.validTo === undefined || current.validTo <= now)
    return { rotate: true, why: 'the PAT that the store names is not alive' };
  if (rotatedNameOf(current.displayName) !== entry.name)
    return { rotate: true, why: 'the store names a PAT of another name' };
  if (!isSameAccess(scopesOf(current), entry.scopes))
    return { rotate: true, why: 'the scopes are to change' };
  if (force) return { rotate: true, why: 'force' };
  const left = current.validTo.getTime() - now.getTime();
  if (left <= entry.renewBefore) return { rotate: true, why: `it ends in ${spokenLifetime(left)}` };
  const due = new Date(current.validTo.getTime() - entry.renewBefore);
  return { rotate: false, why: `not due before ${spokenMoment(due)}`, due, pat: current };
}

/** The service may list scopes in another order, or with what they include. */
export function isSameAccess(some: readonly string[], others: readonly string[]): boolean {
  const covers = (holders: readonly string[], scopes: readonly string[]) =>
    scopes.every(scope => holders.some(holder => includesScope(holder, scope)));
  return covers(some, others) && covers(others, some);
}

export function scopesOf({ scope }: ListedPat): string[] {
  return scope.split(/\s+/).filter(uri => uri !== '');
}
