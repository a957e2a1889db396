import nock from 'nock';
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpFault, type Http } from '#http/http';
import { asObject, asText, type JsonObject } from '#text/json';
import { json, lost, type Answer, type Reply } from './answers.js';

/** What a test can decide the answer of. */
export type Operation = 'redeem' | 'create' | 'list' | 'revoke' | 'verify';

export interface ServedRequest {
  readonly operation: Operation;
  readonly organization: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ServedPat {
  readonly authorizationId: string;
  readonly organization: string;
  readonly displayName: string;
  readonly scope: string;
  readonly validFrom?: string;
  readonly validTo: string;
  readonly value: string;
}

export const AUTHORITY = 'https://login.microsoftonline.com';

/**
 * Entra and the PAT API of every organization, in memory behind nock. It keeps the PATs that are alive and every
 * request; an answer that a test queued is given in place of the usual one.
 */
export class PatService {
  readonly alive = new Map<string, ServedPat>();
  readonly requests: ServedRequest[] = [];
  /** Every PAT ever made. */
  readonly made: ServedPat[] = [];
  readonly redeemed: string[] = [];
  readonly #queued = new Map<string, Answer[]>();

  constructor() {
    nock(AUTHORITY)
      .persist()
      .post(/token$/)
      .reply(this.#serve('redeem'));
    for (const host of ['https://vssps.dev.azure.com', 'https://dev.azure.com']) {
      const served = nock(host).persist();
      const pats = /^\/[^/]+\/_apis\/tokens\/pats(\?|$)/;
      served.post(pats).reply(this.#serve('create'));
      served.get(pats).reply(this.#serve('list'));
      served.delete(pats).reply(this.#serve('revoke'));
      served.get(/^\/[^/]+\/_apis\/connectionData(\?|$)/).reply(this.#serve('verify'));
    }
  }

  /** The answers to the next requests of this kind, one each; after them the usual ones again. */
  next(operation: Operation, ...answers: Answer[]): this {
    return this.#queue(operation, answers);
  }

  /** The same for one organization. */
  nextIn(organization: string, operation: Operation, ...answers: Answer[]): this {
    return this.#queue(`${operation} ${organization}`, answers);
  }

  /** This answer from now on. */
  always(operation: Operation, answer: Answer): this {
    return this.#queue(
      operation,
      Array.from({ length: 500 }, () => answer),
    );
  }

  count(operation: Operation): number {
    return this.requests.filter(request => request.operation === operation).length;
  }

  /** The first request of this kind, or the one with this index. */
  request(operation: Operation, index = 0): ServedRequest {
    const request = this.requests.filter(request => request.operation === operation)[index];
    assert.ok(request, `request ${index} of kind ${operation}`);
    return request;
  }

  /** The operations in the order in which they arrived. */
  get operations(): Operation[] {
    return this.requests.map(request => request.operation);
  }

  /** A PAT that was there before, of this step or of somebody else. */
  add(
    displayName: string,
    organization = 'contoso',
    validFrom?: string,
    validTo = '2026-03-02T00:00:00Z',
  ): ServedPat {
    const pat = { displayName, scope: 'vso.code', validFrom, validTo };
    return this.#make(organization, pat);
  }

  /** The service without a transport between: a connection that ends is `lost`. */
  readonly http: Http = async request => {
    const url = new URL(request.url);
    const headers = { ...request.headers };
    const body: unknown = request.body === undefined ? '' : JSON.parse(request.body);
    const operation = operationOf(request.method, url);
    const reply = this.#answer({
      operation,
      organization: url.pathname.split('/')[1] ?? '',
      method: request.method,
      url,
      headers,
      body,
    });
    await Promise.resolve();
    if (reply instanceof Error) throw new HttpFault('lost', reply.message, 'ECONNRESET');
    return { status: reply.status, headers: reply.headers ?? {}, body: reply.body };
  };

  /** An access token of the issuing user, without a request. */
  signIn(): string {
    return 'entra-access-token-0';
  }

  #queue(key: string, answers: readonly Answer[]): this {
    this.#queued.set(key, [...(this.#queued.get(key) ?? []), ...answers]);
    return this;
  }

  #serve(operation: Operation) {
    const answer = (request: ServedRequest) => this.#answer(request);
    return function (
      this: nock.ReplyFnContext,
      uri: string,
      body: nock.Body,
      done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
    ): void {
      const host = singleHeaders(this.req.headers)['host'] ?? '';
      const url = new URL(uri, `https://${host}`);
      const reply = answer({
        operation,
        organization: url.pathname.split('/')[1] ?? '',
        method: this.req.method,
        url,
        headers: singleHeaders(this.req.headers),
        body,
      });
      if (reply instanceof Error) done(reply, [500]);
      else done(null, [reply.status, reply.body, { ...reply.headers }]);
    };
  }

