import { isCredentialHost, isLoopback, keyVaultDomain } from './hosts.js';
import type { Http, HttpAnswer, HttpRequest } from './http.js';
import { shapeOf, shapeText, type Shape } from '#text/json-shape';
import { asText, parseJson } from '#text/json';
import type { Log } from '#text/log';
import { Pseudonyms } from '#text/pseudonyms';

/** A request, and what came of it, without a value that was sent or answered: others may read it. */
export interface RedactedExchange {
  /** In the order of sending, from 1. */
  readonly number: number;
  readonly method: HttpRequest['method'];
  /** A public host as it is; of the others what they are. */
  readonly host: string;
  /** With its query; words of the APIs as they are, everything else replaced, the same by the same. */
  readonly path: string;
  /** How often this very request has been sent so far. */
  readonly attempt: number;
  readonly sent: Shape;
  readonly answer: RedactedAnswer;
  /** From the request to the end of the answer. */
  readonly milliseconds: number;
}

export type RedactedAnswer =
  | { readonly status: number; readonly headers: readonly string[]; readonly body: Shape }
  /** None came: why. */
  | { readonly fault: string };

type Clock = () => number;

/** Replaces what is private in the requests of one command or stage. */
export class ExchangeRedactor {
  readonly #names: Pseudonyms;
  readonly #asked = new Map<string, number>();
  #requests = 0;

  constructor(names = new Pseudonyms()) {
    this.#names = names;
  }

