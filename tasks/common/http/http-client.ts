import { advised } from '../advice/situation.js';
import { HttpClient } from 'typed-rest-client/HttpClient.js';
import type { IncomingMessage } from 'node:http';
import type { ICertConfiguration, IProxyConfiguration } from 'typed-rest-client/Interfaces.js';
import { Failure } from '../text/failure.js';
import { assertMayReceiveCredential } from './hosts.js';
import { HttpFault, type Http, type HttpAnswer, type HttpFaultKind, type HttpRequest } from './http.js';

/** What the agent says of the network it runs in. */
export interface AgentNetwork {
  readonly userAgent: string;
  /** Undefined: no proxy. Environment variables such as HTTPS_PROXY do not count, the agent's setting does. */
  readonly proxy: IProxyConfiguration | undefined;
  readonly certificates: ICertConfiguration | undefined;
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
 * @param cancelled aborts what is under way when this step is told to stop
 */
export function httpClient(
  network: AgentNetwork,
  cancelled: AbortSignal,
  connections: Connections = 'ended',
): Http {
  const shared = restClient(network, 'ended');
  const kept = new Map<string, HttpClient>();
  // A client that keeps connections knows either http or https, and one server is enough for it.
  const clientFor = ({ origin }: URL) => {
    if (connections === 'ended') return shared;
    const client = kept.get(origin) ?? restClient(network, 'kept');
    kept.set(origin, client);
    return client;
  };
  return async request => {
    const url = new URL(request.url);
    assertMayReceiveCredential(url);
    const client = clientFor(url);
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

function restClient(network: AgentNetwork, connections: Connections): HttpClient {
  try {
    return new HttpClient(network.userAgent, [], {
      allowRedirects: false,
      allowRetries: false,
      keepAlive: connections === 'kept',
      // An empty proxy URL means none; left out, the client would look at HTTP_PROXY of the environment.
      proxy: network.proxy ?? { proxyUrl: '' },
      ...(network.certificates === undefined ? {} : { cert: network.certificates }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw advised('proxy-not-usable', `The proxy or certificate settings cannot be used: ${reason}.`, {
      about: 'request',
      code: 'proxy-settings',
    });
  }
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