  #answer(request: ServedRequest): Reply | Error {
    this.requests.push(request);
    const own = this.#queued.get(`${request.operation} ${request.organization}`)?.shift();
    const answer = own ?? this.#queued.get(request.operation)?.shift();
    const usual = () => this.#usual(request);
    return answer === undefined ? usual() : answer(usual);
  }

  #usual(request: ServedRequest): Reply {
    switch (request.operation) {
      case 'redeem':
        return this.#redeem();
      case 'create':
        return this.#create(request);
      case 'list':
        return this.#list(request);
      case 'revoke':
        return this.#revoke(request);
      case 'verify':
        return json(200, { authenticatedUser: { id: '0a1b2c3d-0000-4000-8000-000000000001' } });
    }
  }

  #redeem(): Reply {
    const token = `entra-access-token-${this.redeemed.length + 1}`;
    this.redeemed.push(token);
    return json(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: 3599,
      refresh_token: 'newer-refresh-token',
    });
  }

  #create({ organization, body }: ServedRequest): Reply {
    const { value, ...pat } = this.#make(organization, asObject(body) ?? {});
    return json(200, { patToken: { ...pat, token: value }, patTokenError: 'none' });
  }

  #make(organization: string, asked: JsonObject): ServedPat {
    const number = this.made.length + 1;
    const pat = {
      organization,
      authorizationId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      displayName: asText(asked['displayName']) ?? '',
      scope: asText(asked['scope']) ?? '',
      ...(typeof asked['validFrom'] === 'string' && { validFrom: asked['validFrom'] }),
      validTo: asText(asked['validTo']) ?? '',
      value: patValue(number),
    };
    this.made.push(pat);
    this.alive.set(pat.authorizationId, pat);
    return pat;
  }

  #list({ organization, url }: ServedRequest): Reply {
    const everything = url.searchParams.get('displayFilterOption') === 'all';
    const listed = everything ? this.made : [...this.alive.values()];
    const all = listed.filter(pat => pat.organization === organization);
    const id = url.searchParams.get('authorizationId');
    if (id !== null) {
      const pat = all.find(pat => pat.authorizationId === id);
      return pat === undefined
        ? json(200, { patToken: null, patTokenError: 'authorizationNotFound' })
        : json(200, { patToken: { ...pat, value: undefined, token: null }, patTokenError: 'none' });
    }
    const start = Number(url.searchParams.get('continuationToken') ?? 0);
    const end = start + Number(url.searchParams.get('$top') ?? 20);
    return json(200, {
      continuationToken: end < all.length ? String(end) : '',
      patTokens: all.slice(start, end).map(pat => ({ ...pat, value: undefined, token: null })),
    });
  }

  #revoke({ url }: ServedRequest): Reply {
    const id = url.searchParams.get('authorizationId') ?? '';
    return this.alive.delete(id)
      ? { status: 204, body: '' }
      : json(200, { patToken: null, patTokenError: 'authorizationNotFound' });
  }
}

function operationOf(method: string, { pathname }: URL): Operation {
  if (pathname.endsWith('/connectionData')) return 'verify';
  return method === 'POST' ? 'create' : method === 'DELETE' ? 'revoke' : 'list';
}

/** 84 letters and digits with the signature of Azure DevOps, different for each number. */
export function patValue(number: number): string {
  return `${`Pat${number}`.padEnd(76, 'x7Q')}AZDO1234`;
}

/** The request arrives and is carried out; only its answer is lost. */
export const lostAfterwards: Answer = usual => {
  usual();
  return lost();
};

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