  /** What is sent. Each call counts as an attempt. */
  request({
    method,
    url,
    service,
    headers,
    body = '',
  }: HttpRequest): Omit<RedactedExchange, 'answer' | 'milliseconds'> {
    const address = new URL(url);
    const key = [method, url, headers['authorization'], body].join('\n');
    const attempt = (this.#asked.get(key) ?? 0) + 1;
    this.#asked.set(key, attempt);
    const path = this.#path(address, service) + this.#query(address);
    const sent = this.#body(body, headers['content-type'] ?? '');
    return { number: ++this.#requests, method, host: this.#host(address, service), path, attempt, sent };
  }

  answer({ status, headers, body }: HttpAnswer): RedactedAnswer {
    return {
      status,
      headers: Object.keys(headers)
        .slice(0, MOST_HEADERS)
        .map(name => this.#names.ofName('header', name))
        .sort(),
      body: this.#body(body, headers['content-type'] ?? ''),
    };
  }

  #host(url: URL, service: HttpRequest['service'] = 'azure-devops'): string {
    if (isLoopback(url)) return 'loopback';
    const [first = '', ...domain] = url.hostname.split('.');
    if (keyVaultDomain(url) !== undefined) return [this.#names.of('vault', first), ...domain].join('.');
    if (!isCredentialHost(url, service)) return this.#names.of('host', url.host);
    return url.hostname.endsWith('.visualstudio.com')
      ? [this.#names.of('organization', first), ...domain].join('.')
      : url.hostname;
  }

  #path(url: URL, service: HttpRequest['service'] = 'azure-devops'): string {
    const segments = url.pathname.split('/').filter(segment => segment !== '');
    const ownHost = url.hostname.endsWith('.visualstudio.com');
    const api = segments.findIndex(segment => segment.toLowerCase() === '_apis');
    const replaced = segments.map((segment, at) => {
      const text = decoded(segment);
      switch (service) {
        case 'entra':
          return at > 0 && isWord(text) ? text : this.#replaced('tenant', text);
        case 'key-vault':
          return at === 0 && isWord(text) ? text : this.#replaced('name', text);
        case 'azure-devops':
          if (at > api && api >= 0) return isWord(text) ? text : this.#replaced('name', text);
          if (at === api) return '_apis';
          return this.#replaced(at === 0 && !ownHost ? 'organization' : 'project', text);
      }
    });
    return `/${replaced.join('/')}`;
  }

  #query({ searchParams }: URL): string {
    const parts = [...searchParams].map(([name, value]) => {
      const kept = value === '' || (SHOWN_VALUES.has(name.toLowerCase()) && /^[\w.-]{1,24}$/.test(value));
      return `${this.#names.ofName('member', name)}=${kept ? value : this.#replaced('name', value)}`;
    });
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
  }

  #replaced(kind: 'organization' | 'project' | 'tenant' | 'name', text: string): string {
    if (GUID.test(text)) return this.#names.of('id', text);
    return this.#names.of(/^\d+$/.test(text) ? 'number' : kind, text);
  }

  #body(text: string, contentType: string): Shape {
    if (/^\uFEFF?\s*$/.test(text)) return 'nothing';
    const value = parseJson(text);
    if (value !== undefined) return shapeOf(value, this.#names);
    if (contentType.startsWith('application/x-www-form-urlencoded'))
      return shapeOf(Object.fromEntries(new URLSearchParams(text)), this.#names);
    return contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text) ? 'web page' : 'plain text';
  }
}

/** Sends as `http` does, and tells each exchange when it is over, also one without an answer. */
export function recorded(
  http: Http,
  redactor: ExchangeRedactor,
  now: Clock,
  tell: (exchange: RedactedExchange, answer: HttpAnswer | undefined) => void,
): Http {
  return async request => {
    const asked = redactor.request(request);
    const start = now();
    const after = () => Math.max(0, Math.round(now() - start));
    let answer: HttpAnswer;
    try {
      answer = await http(request);
    } catch (error) {
      tell({ ...asked, answer: { fault: faultOf(error) }, milliseconds: after() }, undefined);
      throw error;
    }
    tell({ ...asked, answer: redactor.answer(answer), milliseconds: after() }, answer);
    return answer;
  };
}

/**
 * Sends as `http` does, and shows each request when it leaves, and its answer, as lines for debugging. What goes wrong with
 * a line costs that line alone.
 */
export function debugged(http: Http, redactor: ExchangeRedactor, now: Clock, log: Pick<Log, 'debug'>): Http {
  const show = (line: () => string) => {
    try {
      log.debug(cutText(line()));
    } catch {
      log.debug('A request or its answer cannot be shown.');
    }
  };
  return async request => {
    let number = 0;
    show(() => {
      const asked = redactor.request(request);
      ({ number } = asked);
      const body = asked.sent === 'nothing' ? '' : `, with ${shapeText(asked.sent)}`;
      return `Request ${number}: ${asked.method} ${asked.host}${asked.path}, attempt ${asked.attempt}${body}`;
    });
    const start = now();
    const answered = (answer: () => RedactedAnswer) => {
      const after = `after ${Math.max(0, Math.round(now() - start))} ms`;
      show(() => `Answer ${number}: ${answerText(answer(), after)}`);
    };
    let answer: HttpAnswer;
    try {
      answer = await http(request);
    } catch (error) {
      answered(() => ({ fault: faultOf(error) }));
      throw error;
    }
    answered(() => redactor.answer(answer));
    return answer;
  };
}

/** A line of a log; an answer may have as many members as it likes. */
function cutText(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

const LONGEST_LINE = 4_000;

function answerText(answer: RedactedAnswer, after: string): string {
  if ('fault' in answer) return `none ${after}: ${answer.fault}`;
  const headers = answer.headers.length === 0 ? 'none' : answer.headers.join(' ');
  return `${answer.status} ${after}; headers: ${headers}; body: ${shapeText(answer.body)}`;
}

/** The kind of a fault; its text can hold names of hosts. By name: a module that loads on demand has classes of its own. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const kind = error.name === 'HttpFault' && 'kind' in error ? asText(error.kind) : undefined;
  const topic = 'topic' in error ? asText(error.topic) : undefined;
  const code = 'code' in error ? asText(error.code) : undefined;
  const shown = [kind ?? topic ?? 'unknown', ...(code !== undefined && /^[A-Z_]+$/.test(code) ? [code] : [])];
  return shown.join(' ');
}

const MOST_HEADERS = 60;
const GUID = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

function isWord(segment: string): boolean {
  return WORDS.has(segment.toLowerCase());
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Parts of addresses that Azure DevOps, Entra and Key Vault name, in the APIs that are used here. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'tokens pats connectiondata projects build builds definitions timeline pipelines release releases ' +
    'distributedtask variablegroups hubs plans jobs oidctoken serviceendpoint endpoints tokenadmin ' +
    'personalaccesstokens revocations graph users groups memberships membershipstates descriptors core ' +
    'oauth2 v2.0 token devicecode secrets versions'
  ).split(' '),
);

/** Parameters whose value says how something is asked for, and never what. */
const SHOWN_VALUES: ReadonlySet<string> = new Set(
  (
    'api-version $top displayfilteroption sortbyoption isascending issortascending queryorder actionfilter ' +
    'includedetails type'
  ).split(' '),
);
