import { advised } from '#advice/pipeline';
import { request as requestPlainly, type Agent, type IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import { Failure } from '#advice/failure';
import {
  hostOf,
  isSecure,
  loadHttps,
  loadTls,
  portOf,
  type Connection,
  type ProxySettings,
  type Ways,
} from './connection.js';
import { Connections, type AfterRequest } from './connections.js';
import {
  HttpFault,
  type Destination,
  type DiallingHttp,
  type Http,
  type HttpAnswer,
  type HttpFaultKind,
  type HttpRequest,
} from './http.js';

/** What the agent says of the network it runs in. */
export interface AgentNetwork {
  readonly userAgent: string;
  /** Undefined: no proxy. Environment variables such as HTTPS_PROXY do not count, the agent's setting does. */
  readonly proxy: ProxySettings | undefined;
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

/** A page of 100 PATs, each with every scope there is, stays below a third of this. */
export const LARGEST_ANSWER = 1024 * 1024;

/**
 * HTTP for the tasks: it speaks to the agent's proxy and knows its certificates. Certificates are always verified.
 *
 * @param mayReceive the list of those that may get a credential; it throws before a byte is sent, or a connection opened
 * @param cancelled aborts what is under way when this step is told to stop
 */
export function httpClient(
  network: AgentNetwork,
  mayReceive: (request: HttpRequest) => void,
  cancelled: AbortSignal,
  after: AfterRequest = 'ended',
): DiallingHttp {
  const connections = new Connections(waysIn(network), after);
  const send: Http = async request => {
    const url = new URL(request.url);
    mayReceive(request);
    if (cancelled.aborted) throw new HttpFault('cancelled', 'The step was cancelled.');
    let connection: Connection | undefined;
    let isOver = false;
    const exchange = async (): Promise<HttpAnswer> => {
      connection = await connections.take(url);
      if (isOver) connection.end();
      const message = await responseTo(request, url, await connection.agent(), network.userAgent);
      const { statusCode: status = 0 } = message;
      const answer = { status, headers: singleHeaders(message), body: await boundedBody(message) };
      connection.done();
      return answer;
    };
    try {
      return await inTime(exchange(), request.timeout, cancelled);
    } catch (error) {
      isOver = true;
      const fault = asHttpFault(error);
      // What was cancelled may still be carried out, which ends sooner where nobody hangs up.
      if (!(fault instanceof HttpFault) || fault.kind !== 'cancelled') connection?.end();
      throw fault;
    }
  };
  return Object.assign(send, {
    dial({ url, service }: Destination, count = 1): void {
      if (cancelled.aborted) return;
      try {
        mayReceive({ method: 'HEAD', url, ...(service && { service }), headers: {}, timeout: 0 });
        for (let dialled = 0; dialled < count; dialled++) connections.dial(new URL(url));
      } catch {
        // The request that comes says why.
      }
    },
  });
}

/** The same, made when it is first used: before that a stage may learn what counts. */
export function lazily(make: () => DiallingHttp): DiallingHttp {
  let made: DiallingHttp | undefined;
  const client = () => (made ??= make());
  return Object.assign((request: HttpRequest) => client()(request), {
    dial: (to: Destination, count?: number) => {
      client().dial(to, count);
    },
  });
}

async function responseTo(
  { method, headers, body = '' }: HttpRequest,
  url: URL,
  agent: Agent,
  userAgent: string,
): Promise<IncomingMessage> {
  const request = isSecure(url) ? (await loadHttps()).request : requestPlainly;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        protocol: url.protocol,
        host: hostOf(url),
        port: portOf(url),
        path: url.pathname + url.search,
        method,
        headers: {
          'accept-encoding': 'identity',
          ...headers,
          'user-agent': userAgent,
          'content-length': Buffer.byteLength(body),
        },
        agent,
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function waysIn({ proxy, certificates }: AgentNetwork): Ways {
  const bypasses = bypassOf(proxy?.proxyBypassHosts ?? []);
  let context: Promise<SecureContext> | undefined;
  return {
    proxyFor: url => (bypasses(url) ? undefined : proxy),
    secureContext: () => (context ??= secureContext(certificates)),
  };
}

/** What a secure context is made of, by the name that Node.js has had for it since it has TLS. */
interface WithAuthorities extends SecureContext {
  readonly context: { addCACert(pem: string): void };
}

/**
 * Made once for all connections: it holds every public authority, which takes longer to read than everything else that a
 * step does. Where one of two hosts is inspected by the network, the other one still shows a public certificate.
 */
async function secureContext(certificates: Certificates | undefined): Promise<SecureContext> {
  const tls = await loadTls();
  const { authority, client } = certificates ?? {};
  try {
    const context = tls.createSecureContext({
      ...(client === undefined ? {} : { cert: client.certificate, passphrase: client.passphrase }),
      ...(client?.key === undefined ? {} : { key: client.key }),
    });
    // Beside the public ones, which Node.js has read by then: given as a list, they would all be read once more.
    if (authority !== undefined) (context as WithAuthorities).context.addCACert(authority);
    return context;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw advised('proxy-not-usable', `The proxy or certificate settings cannot be used: ${reason}.`, {
      about: 'request',
      code: 'proxy-settings',
    });
  }
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

function singleHeaders(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** By its events: what makes a stream something to iterate over costs more than a request. */
function boundedBody(message: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_ANSWER) {
        message.destroy(new HttpFault('too-large', `The answer is larger than ${LARGEST_ANSWER / 1024} KB.`));
        return;
      }
      chunks.push(chunk);
    });
    message.on('error', reject);
    const over = () => {
      if (message.complete) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new HttpFault('lost', 'The connection ended in the middle of the answer.'));
    };
    message.on('end', over);
    message.on('close', over);
  });
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
