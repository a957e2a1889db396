import type { Policies } from '../policies.js';
import { fullAccess, isPackagingScope, isPatScope } from '../scopes.js';
import type { PatTokenError } from './errors.js';
import { parseWireTime } from './instant.js';

const day = 24 * 60 * 60 * 1000;

/** "One year from creation" is the longest a PAT can live; a leap year is allowed for. */
const longestLife = 366 * day;

/** What the service would accept as a name; its own limit is not published. */
const longestName = 256;

/** Refuses a display name; undefined when it is fine. */
export function refuseName(name: string | undefined): PatTokenError | undefined {
  if (name === undefined || name.trim() === '') return 'displayNameRequired';
  return name.length > longestName || /\p{Cc}/u.test(name) ? 'invalidDisplayName' : undefined;
}

/** Refuses scopes that do not exist, are not separated by one space, or stand beside full access. */
export function refuseScope(scope: string | undefined): PatTokenError | undefined {
  const names = (scope ?? '').split(' ');
  if (!names.every(isPatScope)) return 'invalidScope';
  return names.includes(fullAccess) && names.length > 1 ? 'invalidScope' : undefined;
}

/** Refuses what the policies of the organization forbid to create. */
export function refuseByPolicy(scope: string, policies: Policies): PatTokenError | undefined {
  const names = scope.split(' ');
  const packagingOnly = policies.creation === 'packagingOnly' && names.every(isPackagingScope);
  if (policies.creation !== 'open' && !packagingOnly) return 'disablePatCreationPolicyViolation';
  return refuseScopeByPolicy(scope, policies);
}

export function refuseScopeByPolicy(scope: string, policies: Policies): PatTokenError | undefined {
  return policies.fullScopeRestricted && scope === fullAccess ? 'fullScopePatPolicyViolation' : undefined;
}

/** The end of a PAT that begins at `from`: what was asked, cut to the policy; undefined when it cannot be. */
export function endOf(asked: string, from: Date, now: Date, policies: Policies): Date | undefined {
  const validTo = parseWireTime(asked);
  if (!validTo || validTo.getTime() <= now.getTime()) return undefined;
  const lifespan = policies.maximumLifespanDays;
  const ceiling = lifespan === undefined ? undefined : from.getTime() + lifespan * day;
  if (ceiling !== undefined && validTo.getTime() > ceiling) return new Date(ceiling);
  return validTo.getTime() > from.getTime() + longestLife ? undefined : validTo;
}

/** The end of a PAT for which none was asked: 30 days, the first choice of the web form. */
export function defaultEnd(from: Date): Date {
  return new Date(from.getTime() + 30 * day);
}
