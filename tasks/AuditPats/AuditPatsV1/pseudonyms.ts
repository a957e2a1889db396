import { createHmac, randomBytes } from 'node:crypto';
import { readJobPatName } from '#pat/run-name';
import { rotatedNameOf } from '#pat/generations';
import { expiredException, type Inventory, type InventoryPat } from './inventory.js';
import type { Missed } from './missing.js';

/**
 * The inventory without a word that names a person: users and PATs have pseudonyms, the same one for the same user or
 * name throughout, and what the service said of a failure is left out. They are keyed with bytes that nobody keeps, so
 * that no list of candidates finds out who is meant, and two audits cannot be compared.
 *
 * @param missed what could not be read, in the order of the inventory's `missing`
 */
export function withPseudonyms(inventory: Inventory, missed: readonly Missed[]): Inventory {
  const key = randomBytes(32);
  const pseudonym = (kind: 'user' | 'PAT', text: string): string =>
    `${kind}-${createHmac('sha256', key).update(`${kind} ${text}`).digest('hex').slice(0, 12)}`;

  /** The part of a name that Job PAT made names a run or a generation, and the rules mean it. */
  const patName = (displayName: string): string => {
    if (displayName === '') return '';
    const isOurs = readJobPatName(displayName) !== undefined || rotatedNameOf(displayName) !== undefined;
    const at = isOurs ? displayName.lastIndexOf(' job-pat:') : displayName.length;
    return pseudonym('PAT', displayName.slice(0, at)) + displayName.slice(at);
  };
  const patOf = (pat: InventoryPat): InventoryPat => {
    const user = pat.user === null ? null : pseudonym('user', pat.user.id);
    return {
      ...pat,
      displayName: patName(pat.displayName),
      user:
        pat.user === null || user === null
          ? null
          : { ...pat.user, id: user, displayName: user, principalName: user },
    };
  };
  const exceptions = inventory.exceptions.map((exception, index) => ({
    ...exception,
    name: `exception ${index + 1}`,
  }));
  return {
    ...inventory,
    people: 'pseudonyms',
    pats: inventory.pats.map(patOf),
    missing: missed.map(({ organization, userId, plainReason }) => ({
      organization,
      user: userId === null ? null : pseudonym('user', userId),
      reason: plainReason,
    })),
    general: exceptions.filter(({ expired }) => expired).map(expiredException),
    exceptions,
  };
}
