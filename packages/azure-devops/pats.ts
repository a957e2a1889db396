import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import type { RetryPolicy, RetryResult } from '#http/retry';
import { asGuid, asMoment, asObject, asText, type JsonObject } from '#text/json';
import type { AzureDevOpsClient, Page } from './client.js';
import { Doubts, readEnd } from './ended.js';
import type { ListedPat, ListFilter, Listing } from './listed-pat.js';
import { errorNamedIn, mayPass, patRefusal } from './pat-refusals.js';
import { refusal, unwrap, type ApiResponse } from './responses.js';

/** Preview in every version; this one is what the service is known to answer (specs/tokens/7.1). */
const API_VERSION = '7.1-preview.1';
const PAGE_SIZE = 100;
/** In the names of all PATs that Job PAT makes. */
const MARK = ' job-pat:';

/** A PAT just created: the only time that its value is seen. */
export interface CreatedPat extends ListedPat {
  readonly validTo: Date;
  readonly value: string;
}

export interface PatRequest {
  readonly displayName: string;
  readonly scopes: readonly string[];
  readonly validTo: Date;
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly pat: CreatedPat }
  /** Nothing was made; `mayPass` when a second attempt makes sense. */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly mayPass: boolean }
  /** Nothing was made; the server asks to come back. */
  | { readonly kind: 'later'; readonly failure: Failure; readonly wait: number | undefined }
  /** A PAT with this name may exist; nobody has its value. */
  | { readonly kind: 'unclear'; readonly failure: Failure; readonly wait: number | undefined };

/** The PAT Lifecycle Management API of one organization, as one user. */
export interface PatApi {
  /**
   * Sends one create request, never more, and waits for its answer no longer than `longest` milliseconds. `mask` hears
   * of the value before anybody else.
   */
  create(
    request: PatRequest,
    mask: (value: string) => void,
    policy: RetryPolicy,
    longest: number,
  ): Promise<CreateOutcome>;
  /** The PATs that `keep` says, active ones by default, each once, over all pages. @throws Failure */
  readonly readList: (
    keep: (pat: ListedPat) => boolean,
    policy: RetryPolicy,
    filter?: ListFilter,
  ) => Promise<Listing>;
  /** The same without the number of pages. */
  readonly listActive: (keep: (pat: ListedPat) => boolean, policy: RetryPolicy) => Promise<ListedPat[]>;
  /** An active PAT by its id; undefined when the service does not show it. @throws Failure */
  find(authorizationId: string, policy: RetryPolicy): Promise<ListedPat | undefined>;
  /**
   * Ends a PAT. One that the service says it does not know any more, or that its list of active PATs does not hold,
   * counts as ended. @throws Failure
   */
  readonly revoke: (authorizationId: string, policy: RetryPolicy) => Promise<'revoked' | 'gone'>;
}

/** The PAT API as the user, and of the organization, of this client. */
export function patApi(client: AzureDevOpsClient): PatApi {
  const where = client.organization.name;
  const pats = { host: 'tokens', path: '_apis/tokens/pats', version: API_VERSION } as const;

  const readList = async (
    keep: (pat: ListedPat) => boolean,
    policy: RetryPolicy,
    filter: ListFilter = 'active',
  ): Promise<Listing> => {
    const found = new Map<string, ListedPat>();
    const query = {
      displayFilterOption: filter,
      sortByOption: 'displayDate',
      isSortAscending: 'false',
      $top: String(PAGE_SIZE),
    };
    const pages = await client.pages(
      { ...pats, query },
      policy,
      reply => readable(reply, where),
      page => {
        for (const pat of listedPats(page.value, where).filter(keep)) found.set(pat.authorizationId, pat);
        return false;
      },
    );
    if (pages !== undefined) return { pats: [...found.values()], pages };
    throw advised('pat-answer-not-usable', `The list of PATs in ${where} does not end.`, {
      about: 'request',
      code: 'list-without-end',
    });
  };
  const doubts = new Doubts(readList);

  const api: PatApi = {
    async create({ displayName, scopes, validTo }, mask, policy, longest) {
      const body = { displayName, scope: scopes.join(' '), validTo: validTo.toISOString(), allOrgs: false };
      const reply = await client.send({ ...pats, method: 'POST', body }, policy, longest);
      doubts.forget();
      return readCreated(reply, displayName, where, mask);
    },

    async readList(keep, policy, filter) {
      const listing = await readList(keep, policy, filter);
      doubts.forget();
      return listing;
    },

    listActive: async (keep, policy) => (await api.readList(keep, policy)).pats,

    find(authorizationId, policy) {
      return client.repeat({ ...pats, query: { authorizationId } }, policy, reply => {
        if (reply.kind === 'refused') return { done: undefined };
        const attempt = readable(reply, where);
        if ('later' in attempt) return attempt;
        const pat = readPat(asObject(attempt.done.value['patToken']));
        // What is done with the answer is done to the PAT that it names, so it has to be the one that was asked for.
        return { done: pat?.authorizationId === authorizationId.toLowerCase() ? pat : undefined };
      });
    },

    async revoke(authorizationId, policy) {
      const request = { ...pats, method: 'DELETE', query: { authorizationId } } as const;
      const end = await client.repeat(request, policy, reply => readEnd(reply, where));
      return doubts.settle(end, authorizationId, policy);
    },
  };
  return api;
}

