import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import pc from 'picocolors';
import type { TerminalEffects } from '../../../cli/effects.js';
import { Reach } from '../../../cli/reach.js';
import { Signals } from '../../../cli/signals.js';
import type { Terminal } from '../../../cli/terminal.js';
import { terminalAdvice } from '#advice/terminal';
import { HttpFault, type HttpAnswer, type HttpRequest } from '#http/http';
import { asObject, asText, parseJson, type JsonObject } from '#text/json';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const CLIENT = '6a7c2ab4-1111-4222-8333-3f6d2f1f8c11';
export const ORGANIZATION = '77777777-2222-4333-8444-555555555555';
export const SIGNED_IN = 'eyAccess.token.x';
const PROJECT = { id: '99999999-2222-4333-8444-555555555555', name: 'Shop' };

/** An answer in place of the usual one; `undefined` leaves it. */
export type Instead = (
  request: HttpRequest,
) => { status: number; body?: object | string; headers?: Record<string, string> } | HttpFault | undefined;

/** What a command sees: a person, an organization and Entra, which answer as the records of the real ones do. */
export class StandIn {
  readonly requests: HttpRequest[] = [];
  readonly printed: string[] = [];
  readonly said: string[] = [];
  readonly secrets: string[] = [];
  readonly handedOut: string[] = [];
  pats: JsonObject[] = [];
  connections: JsonObject[] = [];
  now = new Date('2026-03-01T12:00:00Z');
  readonly stop = new AbortController();

  #nonces = 1;

  constructor(
    private readonly options: {
      readonly instead?: Instead;
      /** What the person types, one after the other. */
      readonly typed?: readonly string[];
      readonly interactive?: boolean;
      readonly width?: number;
    } = {},
  ) {}

  get output(): string {
    return this.printed.join('\n');
  }

  get told(): string {
    return this.said.join('\n');
  }

  effects(): TerminalEffects {
    const reach = new Reach();
    const cleanup: TerminalEffects = {
      agent: this.#terminal(),
      clock: {
        now: () => this.now,
        wait: milliseconds => {
          this.now = new Date(this.now.getTime() + milliseconds);
          return Promise.resolve();
        },
      },
      http: request => {
        reach.assertAmong(request);
        return this.#answer(request);
      },
      nonce: () => (this.#nonces++).toString(16).padStart(8, '0'),
      cancelled: this.stop.signal,
      reach,
      signals: new Signals(() => undefined, new EventEmitter()),
      get cleanup() {
        return cleanup;
      },
    };
    return cleanup;
  }

  #terminal(): Terminal {
    const typed = [...(this.options.typed ?? [])];
    const say = (text: string) => void this.said.push(text);
    const plain = pc.createColors(false);
    return {
      interactive: this.options.interactive ?? false,
      asking: false,
      debugging: false,
      advice: terminalAdvice,
      colors: { out: plain, err: plain },
      width: this.options.width ?? 80,
      sayWidth: this.options.width ?? 80,
      handOut: secret => {
        this.handedOut.push(secret);
        return Promise.resolve();
      },
      print: text => void this.printed.push(text),
      say,
      info: say,
      debug: () => undefined,
      warning: say,
      error: say,
      mask: secret => void this.secrets.push(secret),
      waiting: line => {
        say(line(0));
        return () => undefined;
      },
      ask: question => {
        say(question);
        return Promise.resolve(typed.shift() ?? '');
      },
      askSecret: question => {
        say(question);
        return Promise.resolve(typed.shift() ?? '');
      },
    };
  }

