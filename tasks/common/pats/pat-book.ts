import pLimit from 'p-limit';
import { patienceFor, type DiscreetEffects } from '../agent/effects.js';
import { asFailure } from '../text/failure.js';
import type { Organization } from '../inputs/organization.js';
import { MOST_IN_FLIGHT } from '../http/paced-http.js';
import type { Patience } from '../http/patience.js';
import { patApi, type ListedPat, type Listing, type PatApi } from './pats.js';
import { tokenAdministration } from './token-administration.js';

/** The PATs of one user in one organization: the caller's own, or with an administrator's token those of a named user. */
export interface PatBook {
  readonly organization: Organization;
  /** One pass over the list, see `listSettled`. @throws Failure */
  readList(keep: (pat: ListedPat) => boolean, patience: Patience): Promise<Listing>;
  /** PATs by their ids: which may be revoked here, and which may not. @throws Failure */
  find(ids: readonly string[], patience: Patience): Promise<{ pats: ListedPat[]; others: ListedPat[] }>;
  /** @throws Failure */
  revoke(authorizationId: string, patience: Patience): Promise<'revoked' | 'gone'>;
}

/** The PATs of the user whose Entra token this is. */
export function ownPats(organization: Organization, accessToken: string, effects: DiscreetEffects): PatBook {
  const api = patApi(effects.http, () => effects.clock.now(), organization, accessToken);
  const inTurn = pLimit(MOST_IN_FLIGHT);
  return {
    organization,
    readList: api.readList,
    // An id that is not shown is tried all the same: asking to end it does no harm, leaving it might.
    async find(ids) {
      const asked = ids.map(id => inTurn(async () => (await shown(api, id, effects)) ?? unlisted(id)));
      return { pats: await Promise.all(asked), others: [] };
    },
    revoke: api.revoke,
  };
}

async function shown(api: PatApi, id: string, effects: DiscreetEffects): Promise<ListedPat | undefined> {
  try {
    return await api.find(id, patienceFor(effects, FIND_BUDGET));
  } catch (error) {
    effects.agent.debug(asFailure(error).message);
    return undefined;
  }
}

/** Only for showing a name: milliseconds. */
const FIND_BUDGET = 10_000;

function unlisted(authorizationId: string): ListedPat {
  return { authorizationId, displayName: '', scope: '', validFrom: undefined, validTo: undefined };
}

/**
 * The PATs of a named user, as administrator.
 * @throws Failure when the organization has no such user
 */
export async function patsOfUser(
  user: string,
  organization: Organization,
  adminToken: string,
  { http, clock }: DiscreetEffects,
  patience: Patience,
): Promise<PatBook> {
  const administration = tokenAdministration(http, () => clock.now(), organization, adminToken);
  const descriptor = await administration.descriptorOf(user, patience);
  return {
    organization,
    readList: (keep, patience) => administration.readList(descriptor, keep, patience),
    // An administrator can end anybody's token: only ids of the named user count.
    async find(ids, patience) {
      const asked = (pat: ListedPat) => ids.includes(pat.authorizationId);
      const pats = await settled(() => administration.readList(descriptor, asked, patience));
      const others = ids.filter(id => !pats.some(pat => pat.authorizationId === id));
      return { pats, others: others.map(unlisted) };
    },
    revoke: (authorizationId, patience) => administration.revoke(authorizationId, descriptor, patience),
  };
}

const MOST_PASSES = 4;

/**
 * Lists until a pass brings nothing new: while pages are read, PATs come and go, and a page may skip one. A list of
 * one page is a snapshot and needs no second pass.
 */
export function listSettled(
  book: PatBook,
  keep: (pat: ListedPat) => boolean,
  patience: Patience,
): Promise<ListedPat[]> {
  return settled(() => book.readList(keep, patience));
}

async function settled(readOnce: () => Promise<Listing>): Promise<ListedPat[]> {
  const found = new Map<string, ListedPat>();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = found.size;
    const { pats, pages } = await readOnce();
    for (const pat of pats) found.set(pat.authorizationId, pat);
    if (pages === 1 || (pass > 0 && found.size === before)) break;
  }
  return [...found.values()];
}
