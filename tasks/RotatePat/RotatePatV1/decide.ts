import { includesScope } from '#pat/scopes';
import type { ListedPat } from '#azure-devops/listed-pat';
import { lineageOf } from '#pat/generations';
import { formatLifetime, formatMoment } from '#text/lifetime';
import type { RotationState } from './rotation-state.js';

/** Whether a rotation is due, and why. */
export type Decision =
  | { readonly rotate: true; readonly why: string }
  | { readonly rotate: false; readonly why: string; readonly due: Date; readonly pat: ListedPat };

/** What a decision hangs on. */
export type Stand = Pick<RotationState, 'lineage' | 'recordedId' | 'current' | 'isForeign'> & {
  readonly entry: Pick<RotationState['entry'], 'scopes' | 'renewBefore'>;
};

export function decide({ entry, lineage, recordedId, current }: Stand, force: boolean, now: Date): Decision {
  if (recordedId === undefined) return { rotate: true, why: 'the store names no PAT yet' };
  if (current?.validTo === undefined || current.validTo <= now)
    return { rotate: true, why: 'the PAT that the store names is not alive' };
  if (lineageOf(current.displayName) !== lineage)
    return { rotate: true, why: 'the store names a PAT of another name' };
  if (!isSameAccess(scopesOf(current), entry.scopes))
    return { rotate: true, why: 'the scopes are to change' };
  if (force) return { rotate: true, why: 'force' };
  const left = current.validTo.getTime() - now.getTime();
  if (left <= entry.renewBefore) return { rotate: true, why: `it ends in ${formatLifetime(left)}` };
  const due = new Date(current.validTo.getTime() - entry.renewBefore);
  return { rotate: false, why: `not due before ${formatMoment(due)}`, due, pat: current };
}

/**
 * Whether a rotation would overwrite what is not its own: something that stands there without a record, or beside the
 * record of a PAT that is none of this store's generations. A record whose PAT is not alive is taken for ours: nothing
 * tells any more what it was.
 */
export function isSomebodyElses({ lineage, current, isForeign }: Omit<Stand, 'entry'>): boolean {
  if (current === undefined) return isForeign;
  // Another name, in the same store, is that of a rotation that was renamed.
  return lineageOf(current.displayName)?.slice(-STORE_MARK) !== lineage.slice(-STORE_MARK);
}

/** Characters of a lineage that tell the store. */
const STORE_MARK = 8;

/** The service may list scopes in another order, or with what they include. */
export function isSameAccess(some: readonly string[], others: readonly string[]): boolean {
  const covers = (holders: readonly string[], scopes: readonly string[]) =>
    scopes.every(scope => holders.some(holder => includesScope(holder, scope)));
  return covers(some, others) && covers(others, some);
}

export function scopesOf({ scope }: ListedPat): string[] {
  return scope.split(/\s+/).filter(uri => uri !== '');
}
