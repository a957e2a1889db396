import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { advised } from '#advice/pipeline';
import type { Masker } from '#text/log';
import type { Clock } from '#http/clock';
import { signInError } from '#entra/entra';
import { unreachable } from '#http/unreachable';
import { HttpFault, isTransientStatus, retryAfter, type Http, type HttpAnswer } from '#http/http';
import { Failure } from '#advice/failure';
import { asObject, asText, parseJson, type JsonObject } from '#text/json';

const REQUEST_TIMEOUT = 30_000;
/** RFC 8628 section 3.2: when the answer names no interval. */
const USUAL_INTERVAL = 5;
/** RFC 8628 section 3.5: each `slow_down` adds so many milliseconds. */
const SLOWER_BY = 5_000;
const MOST_ATTEMPTS = 3;
/** RFC 8628 section 3.4. */
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** "Go on asking", in the words that MSAL understands. */
const PENDING = { error: 'authorization_pending' };

/**
 * MSAL's requests, sent as all others: to hosts that may get a sign-in, through the proxy, bounded, without redirects.
 * It leaves out what MSAL tells about itself and this machine, adds the secret of a confidential client, masks every
 * token before MSAL sees it, and waits where MSAL would give up (`slow_down`, a lost answer, a busy server).
 */
export class MsalNetwork implements INetworkModule {
  /** Why a sign-in cannot go on, in our words; MSAL's are for programmers. */
  failure: Failure | undefined;
  /** Why it is not known whether the person is done: the last question that was not answered. */
  unanswered: Failure | undefined;
  #slower = 0;
  /** When the code ends. */
  #ends: Date | undefined;

  constructor(
    private readonly http: Http,
    private readonly clock: Clock,
    private readonly masker: Masker,
    private readonly clientSecret: string | undefined,
    private readonly tell: (text: string) => void = () => undefined,
  ) {}

  /** All metadata is configured: there is nothing to discover. */
  sendGetRequestAsync<T>(url: string): Promise<NetworkResponse<T>> {
    return Promise.reject(new Error(`MSAL asks for ${url}, which is not needed.`));
  }

  async sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    const form = new URLSearchParams(options?.body ?? '');
    for (const name of [...form.keys()]) if (name.startsWith('x-')) form.delete(name);
    const polling = form.has('device_code');
    if (polling && this.clientSecret !== undefined) form.set('client_secret', this.clientSecret);
    // MSAL sends an older name of the grant, which Entra takes too.
    if (polling) form.set('grant_type', DEVICE_CODE_GRANT);
    try {
      const { status, headers, body } = polling ? await this.#poll(url, form) : await this.#start(url, form);
      // MSAL's type for what it parses itself.
      return { status, headers: { ...headers }, body: body as T };
    } catch (error) {
      this.failure = error instanceof Failure ? error : undefined;
      throw error;
    }
  }

  /** The first request, for the code: it may be repeated. */
  async #start(url: string, form: URLSearchParams): Promise<Parsed> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(url, form);
      if (answer instanceof Failure) {
        if (attempt >= MOST_ATTEMPTS) throw answer;
        await this.clock.wait(1_000 * attempt);
        continue;
      }
      this.#refuse(url, answer);
      const interval = Number(answer.body['interval']);
      const expires = Number(answer.body['expires_in']);
      const usable = ['user_code', 'device_code', 'verification_uri'].every(
        name => asText(answer.body[name]) !== undefined,
      );
      if (!usable || !(expires > 0)) throw unusable(url, answer.status, 'a code');
      this.#ends = new Date(this.clock.now().getTime() + expires * 1_000);
      const seconds = Number.isFinite(interval) && interval >= 1 ? interval : USUAL_INTERVAL;
      return { ...answer, body: { ...answer.body, interval: seconds, expires_in: expires } };
    }
  }

  /** One question whether the person is done. Lost answers and busy servers mean: ask again. */
  async #poll(url: string, form: URLSearchParams): Promise<Parsed> {
    if (this.#slower > 0) await this.clock.wait(this.#slower);
    const answer = await this.#send(url, form);
    if (answer instanceof Failure) {
      if (this.unanswered === undefined) this.tell(`${answer.what} Asking again until the code ends.`);
      this.unanswered = answer;
      return { status: 400, headers: {}, body: PENDING };
    }
    const error = asText(answer.body['error']);
    if (error === 'slow_down') this.#slower += SLOWER_BY;
    if (error === 'slow_down' || error === 'authorization_pending') {
      this.unanswered = undefined;
      return { ...answer, body: PENDING };
    }
    if (error === 'expired_token' || error === 'code_expired') throw codeExpired(this.unanswered);
    this.#refuse(url, answer);
    if (asText(answer.body['access_token']) === undefined) throw unusable(url, answer.status, 'a token');
    return { ...answer, body: withoutUnreadable(answer.body) };
  }

  /** A Failure is returned for what may pass, thrown for what will not. */
  async #send(url: string, form: URLSearchParams): Promise<Parsed | Failure> {
    const where = new URL(url).host;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    try {
      const answer = await this.http({
        method: 'POST',
        url,
        service: 'entra',
        headers,
        body: form.toString(),
        timeout: this.#atMost(REQUEST_TIMEOUT),
      });
      const body = this.#masked(answer);
      if (isTransientStatus(answer.status)) {
        await this.clock.wait(this.#atMost(Math.min(retryAfter(answer, this.clock.now()) ?? 0, 60_000)));
        return new Failure(
          'service-unavailable',
          `${where} answered HTTP ${answer.status}.`,
          'Entra is busy or has a fault: run again later.',
        );
      }
      if (body === undefined) throw unusable(url, answer.status, 'an answer that can be read');
      return { status: answer.status, headers: answer.headers, body };
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      if (error.kind === 'cancelled') throw new Failure('cancelled', 'Stopped.', '');
      const failure = unreachable(where, error);
      if (error.kind === 'not-trusted' || error.kind === 'too-large') throw failure;
      return failure;
    }
  }

  /** So many milliseconds, but hardly longer than the code lives: its end is told when it comes. */
  #atMost(milliseconds: number): number {
    if (this.#ends === undefined) return milliseconds;
    return Math.min(milliseconds, Math.max(1_000, this.#ends.getTime() - this.clock.now().getTime()));
  }

  #masked(answer: HttpAnswer): JsonObject | undefined {
    const body = asObject(parseJson(answer.body));
    for (const name of ['access_token', 'refresh_token', 'id_token', 'device_code']) {
      const secret = asText(body?.[name]) ?? '';
      if (secret !== '') this.masker.mask(secret);
    }
    return body;
  }

  #refuse(url: string, { status, body }: Parsed): void {
    const error = asText(body['error']);
    if (error !== undefined) throw signInRefused(new URL(url).host, error, body);
    if (status !== 200) throw unusable(url, status, 'an answer that can be read');
  }
}

