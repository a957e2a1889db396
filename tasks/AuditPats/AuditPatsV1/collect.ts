import { AUDIT } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { sameOrganization } from '#azure-devops/organization';
import { EveryonesPats } from './everyones-pats.js';
import type { CollectedPats, FoundPat } from './found-pat.js';
import { missed, notCancelled, tellable, type Missed } from './missing.js';
import { OwnPats } from './own-pats.js';
import type { AuditRequest } from './request.js';

/**
 * Reads every PAT, as far as it can be read.
 * @throws Failure when nothing could be read at all
 */
export async function collectPats(request: AuditRequest, effects: Effects): Promise<CollectedPats> {
  const { actor, book, organizations } = request;
  const policy = retryFor(effects, AUDIT.reading);
  const asksUsers = book.rules.some(({ id }) => id === 'inactive-user');
  try {
    const lists =
      actor.as === 'issuer'
        ? new OwnPats(actor.issuer, effects, policy)
        : new EveryonesPats(actor.token, asksUsers, effects, policy);
    const parts = await lists.read(organizations);
    const [failure] = lists.failures;
    const pats = parts.flatMap(part => part.pats);
    const users = parts.reduce((sum, part) => sum + part.users, 0);
    if (failure !== undefined && pats.length === 0 && users === 0) throw failure;
    const missing = [...parts.flatMap(part => part.missing), ...notJudgeable(pats)];
    return { pats: onePerPat(pats), users, missing };
  } catch (error) {
    throw tellable(request, notCancelled(error));
  }
}

/** No rule can say anything of a PAT whose end or scopes the service does not tell. */
function notJudgeable(pats: readonly FoundPat[]): Missed[] {
  return pats
    .filter(({ state, validTo, scope }) => state === 'active' && (validTo === undefined || scope === ''))
    .map(({ organization, authorizationId, validTo }) => {
      const what = validTo === undefined ? 'end' : 'scopes';
      return missed(
        { organization: organization.name },
        `the ${what} of PAT ${authorizationId} could not be read`,
      );
    });
}

/** Two names of one organization give the same PATs. */
function onePerPat(pats: readonly FoundPat[]): FoundPat[] {
  const found: FoundPat[] = [];
  const known = new Map<string, FoundPat>();
  for (const pat of pats) {
    const other = known.get(pat.authorizationId);
    if (other !== undefined && sameOrganization(other.organization, pat.organization)) continue;
    known.set(pat.authorizationId, pat);
    found.push(pat);
  }
  return found;
}