  #answer(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    const other = this.options.instead?.(request);
    if (other instanceof HttpFault) return Promise.reject(other);
    const { status, body = '', headers = {} } = other ?? this.#usual(request);
    return Promise.resolve({
      status,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        date: this.now.toUTCString(),
        activityid: '0f1e2d3c-0000-4000-8000-0123456789ab',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  #usual({ method, url: text, body = '' }: HttpRequest): {
    status: number;
    body?: object | string;
    headers?: Record<string, string>;
  } {
    const url = new URL(text);
    const sent = asObject(parseJson(body)) ?? {};
    if (method === 'HEAD')
      return {
        status: 404,
        headers: {
          'x-vss-resourcetenant': TENANT,
          'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${TENANT}`,
        },
      };
    if (url.pathname.endsWith('/devicecode'))
      return {
        status: 200,
        body: {
          user_code: 'ABCD-EFGH',
          device_code: 'the-device-code',
          verification_uri: 'https://microsoft.com/devicelogin',
          expires_in: 900,
          interval: 1,
        },
      };
    if (url.pathname.endsWith('/token'))
      return {
        status: 200,
        body: {
          token_type: 'Bearer',
          access_token: SIGNED_IN,
          refresh_token: '1.Arefresh',
          expires_in: 3600,
          scope: 'vso.pats vso.pats_manage offline_access',
        },
      };
    if (url.pathname.endsWith('/tokens/pats')) return this.#pats(method, url, sent);
    if (url.pathname.endsWith('/connectionData'))
      return {
        status: 200,
        body: {
          authenticatedUser: { id: randomUUID(), subjectDescriptor: 'aad.x' },
          instanceId: ORGANIZATION,
        },
      };
    if (url.pathname.includes('/_apis/projects'))
      return url.pathname.endsWith('/projects/Shop')
        ? { status: 200, body: PROJECT }
        : url.pathname.endsWith('/projects')
          ? { status: 200, body: { count: 1, value: [PROJECT] } }
          : { status: 404, body: { typeKey: 'ProjectDoesNotExistWithNameException', message: 'TF200016' } };
    return this.#endpoints(method, url, sent);
  }

  #pats(method: string, url: URL, sent: JsonObject): { status: number; body?: object } {
    if (method === 'POST') {
      const pat = { ...sent, authorizationId: randomUUID(), validFrom: this.now.toISOString() };
      this.pats.push(pat);
      return { status: 200, body: { patToken: { ...pat, token: 'p'.repeat(84) }, patTokenError: 'none' } };
    }
    if (method === 'DELETE') {
      const id = url.searchParams.get('authorizationId');
      this.pats = this.pats.filter(pat => pat['authorizationId'] !== id);
      return { status: 204 };
    }
    return { status: 200, body: { continuationToken: '', patTokens: this.pats } };
  }

  #endpoints(method: string, url: URL, sent: JsonObject): { status: number; body?: object | string } {
    const shown = (raw: JsonObject, parameters: object) => ({
      ...raw,
      authorization: { scheme: asText(asObject(raw['authorization'])?.['scheme']) ?? 'Token', ...parameters },
    });
    if (method === 'POST') {
      const made = { ...sent, id: randomUUID(), isReady: true };
      this.connections.push(made);
      return { status: 200, body: made };
    }
    if (method === 'PUT') {
      this.connections = this.connections.map(raw => (raw['id'] === sent['id'] ? sent : raw));
      return { status: 200, body: sent };
    }
    const id = url.pathname.split('/').at(-1);
    if (method === 'DELETE') {
      this.connections = this.connections.filter(raw => raw['id'] !== id);
      return { status: 204 };
    }
    const one = this.connections.find(raw => raw['id'] === id);
    if (one !== undefined) {
      const hidden = Object.keys(asObject(asObject(one['authorization'])?.['parameters']) ?? {});
      const parameters = Object.fromEntries(hidden.map(name => [name, null]));
      return { status: 200, body: shown(one, { parameters }) };
    }
    if (id !== 'endpoints') return { status: 200, body: 'null' };
    const name = url.searchParams.get('endpointNames') ?? '';
    const named = this.connections.filter(raw => name === '' || asText(raw['name']) === name);
    return { status: 200, body: { count: named.length, value: named.map(raw => shown(raw, {})) } };
  }
}
