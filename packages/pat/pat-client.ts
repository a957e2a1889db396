import { asFailure, type Failure } from '#advice/failure';
import { FIND_NAME } from '#agent/budgets';
import { retryFor, type RedactingEffects } from '#agent/effects';
import type { AzureDevOpsClient } from '#azure-devops/client';
import { graph } from '#azure-devops/graph';
import type { Organization } from '#azure-devops/organization';
import type { ListedPat, Listing } from '#azure-devops/listed-pat';
import type { PatApi } from '#azure-devops/pats';
import { tokenAdministration } from '#azure-devops/token-administration';
import { inTurn } from '#http/pace';
import type { RetryPolicy } from '#http/retry';
import type { UserPats } from './user-pats.js';

/** The PATs of one user in one organization: the caller's own, or with an administrator's token those of a named user. */
export interface PatClient {
  readonly organization: Organization;
  /** One pass over the list, see `listSettled`. @throws Failure */
  readList(keep: (pat: ListedPat) => boolean, policy: RetryPolicy): Promise<Listing>;
  /** PATs by their ids. @throws Failure */
  find(ids: readonly string[], policy: RetryPolicy): Promise<Found>;
  /** @throws Failure */
  revoke(authorizationId: string, policy: RetryPolicy): Promise<'revoked' | 'gone'>;
}

/** What became of a search by ids: PATs that may be revoked here, ids that may not, and ids of which nobody can tell. */
export interface Found {
  readonly pats: readonly ListedPat[];
  readonly others: readonly ListedPat[];
  readonly unread: readonly { readonly pat: ListedPat; readonly failure: Failure }[];
}

/** The PATs of the user who signed in. */
export function ownPats(pats: UserPats, organization: Organization, effects: RedactingEffects): PatClient {
  const api = pats.in(organization);
  return {
    organization,
    readList: api.readList,
    async find(ids, policy) {
      const known = ids.length < WORTH_A_LIST ? [] : await listedOnce(api, ids, policy, effects);
      const shownThere = new Set(known.map(pat => pat.authorizationId));
      const rest = ids.filter(id => !shownThere.has(id));
      const answers = await inTurn(rest, async id => (await shown(api, id, effects)) ?? id);
      const pats = [...known, ...answers.flatMap(answer => (typeof answer === 'string' ? [] : [answer]))];
      const hidden = answers.flatMap(answer => (typeof answer === 'string' ? [answer] : []));
      if (hidden.length === 0) return { pats, others: [], unread: [] };
      try {
        // An id that the list does not hold either is tried all the same: asking to end it does no harm, leaving it might.
        const listed = await settled(() => api.readList(isOneOf(hidden), policy));
        const absent = hidden.filter(id => !listed.some(pat => pat.authorizationId === id));
        return { pats: [...pats, ...listed, ...absent.map(unlisted)], others: [], unread: [] };
      } catch (error) {
        const failure = asFailure(error);
        if (failure.topic === 'cancelled') throw failure;
        return { pats, others: [], unread: hidden.map(id => ({ pat: unlisted(id), failure })) };
      }
    },
    revoke: api.revoke,
  };
}

async function shown(api: PatApi, id: string, effects: RedactingEffects): Promise<ListedPat | undefined> {
  try {
    return await api.find(id, retryFor(effects, FIND_NAME));
  } catch (error) {
    effects.agent.debug(asFailure(error).message);
    return undefined;
  }
}

/** A page of the list shows a hundred PATs, and asking for one shows one. */
const WORTH_A_LIST = 20;

/** Those of these ids that one reading of the list shows; the others are asked for one by one. */
async function listedOnce(
  api: PatApi,
  ids: readonly string[],
  policy: RetryPolicy,
  effects: RedactingEffects,
): Promise<ListedPat[]> {
  try {
    return (await api.readList(isOneOf(ids), policy)).pats;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'cancelled') throw failure;
    effects.agent.debug(failure.message);
    return [];
  }
}

function isOneOf(ids: readonly string[]): (pat: ListedPat) => boolean {
  const asked = new Set(ids);
  return pat => asked.has(pat.authorizationId);
}

function unlisted(authorizationId: string): ListedPat {
  return { authorizationId, displayName: '', scope: '', validFrom: undefined, validTo: undefined };
}

/**
 * The PATs of a named user, as administrator.
 * @throws Failure when the organization has no such user
 */
export async function patsOfUser(
  user: string,
  client: AzureDevOpsClient,
  policy: RetryPolicy,
): Promise<PatClient> {
  const administration = tokenAdministration(client);
  const descriptor = await graph(client).descriptorOf(user, policy);
  const { organization } = client;
  return {
    organization,
    readList: (keep, policy) => administration.readList(descriptor, keep, policy),
    // An administrator can end anybody's token: only ids of the named user count.
    async find(ids, policy) {
      const pats = await settled(() => administration.readList(descriptor, isOneOf(ids), policy));
      const others = ids.filter(id => !pats.some(pat => pat.authorizationId === id));
      return { pats, others: others.map(unlisted), unread: [] };
    },
    revoke: (authorizationId, policy) => administration.revoke(authorizationId, descriptor, policy),
  };
}

const MOST_PASSES = 4;

/**
 * Lists until a pass brings nothing new: while pages are read, PATs come and go, and a page may skip one. A list of
 * one page is a snapshot and needs no second pass.
 */
export function listUntilStable(
  book: PatClient,
  keep: (pat: ListedPat) => boolean,
  policy: RetryPolicy,
): Promise<ListedPat[]> {
  return settled(() => book.readList(keep, policy));
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
