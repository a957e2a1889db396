import type { RetryPolicy } from '#http/retry';
import { asGuid, asMoment, asObject, asText, type JsonObject } from '#text/json';
import { MINUTE } from '#text/lifetime';
import { answerToAdministrator, listIn, noList, pagesAbout } from './administrator.js';
import type { AzureDevOpsClient } from './client.js';
import { Doubts, readEnd } from './ended.js';
import type { ListedPat, Listing } from './listed-pat.js';

const PAGE_SIZE = 100;
const API_VERSION = '7.1';

/**
 * The Token Administration API of one organization (specs/tokenAdmin 7.1), as a Project Collection Administrator:
 * the PATs of a named user.
 */
export interface TokenAdministration {
  /** The PATs of the user that are valid and that `keep` says. @throws Failure */
  readList(descriptor: string, keep: (pat: ListedPat) => boolean, policy: RetryPolicy): Promise<Listing>;
  /**
   * Every PAT of the user that the service tells of, also those that are over.
   * @returns how many entries of the list name no PAT
   * @throws Failure after what was visited
   */
  readEvery(descriptor: string, visit: (pat: AdministeredPat) => void, policy: RetryPolicy): Promise<number>;
  /**
   * Ends a PAT of this user. One that the service says it does not know any more, or that the list of the user's PATs
   * does not hold, counts as ended. @throws Failure
   */
  revoke(authorizationId: string, descriptor: string, policy: RetryPolicy): Promise<'revoked' | 'gone'>;
}

/** `valid` is what the service says; undefined when it says nothing. */
export interface AdministeredPat extends ListedPat {
  readonly valid: boolean | undefined;
}

export function tokenAdministration(client: AzureDevOpsClient): TokenAdministration {
  const { organization } = client;
  const listOf = (descriptor: string) => ({
    host: 'tokens' as const,
    path: `_apis/tokenadmin/personalaccesstokens/${encodeURIComponent(descriptor)}`,
    query: { pageSize: String(PAGE_SIZE), isPublic: 'false' },
    version: API_VERSION,
  });

  async function readList(
    descriptor: string,
    keep: (pat: ListedPat) => boolean,
    policy: RetryPolicy,
  ): Promise<Listing> {
    const found = new Map<string, ListedPat>();
    const pages = await pagesAbout(descriptor, client, listOf(descriptor), policy, page => {
      const { pats, unreadable } = patsIn(listIn(page, organization, 'PATs'));
      if (unreadable > 0) throw noList(organization, 'PATs');
      for (const pat of pats.filter(pat => mayBeUsed(pat, client.now())).filter(keep))
        found.set(pat.authorizationId, pat);
      return false;
    });
    return { pats: [...found.values()], pages };
  }

  const doubts = new Map<string, Doubts>();
  function doubtsAbout(descriptor: string): Doubts {
    const known = doubts.get(descriptor) ?? new Doubts((keep, within) => readList(descriptor, keep, within));
    doubts.set(descriptor, known);
    return known;
  }

  return {
    async readList(descriptor, keep, policy) {
      const listing = await readList(descriptor, keep, policy);
      doubts.get(descriptor)?.forget();
      return listing;
    },

    async readEvery(descriptor, visit, policy) {
      let unreadable = 0;
      await pagesAbout(descriptor, client, listOf(descriptor), policy, page => {
        const { pats, unreadable: more } = patsIn(listIn(page, organization, 'PATs'));
        pats.forEach(visit);
        unreadable += more;
        return false;
      });
      return unreadable;
    },

    async revoke(authorizationId, descriptor, policy) {
      const request = {
        method: 'POST',
        host: 'tokens',
        path: '_apis/tokenadmin/revocations',
        query: { isPublic: 'false' },
        version: API_VERSION,
        body: [{ authorizationId }],
      } as const;
      const end = await client.repeat(request, policy, reply =>
        readEnd(answerToAdministrator(reply, organization), organization.name),
      );
      return doubtsAbout(descriptor).settle(end, authorizationId, policy);
    },
  };
}

/** The PATs of a list, and how many entries are none. */
function patsIn(list: readonly unknown[]): { pats: AdministeredPat[]; unreadable: number } {
  const pats = list.flatMap(entry => administeredPat(asObject(entry)) ?? []);
  return { pats, unreadable: list.length - pats.length };
}

function administeredPat(token: JsonObject | undefined): AdministeredPat | undefined {
  const authorizationId = asGuid(token?.['authorizationId']);
  if (token === undefined || authorizationId === undefined) return undefined;
  const valid = token['isValid'];
  return {
    authorizationId,
    displayName: asText(token['displayName']) ?? '',
    scope: asText(token['scope']) ?? '',
    validFrom: asMoment(token['validFrom']),
    validTo: asMoment(token['validTo']),
    ...(token['targetAccounts'] === null && { allOrganizations: true }),
    valid: typeof valid === 'boolean' ? valid : undefined,
  };
}

/** The agent's clock may be ahead. */
const CLOCK_TOLERANCE = 10 * MINUTE;

function mayBeUsed({ valid, validTo }: AdministeredPat, now: Date): boolean {
  return valid !== false && (validTo === undefined || validTo.getTime() + CLOCK_TOLERANCE >= now.getTime());
}
