import { advised } from '#advice/pipeline';
import { HttpClient } from 'typed-rest-client/HttpClient.js';
import type { IncomingMessage } from 'node:http';
import type { IProxyConfiguration } from 'typed-rest-client/Interfaces.js';
import { Failure } from '#advice/failure';
import { HttpFault, type Http, type HttpAnswer, type HttpFaultKind, type HttpRequest } from './http.js';

/** What the agent says of the network it runs in. */
export interface AgentNetwork {
  readonly userAgent: string;
  /** Undefined: no proxy. Environment variables such as HTTPS_PROXY do not count, the agent's setting does. */
  readonly proxy: IProxyConfiguration | undefined;
  readonly certificates: Certificates | undefined;
}

/** Texts in PEM. */
export interface Certificates {
  /** Authorities that count beside the public ones. */
  readonly authority: string | undefined;
  readonly client:
    | { readonly certificate: string; readonly key: string | undefined; readonly passphrase: string }
    | undefined;
}

/**
 * What becomes of a connection after its request: a step of two or three requests ends it; one of thousands keeps it
 * for the next, so that only requests that may be repeated should follow.
 */
export type Connections = 'ended' | 'kept';

/** A page of 100 PATs, each with every scope there is, stays below a third of this. */
export const LARGEST_ANSWER = 1024 * 1024;

/**
 * HTTP for the tasks, on the client that Azure DevOps' own libraries use: it speaks to the agent's proxy and knows
 * its certificates. Certificates are always verified.
 *
 * @param mayReceive the list of those that may get a credential; it throws before a byte is sent
 * @param cancelled aborts what is under way when this step is told to stop
 */
export function httpClient(
  network: AgentNetwork,
  mayReceive: (request: HttpRequest) => void,
  cancelled: AbortSignal,
  connections: Connections = 'ended',
): Http {
  const bypasses = bypassOf(network.proxy?.proxyBypassHosts ?? []);
  const clients = new Map<string, Promise<HttpClient>>();
  const clientFor = (url: URL) => {
    const isDirect = bypasses(url);
    // A client that keeps connections knows either http or https, and one server is enough for it.
    const key = `${String(isDirect)} ${connections === 'kept' ? url.origin : ''}`;
    const client =
      clients.get(key) ?? restClient(isDirect ? { ...network, proxy: undefined } : network, connections);
    clients.set(key, client);
    return client;
  };
  return async request => {
    const url = new URL(request.url);
    mayReceive(request);
    const client = await clientFor(url);
    if (cancelled.aborted) throw new HttpFault('cancelled', 'The step was cancelled.');
    let message: IncomingMessage | undefined;
    const exchange = async (): Promise<HttpAnswer> => {
      const response = await client.request(
        request.method,
        request.url,
        request.body ?? '',
        headersOf(request),
      );
      message = response.message;
      return {
        status: message.statusCode ?? 0,
        headers: singleHeaders(message),
        body: await boundedBody(message),
      };
    };
    try {
      return await inTime(exchange(), request.timeout, cancelled);
    } catch (error) {
      message?.destroy();
      throw asHttpFault(error);
    }
  };
}

async function restClient(network: AgentNetwork, connections: Connections): Promise<HttpClient> {
  // An empty proxy URL means none, and an empty list no exception; left out, the client would look at HTTP_PROXY and
  // NO_PROXY of the environment.
  const proxy = { ...(network.proxy ?? { proxyUrl: '' }), proxyBypassHosts: [] };
  try {
    const client = new HttpClient(network.userAgent, [], {
      allowRedirects: false,
      allowRetries: false,
      keepAlive: connections === 'kept',
      proxy,
      ...(network.certificates === undefined
        ? {}
        : { cert: { passphrase: passphraseOf(network.certificates) } }),
    });
    // What it would read from files itself, without a bound, and in place of the public authorities.
    if (network.certificates !== undefined) Object.assign(client, await trusted(network.certificates));
    return client;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw advised('proxy-not-usable', `The proxy or certificate settings cannot be used: ${reason}.`, {
      about: 'request',
      code: 'proxy-settings',
    });
  }
}

function passphraseOf({ client }: Certificates): string {
  return client?.passphrase ?? '';
}

/** Where one of two hosts is inspected by the network, the other one still shows a public certificate. */
async function trusted({ authority, client }: Certificates): Promise<Record<string, unknown>> {
  const { rootCertificates } = await import('node:tls');
  return {
    _ca: authority === undefined ? undefined : [...rootCertificates, authority],
    _cert: client?.certificate,
    _key: client?.key,
  };
}

/**
 * Whether a URL goes past the proxy. The entries are regular expressions about where it leads, not about what is asked
 * there; one that is none is skipped, as the agent does.
 */
function bypassOf(entries: readonly string[]): (url: URL) => boolean {
  const expressions = entries.flatMap(entry => {
    try {
      return [new RegExp(entry, 'i')];
    } catch {
      return [];
    }
  });
  return ({ origin, hostname, host }) =>
    expressions.some(expression => [origin, hostname, host].some(place => expression.test(place)));
}

function headersOf(request: HttpRequest): Record<string, string> {
  return { 'accept-encoding': 'identity', ...request.headers };
}

function singleHeaders(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

async function boundedBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > LARGEST_ANSWER)
      throw new HttpFault('too-large', `The answer is larger than ${LARGEST_ANSWER / 1024} KB.`);
    chunks.push(bytes);
  }
  if (message.complete) return Buffer.concat(chunks).toString('utf8');
  throw new HttpFault('lost', 'The connection ended in the middle of the answer.');
}

/** The client's own timeout counts silence only; this one counts from start to end. */
async function inTime<T>(exchange: Promise<T>, timeout: number, cancelled: AbortSignal): Promise<T> {
  exchange.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HttpFault('lost', `No answer within ${Math.round(timeout / 1000)} s.`, 'ETIMEDOUT'));
    }, timeout);
    stop = () => {
      reject(new HttpFault('cancelled', 'The step was cancelled.'));
    };
    cancelled.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([exchange, end]);
  } finally {
    clearTimeout(timer);
    if (stop) cancelled.removeEventListener('abort', stop);
  }
}

/** Errors before the request left: it certainly was not carried out. */
const NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;
const NOT_TRUSTED =
  /^(CERT_.*|UNABLE_TO_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|ERR_TLS_.*|ERR_SSL_.*|HOSTNAME_MISMATCH|EPROTO)$/;

function asHttpFault(error: unknown): Error {
  if (error instanceof HttpFault || error instanceof Failure) return error;
  if (!(error instanceof Error)) return new HttpFault('lost', String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new HttpFault(kindOf(code, error.message), error.message, code);
}

function kindOf(code: string, message: string): HttpFaultKind {
  const proxyAnswer = /^tunneling socket could not be established, (statusCode=4)?/.exec(message);
  if (NOT_TRUSTED.test(code) || proxyAnswer?.[1] !== undefined) return 'not-trusted';
  return NOT_SENT.test(code) || proxyAnswer !== null ? 'not-sent' : 'lost';
}
