import { advised } from '#advice/pipeline';
import { Failure } from '#advice/failure';
import type { Clock } from '#http/clock';
import { HttpFault, type Http, type HttpRequest } from '#http/http';
import { retry, timeLeft, withTimeout, type RetryPolicy, type RetryResult } from '#http/retry';
import { unreachable } from '#http/unreachable';
import { asText, type JsonObject } from '#text/json';
import type { Identity } from './identity.js';
import type { Organization } from './organization.js';
import { parseResponse, type ApiResponse } from './responses.js';

/** ADO delays a throttled user's requests by up to 30 s before it blocks them. */
export const REQUEST_TIMEOUT = 45_000;
/** For one page with its repetitions; milliseconds. */
const PAGE_BUDGET = 60_000;
const MOST_PAGES = 2_000;

/** What a client sends through, and by which time. */
export interface Wire {
  readonly http: Http;
  readonly clock: Clock;
}

/** A request as the service documents it. */
export interface ApiRequest {
  /** GET unless it says so. */
  readonly method?: HttpRequest['method'];
  /** Which host of the organization: its own unless it says so. */
  readonly host?: 'organization' | 'tokens' | 'releases';
  /** Below the organization; what varies in it is encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The api-version. */
  readonly version: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Page {
  readonly value: JsonObject;
  readonly continuation: string | undefined;
}

/**
 * Asks one organization in one name: the only place that spells out what Azure DevOps wants of a request, and that
 * reads, repeats and pages. What a resource is, and what its refusals mean, is said in a file for each.
 */
export class AzureDevOpsClient {
  readonly identity: Identity;
  readonly organization: Organization;
  readonly #wire: Wire;

  constructor(identity: Identity, organization: Organization, wire: Wire) {
    this.identity = identity;
    this.organization = organization;
    this.#wire = wire;
  }

  now(): Date {
    return this.#wire.clock.now();
  }

  /**
   * Sends once, and waits for the answer as long as the policy has time for it, and no longer than `longest` milliseconds.
   * @throws Failure `cancelled`, `host-not-allowed`, `out-of-time`, what the identity throws
   */
  send(request: ApiRequest, policy: RetryPolicy, longest = REQUEST_TIMEOUT): Promise<ApiResponse> {
    return sendTo(this.#urlOf(request), request, this.identity, this.#wire, policy, longest);
  }

  /**
   * Sends what may be repeated until `judge` is content, as the policy allows.
   * @throws Failure
   */
  repeat<T>(
    request: ApiRequest,
    policy: RetryPolicy,
    judge: (reply: ApiResponse) => RetryResult<T>,
  ): Promise<T> {
    return retry(policy, async within => judge(await this.send(request, within)));
  }

  /**
   * Reads a list page by page, by the continuation token in the answer or its header, until `visit` has seen enough.
   *
   * @param judge what a page is, and what a refusal means
   * @returns how many pages were read; undefined for a list that does not end
   * @throws Failure
   */
  async pages<P extends Page>(
    request: ApiRequest,
    policy: RetryPolicy,
    judge: (reply: ApiResponse) => RetryResult<P>,
    visit: (page: P) => boolean,
    { most = MOST_PAGES, budget = PAGE_BUDGET } = {},
  ): Promise<number | undefined> {
    const read = new Set<string>();
    let continuationToken = '';
    while (!read.has(continuationToken) && read.size < most) {
      read.add(continuationToken);
      const more = continuationToken === '' ? {} : { continuationToken };
      const query = { ...request.query, ...more };
      const page = await this.repeat({ ...request, query }, withTimeout(policy, budget), judge);
      continuationToken = asText(page.value['continuationToken']) ?? page.continuation ?? '';
      if (visit(page) || continuationToken === '') return read.size;
    }
    return undefined;
  }

  #urlOf({ host = 'organization', path, query, version }: ApiRequest): string {
    const { url, tokensUrl, releasesUrl } = this.organization;
    const base = { organization: url, tokens: tokensUrl, releases: releasesUrl }[host];
    const search = new URLSearchParams({ ...query, 'api-version': version }).toString();
    // A blank as every server reads it.
    return `${base}/${path}?${search.replaceAll('+', '%20')}`;
  }
}

/** As `send`, to an address that the service itself has told. */
export async function sendTo(
  url: string,
  { method = 'GET', body }: Pick<ApiRequest, 'method' | 'body'>,
  identity: Identity,
  { http, clock }: Wire,
  policy: RetryPolicy,
  longest = REQUEST_TIMEOUT,
): Promise<ApiResponse> {
  const authorization = await identity.authorization();
  const where = new URL(url).host;
  try {
    const answer = await http({
      method,
      url,
      headers: {
        ...(authorization !== undefined && { authorization }),
        accept: 'application/json',
        // No redirect to a sign-in page, please.
        'x-tfs-fedauthredirect': 'Suppress',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      timeout: timeLeft(policy, longest),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const reply = parseResponse(answer, where, clock.now(), identity.asker);
    return method === 'GET' ? answersARead(reply, where) : reply;
  } catch (error) {
    if (error instanceof HttpFault) return readFault(error, where);
    throw error;
  }
}

/** A read is answered with 200. A promise (202) or a part (206) would make what is not in it count as not there. */
function answersARead(reply: ApiResponse, where: string): ApiResponse {
  if (reply.kind !== 'json' || reply.status === 200) return reply;
  const what = `${where} answered a read with HTTP ${reply.status}.`;
  const failure = advised('service-unavailable', what, { about: 'request', code: 'not-json' });
  return { kind: 'denied', failure, mayBeDone: true };
}

function readFault(fault: HttpFault, where: string): ApiResponse {
  switch (fault.kind) {
    case 'cancelled':
      throw new Failure('cancelled', 'The step was cancelled.', '');
    case 'not-trusted':
      return { kind: 'denied', failure: unreachable(where, fault), mayBeDone: false };
    case 'not-sent':
      return { kind: 'later', failure: unreachable(where, fault), wait: undefined };
    case 'lost':
    case 'too-large':
      return { kind: 'unclear', failure: unreachable(where, fault), wait: undefined };
  }
}
