import type { HostKind } from './hosts.js';

/** One request. The URL has passed the host check before any credential is in `headers`. */
export interface HttpRequest {
  readonly method: 'HEAD' | 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /** What it is meant for: an address of another service does not get it. Azure DevOps unless it says so. */
  readonly service?: HostKind;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange, from the first byte out to the last byte in. */
  readonly timeout: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request: no redirects, no retries, bounded time and size. @throws HttpFault */
export interface Http {
  (request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Opens connections for so many requests to come, and sends nothing on them. It says nothing when that fails: the requests
   * open their own. Not there where nobody would notice the time it saves.
   */
  readonly dial?: (to: Destination, count?: number) => void;
}

export type DiallingHttp = Required<Pick<Http, 'dial'>> & Http;

/** Where a request will go. */
export type Destination = Pick<HttpRequest, 'url' | 'service'>;

/**
 * - `not-sent`: the server never saw the request (no connection, no name)
 * - `not-trusted`: the same, and for good: the certificate or the proxy stands in the way
 * - `lost`: it may have been carried out; its answer did not arrive whole
 * - `too-large`: the answer is larger than any real one
 * - `cancelled`: this step was told to stop
 */
export type HttpFaultKind = 'not-sent' | 'not-trusted' | 'lost' | 'too-large' | 'cancelled';

export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  constructor(
    readonly kind: HttpFaultKind,
    message: string,
    /** Node's error code, such as `ECONNREFUSED`. */
    readonly code = '',
  ) {
    super(message);
  }
}

/** An answer that says "later", not "no". */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * How long the server asks to wait, in milliseconds: `Retry-After` as seconds or as an HTTP date.
 * Undefined when it does not say.
 */
export function retryAfter(answer: HttpAnswer, now: Date): number | undefined {
  const value = answer.headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Math.ceil(Number(value) * 1000);
  const date = httpDate(value);
  return date === undefined ? undefined : Math.max(0, date.getTime() - now.getTime());
}

/**
 * How long the server wants nobody to send: what `Retry-After` says, or `X-RateLimit-Reset` where nothing remains
 * (facts: rate limits). Milliseconds; undefined when it does not say.
 */
export function pauseAskedBy(answer: HttpAnswer, now: Date): number | undefined {
  const asked = retryAfter(answer, now);
  const left = answer.headers['x-ratelimit-remaining'];
  const reset = Number(answer.headers['x-ratelimit-reset']);
  if (left === undefined || Number(left) > 0 || !Number.isFinite(reset)) return asked;
  return Math.max(asked ?? 0, reset * 1000 - now.getTime());
}

const HTTP_DATE =
  /^\s*[A-Za-z]{3,9},? (?<date>[\w -]{6,12}) (?<time>\d\d:\d\d:\d\d)(?: (?<year>\d{4}))?(?: (?:GMT|UTC|Z))?\s*$/;

/** The moment of a `Date` header in any of its three forms (RFC 9110 section 5.6.7), which all mean UTC. */
export function httpDate(value: string | undefined): Date | undefined {
  const { date, time, year = '' } = HTTP_DATE.exec(value ?? '')?.groups ?? {};
  if (date === undefined || time === undefined) return undefined;
  const moment = Date.parse(`${date.replaceAll('-', ' ')} ${year} ${time} GMT`);
  return Number.isNaN(moment) ? undefined : new Date(moment);
}
