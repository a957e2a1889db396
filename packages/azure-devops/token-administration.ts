import { send, azureDevOpsHeaders, refusal, REQUEST_TIMEOUT, unwrap, type ApiResponse } from './client.js';
import { advised } from '#advice/pipeline';
import { underTopic, Failure } from '#advice/failure';
import type { Http, HttpRequest } from '#http/http';
import { isNotThere } from './refusals.js';
import { asGuid, asMoment, asObject, asText, objectsOf, type JsonObject } from '#text/json';
import { MINUTE } from '#text/lifetime';
import type { Organization } from './organization.js';
import { sanitize } from '#text/sanitize';
import { Doubts, readEnd } from './ended.js';
import { withTimeout, retry, timeLeft, type RetryResult, type RetryPolicy } from '#http/retry';
import type { ListedPat, Listing } from './pats.js';
import { basicCredential } from '#text/secret-encodings';

const PAGE_SIZE = 100;
const MOST_PAGES = 2_000;
/** For one page with its repetitions; milliseconds. */
const PAGE_BUDGET = 60_000;

/**
 * The Token Administration API of one organization (specs/tokenAdmin 7.1), as a Project Collection Administrator:
 * the PATs of a named user.
 */
export interface TokenAdministration {
  /**
   * The subject descriptor of a user given by descriptor, sign-in name or mail address.
   * @throws Failure when the organization has no such user, or several
   */
  descriptorOf(user: string, policy: RetryPolicy): Promise<string>;
  /** The PATs of the user that are valid and that `keep` says. @throws Failure */
  readList(descriptor: string, keep: (pat: ListedPat) => boolean, policy: RetryPolicy): Promise<Listing>;
  /**
   * The users of the organization who can have PATs.
   * @returns how many entries of the list name no user
   * @throws Failure after what was visited
   */
  readUsers(visit: (user: GraphUser) => void, policy: RetryPolicy): Promise<number>;
  /**
   * Every PAT of the user that the service tells of, also those that are over.
   * @returns how many entries of the list name no PAT
   * @throws Failure after what was visited
   */
  readEvery(descriptor: string, visit: (pat: AdministeredPat) => void, policy: RetryPolicy): Promise<number>;
  /** Whether the user is an active member; undefined when the service does not say. @throws Failure */
  isActiveMember(descriptor: string, policy: RetryPolicy): Promise<boolean | undefined>;
  /**
   * Ends a PAT of this user. One that the service says it does not know any more, or that the list of the user's PATs
   * does not hold, counts as ended. @throws Failure
   */
  revoke(authorizationId: string, descriptor: string, policy: RetryPolicy): Promise<'revoked' | 'gone'>;
}

/** A user of an organization, as Graph tells (specs/graph, GraphUser). */
export interface GraphUser {
  readonly descriptor: string;
  readonly name: string;
  readonly signInName: string;
  /** The directory has deleted the user, the organization has not yet. */
  readonly deleted: boolean;
}

/** `valid` is what the service says; undefined when it says nothing. */
export interface AdministeredPat extends ListedPat {
  readonly valid: boolean | undefined;
}