/** The value is masked before anything else is looked at: from here on any error may end in a log. */
function readCreated(
  reply: ApiResponse,
  displayName: string,
  where: string,
  mask: (value: string) => void,
): CreateOutcome {
  switch (reply.kind) {
    case 'denied':
      return reply.mayBeDone
        ? { kind: 'unclear', failure: reply.failure, wait: undefined }
        : { kind: 'refused', failure: reply.failure, mayPass: false };
    case 'later':
    case 'unclear':
      return reply;
    case 'refused': {
      const named = errorNamedIn(reply.text);
      const failure = named === undefined ? refusal(where, reply) : patRefusal(where, named, '');
      return { kind: 'refused', failure, mayPass: named !== undefined && mayPass(named) };
    }
    case 'empty':
      return { kind: 'unclear', failure: unusable(where, 'an empty answer'), wait: undefined };
    case 'json': {
      const made = asObject(reply.value['patToken']);
      const value = asText(made?.['token']);
      if (value !== undefined && value !== '') mask(value);
      const error = asText(reply.value['patTokenError']) ?? 'none';
      if (error.toLowerCase() !== 'none') {
        const failure = patRefusal(where, error, asText(reply.value['patTokenErrorMessage']) ?? '');
        if (made !== undefined) return { kind: 'unclear', failure, wait: undefined };
        return { kind: 'refused', failure, mayPass: mayPass(error) };
      }
      if (asText(made?.['scope'] ?? '') === undefined) {
        const failure = unusable(where, 'an answer whose scope is no text');
        return { kind: 'unclear', failure, wait: undefined };
      }
      const listed = readPat(made);
      if (listed?.validTo === undefined) {
        return {
          kind: 'unclear',
          failure: unusable(where, 'an answer without authorization id or end'),
          wait: undefined,
        };
      }
      // Where answers get mixed up it is that of another step: its PAT must not be handed out, nor revoked.
      if (listed.displayName.includes(MARK) && listed.displayName !== displayName) {
        return { kind: 'unclear', failure: unusable(where, 'an answer about another PAT'), wait: undefined };
      }
      if (value === undefined || !/^[A-Za-z0-9._~+/=-]{8,4096}$/.test(value)) {
        return {
          kind: 'unclear',
          failure: unusable(where, 'an answer without the value of the PAT'),
          wait: undefined,
        };
      }
      return { kind: 'created', pat: { ...listed, validTo: listed.validTo, value } };
    }
  }
}

/** A reply to a read, which may be repeated whatever went wrong on the way. */
function readable(reply: ApiResponse, where: string): RetryResult<Page> {
  const attempt = unwrap(reply, where);
  if ('later' in attempt) return attempt;
  if (attempt.done.kind === 'empty') throw unusable(where, 'an empty answer');
  return { done: attempt.done };
}

function listedPats(page: JsonObject, where: string): ListedPat[] {
  const list = page['patTokens'];
  if (!Array.isArray(list)) throw unusable(where, 'a list of PATs that is none');
  return list.map(entry => {
    const pat = readPat(asObject(entry));
    if (pat === undefined) throw unusable(where, 'a PAT without authorization id');
    return pat;
  });
}

function readPat(entry: JsonObject | undefined): ListedPat | undefined {
  const authorizationId = asGuid(entry?.['authorizationId']);
  if (entry === undefined || authorizationId === undefined) return undefined;
  return {
    authorizationId,
    displayName: asText(entry['displayName']) ?? '',
    scope: asText(entry['scope']) ?? '',
    validFrom: asMoment(entry['validFrom']),
    validTo: asMoment(entry['validTo']),
    ...(entry['targetAccounts'] === null && { allOrganizations: true }),
    ...severalAccounts(entry['targetAccounts']),
  };
}

function severalAccounts(accounts: unknown): { organizations?: number } {
  if (!Array.isArray(accounts)) return {};
  const distinct = new Set(accounts.map((account: unknown) => asGuid(account) ?? account)).size;
  return distinct > 1 ? { organizations: distinct } : {};
}

function unusable(where: string, what: string): Failure {
  return advised('pat-answer-not-usable', `The PAT API of ${where} gave ${what}.`, {
    about: 'request',
    code: 'answer-not-usable',
  });
}