/**
 * An answer without what MSAL would fail at: what Entra tells of the user is good for a name on the screen alone, and a
 * sign-in does not hang on it.
 */
function withoutUnreadable(body: JsonObject): JsonObject {
  const [, claims] = (asText(body['id_token']) ?? '').split('.');
  const isReadable = { id_token: holdsJson(claims), client_info: holdsJson(asText(body['client_info'])) };
  return Object.fromEntries(
    Object.entries(body).filter(
      ([name]) =>
        (name !== 'id_token' || isReadable.id_token) && (name !== 'client_info' || isReadable.client_info),
    ),
  );
}

function holdsJson(encoded: string | undefined): boolean {
  return asObject(parseJson(Buffer.from(encoded ?? '', 'base64url').toString('utf8'))) !== undefined;
}

interface Parsed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

function signInRefused(where: string, error: string, body: JsonObject): Failure {
  switch (error) {
    case 'authorization_declined':
    case 'access_denied':
      return new Failure(
        'sign-in-not-finished',
        'The sign-in was declined.',
        'Nothing was made. Run the command again, and approve the sign-in as the issuing user.',
      );
    default:
      return signInError(where, error, body);
  }
}

/**
 * The time of a code is over.
 *
 * @param unanswered the last question about it, when there was no answer: somebody may have signed in meanwhile
 */
export function codeExpired(unanswered?: Failure): Failure {
  if (unanswered !== undefined)
    return new Failure(
      unanswered.topic,
      `The code ended while Entra did not say whether somebody had signed in with it: ${unanswered.what}`,
      `Nothing was made. ${unanswered.repair} Then run the command again for a new code.`,
    );
  return new Failure(
    'sign-in-not-finished',
    'The code expired before anybody signed in with it.',
    'Nothing was made. Run the command again for a new code.',
  );
}

function unusable(url: string, status: number, what: string): Failure {
  return advised('entra-answer-not-usable', `${new URL(url).host} answered HTTP ${status} without ${what}.`, {
    about: 'entra',
    code: 'not-entra',
    asker: 'issuing-user',
    unknown: undefined,
  });
}