/** @param token an Entra token, or a PAT with vso.tokenadministration (and vso.graph to find the user by name) */
export function tokenAdministration(
  http: Http,
  now: () => Date,
  organization: Organization,
  token: string,
): TokenAdministration {
  // A PAT is letters and digits, a JSON web token never is.
  const isPat = /^[A-Za-z0-9]+$/.test(token);
  const headers = azureDevOpsHeaders(isPat ? `Basic ${basicCredential(token)}` : `Bearer ${token}`);
  async function request(
    policy: RetryPolicy,
    method: HttpRequest['method'],
    path: string,
    query: Query,
    body?: unknown,
  ): Promise<ApiResponse> {
    const reply = await send(
      http,
      now,
      {
        method,
        url: `${organization.tokensUrl}/_apis/${path}?${new URLSearchParams({ ...query }).toString()}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        timeout: timeLeft(policy, REQUEST_TIMEOUT),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      'administrator',
    );
    if (reply.kind === 'denied' && reply.failure.topic === 'sign-in-page')
      return { ...reply, failure: underTopic('access-denied', reply.failure) };
    if (reply.kind !== 'refused' || reply.status !== 403) return reply;
    return { kind: 'denied', failure: refusal(organization.name, reply), mayBeDone: false };
  }

  async function pages(
    path: string,
    query: Query,
    user: string,
    policy: RetryPolicy,
    visit: (page: JsonObject) => boolean,
  ): Promise<number> {
    const read = new Set<string>();
    let continuationToken = '';
    while (!read.has(continuationToken) && read.size < MOST_PAGES) {
      read.add(continuationToken);
      const more = continuationToken === '' ? {} : { continuationToken };
      const inTime = withTimeout(policy, PAGE_BUDGET);
      const reply = await retry(inTime, async () => {
        const reply = await request(inTime, 'GET', path, { ...query, ...more });
        if (reply.kind === 'refused' && isNotThere(reply)) throw userUnknown(user, organization);
        return readable(reply, organization);
      });
      continuationToken = asText(reply.value['continuationToken']) ?? reply.continuation ?? '';
      if (visit(reply.value) || continuationToken === '') return read.size;
    }
    throw new Failure(
      'pat-answer-not-usable',
      `A list of ${organization.name} does not end.`,
      'Report this.',
    );
  }

  async function readList(
    descriptor: string,
    keep: (pat: ListedPat) => boolean,
    policy: RetryPolicy,
  ): Promise<Listing> {
    const found = new Map<string, ListedPat>();
    const query = { pageSize: String(PAGE_SIZE), isPublic: 'false', 'api-version': '7.1' };
    const path = `tokenadmin/personalaccesstokens/${encodeURIComponent(descriptor)}`;
    const read = await pages(path, query, descriptor, policy, page => {
      const { pats, unreadable } = patsIn(listIn(page, organization, 'PATs'));
      if (unreadable > 0) throw noList(organization, 'PATs');
      for (const pat of pats.filter(pat => mayBeUsed(pat, now())).filter(keep))
        found.set(pat.authorizationId, pat);
      return false;
    });
    return { pats: [...found.values()], pages: read };
  }

  const api: TokenAdministration = {
    async descriptorOf(user, policy) {
      if (DESCRIPTOR.test(user)) return user;
      const wanted = user.toLowerCase();
      const byMail = new Set<string>();
      let bySignIn: string | undefined;
      await pages('graph/users', { 'api-version': '7.1-preview.1' }, user, policy, page => {
        const users = usersOf(listIn(page, organization, 'users'));
        bySignIn = users.find(({ signInName }) => signInName === wanted)?.descriptor;
        for (const { mail, descriptor } of users) if (mail === wanted) byMail.add(descriptor);
        return bySignIn !== undefined;
      });
      const [found, ...more] = bySignIn === undefined ? byMail : [bySignIn];
      if (found !== undefined && more.length === 0) return found;
      if (found === undefined) throw userUnknown(user, organization);
      throw new Failure(
        'user-not-found',
        `${organization.name} has ${1 + more.length} users with the mail address "${sanitize(user, 100)}".`,
        'Give the sign-in name or the subject descriptor of the one whose PATs these are.',
      );
    },

    async readList(descriptor, keep, policy) {
      const listing = await readList(descriptor, keep, policy);
      doubts.get(descriptor)?.forget();
      return listing;
    },

    async readUsers(visit, policy) {
      const query = { subjectTypes: 'aad,msa', 'api-version': '7.1-preview.1' };
      let unreadable = 0;
      await pages('graph/users', query, 'users', policy, page => {
        for (const entry of listIn(page, organization, 'users')) {
          const user = graphUser(asObject(entry));
          if (user === undefined) unreadable += 1;
          else if (!NOBODY.test(user.descriptor)) visit(user);
        }
        return false;
      });
      return unreadable;
    },

    async readEvery(descriptor, visit, policy) {
      const query = { pageSize: String(PAGE_SIZE), isPublic: 'false', 'api-version': '7.1' };
      const path = `tokenadmin/personalaccesstokens/${encodeURIComponent(descriptor)}`;
      let unreadable = 0;
      await pages(path, query, descriptor, policy, page => {
        const { pats, unreadable: more } = patsIn(listIn(page, organization, 'PATs'));
        pats.forEach(visit);
        unreadable += more;
        return false;
      });
      return unreadable;
    },

    async isActiveMember(descriptor, policy) {
      const path = `graph/membershipstates/${encodeURIComponent(descriptor)}`;
      return retry<boolean | undefined>(policy, async () => {
        const reply = await request(policy, 'GET', path, { 'api-version': '7.1-preview.1' });
        if (reply.kind === 'refused' && isNotThere(reply)) return { done: undefined };
        const attempt = unwrap(reply, organization.name);
        if ('later' in attempt) return attempt;
        const active = attempt.done.kind === 'json' ? attempt.done.value['active'] : undefined;
        return { done: typeof active === 'boolean' ? active : undefined };
      });
    },

    async revoke(authorizationId, descriptor, policy) {
      const query = { isPublic: 'false', 'api-version': '7.1' };
      const end = await retry(policy, async () => {
        const reply = await request(policy, 'POST', 'tokenadmin/revocations', query, [{ authorizationId }]);
        return readEnd(reply, organization.name);
      });
      return doubtsAbout(descriptor).settle(end, authorizationId, policy);
    },
  };
  const doubts = new Map<string, Doubts>();
  function doubtsAbout(descriptor: string): Doubts {
    const known = doubts.get(descriptor) ?? new Doubts((keep, within) => readList(descriptor, keep, within));
    doubts.set(descriptor, known);
    return known;
  }
  return api;
}

type Query = Readonly<Record<string, string>>;

interface Page {
  readonly value: JsonObject;
  readonly continuation: string | undefined;
}

function readable(reply: ApiResponse, organization: Organization): RetryResult<Page> {
  const attempt = unwrap(reply, organization.name);
  if ('later' in attempt) return attempt;
  if (attempt.done.kind === 'json') return { done: attempt.done };
  throw new Failure('pat-answer-not-usable', `${organization.name} gave an empty answer.`, 'Report this.');
}

/** Kinds of users in front of a subject descriptor; a sign-in name can have a dot, too. */
const DESCRIPTOR = /^(?:aad|msa|bnd|imp|svc|unk|win)\.[A-Za-z0-9_-]+$/;

function userUnknown(user: string, organization: Organization): Failure {
  return new Failure(
    'user-not-found',
    `${organization.name} has no user "${sanitize(user, 100)}".`,
    'Give the sign-in name, the mail address or the subject descriptor of the user.',
  );
}

/** What the service calls a list has to be one: without it, nothing is known, which is not the same as nothing. */
function listIn(page: JsonObject, organization: Organization, what: string): readonly unknown[] {
  const list: unknown = page['value'];
  if (Array.isArray(list)) return list;
  throw noList(organization, what);
}

function noList(organization: Organization, what: string): Failure {
  return advised('pat-answer-not-usable', `${organization.name} gave a list of ${what} that is none.`, {
    about: 'request',
    code: 'answer-not-usable',
  });
}

function usersOf(list: readonly unknown[]): { descriptor: string; signInName: string; mail: string }[] {
  return objectsOf(list).flatMap(user => {
    const descriptor = asText(user['descriptor']);
    const name = (field: string) => asText(user[field])?.toLowerCase() ?? '';
    return descriptor === undefined
      ? []
      : [{ descriptor, signInName: name('principalName'), mail: name('mailAddress') }];
  });
}

/** Services and build identities have no PATs. */
const NOBODY = /^(?:svc|s2s|imp|acs)\./;

function graphUser(user: JsonObject | undefined): GraphUser | undefined {
  const descriptor = asText(user?.['descriptor']) ?? '';
  if (user === undefined || descriptor === '') return undefined;
  return {
    descriptor,
    name: asText(user['displayName']) ?? '',
    signInName: asText(user['principalName']) ?? asText(user['mailAddress']) ?? '',
    deleted: user['isDeletedInOrigin'] === true,
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
