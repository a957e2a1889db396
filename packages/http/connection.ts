import { Agent as PlainAgent, request as requestPlainly, type Agent, type RequestOptions } from 'node:http';
import type * as NodeHttps from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type * as NodeTls from 'node:tls';

/** A proxy as the agent describes it. */
export interface ProxySettings {
  readonly proxyUrl: string;
  readonly proxyUsername?: string;
  readonly proxyPassword?: string;
  /** Regular expressions of addresses that are reached directly. */
  readonly proxyBypassHosts?: readonly string[];
}

/** How connections lead to their hosts. */
export interface Ways {
  /** Undefined for a host that is reached directly. */
  readonly proxyFor: (url: URL) => ProxySettings | undefined;
  /** What is trusted, and who this side is; the same one each time. @throws Failure */
  readonly secureContext: () => Promise<NodeTls.SecureContext>;
}

/** Milliseconds. A server closes what is idle, and a request on the way at that moment is lost: this side is the first. */
const LONGEST_IDLE = 4_000;

/** One connection to a host. It opens with its first request, or when it is dialled. */
export class Connection {
  readonly origin: string;
  /** By a request that is under way. */
  isTaken = false;
  isGone = false;
  #agent: Promise<Agent> | undefined;
  #socket: Promise<Duplex> | undefined;
  #endings: (() => void)[] = [];

  /** @param changed is told when it rests again, and when it is gone */
  constructor(
    private readonly url: URL,
    private readonly ways: Ways,
    private readonly isKept: boolean,
    private readonly changed: () => void,
  ) {
    this.origin = url.origin;
  }

  dial(): void {
    this.#opened().catch(() => undefined);
  }

  /** For one request at a time; Node.js knows how to put the next one on the same connection. */
  agent(): Promise<Agent> {
    return (this.#agent ??= this.#newAgent());
  }

  /** The request is over, and its answer read. One that somebody else connected, as a test does, leaves nothing to keep. */
  done(): void {
    if (this.#socket === undefined) this.#gone();
  }

  /** Nothing comes of it any more. */
  end(): void {
    this.#gone();
    for (const ending of this.#endings.splice(0)) ending();
  }

  async #newAgent(): Promise<Agent> {
    const Agent = isSecure(this.url) ? (await loadHttps()).Agent : PlainAgent;
    const agent = new Agent({ maxSockets: 1, keepAlive: this.isKept, timeout: LONGEST_IDLE });
    agent.createConnection = (_, callback) => {
      this.#opened().then(
        socket => callback?.(null, socket),
        (error: unknown) => {
          // Without a socket, whatever its type says.
          Reflect.apply(callback ?? (() => undefined), undefined, [error]);
        },
      );
      return undefined;
    };
    // Told after the agent itself, which has kept it or let it go.
    agent.on('free', () => {
      if (Object.keys(agent.freeSockets).length === 0) return;
      this.isTaken = false;
      this.changed();
    });
    return agent;
  }

  #opened(): Promise<Duplex> {
    return (this.#socket ??= this.#open());
  }

  async #open(): Promise<Duplex> {
    try {
      const socket = await this.#connected();
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#gone();
      });
      socket.on('end', () => {
        if (!this.isTaken) this.end();
      });
      this.#endings.push(() => socket.destroy());
      return socket;
    } catch (error) {
      this.#gone();
      throw error;
    }
  }

  async #connected(): Promise<Duplex> {
    const host = hostOf(this.url);
    const proxy = this.ways.proxyFor(this.url);
    if (proxy !== undefined) {
      const tunnel = await this.#tunnel(proxy, `${this.url.hostname}:${portOf(this.url)}`);
      return isSecure(this.url) ? this.#secured(tunnel, host) : tunnel;
    }
    const socket = connect({ host, port: portOf(this.url), noDelay: true });
    this.#endings.push(() => socket.destroy());
    if (!isSecure(this.url)) return socket;
    await underWay(socket, host);
    return this.#secured(socket, host);
  }

  async #secured(socket: Duplex, host: string): Promise<Duplex> {
    const secureContext = await this.ways.secureContext();
    if (socket.destroyed) throw socket.errored ?? new Error('The connection was closed.');
    const { connect } = await loadTls();
    const secured = connect({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext,
      ALPNProtocols: ['http/1.1'],
    });
    socket.on('error', error => secured.destroy(error));
    return secured;
  }

  /** @throws Error `tunneling socket could not be established`, with the reason */
  async #tunnel(proxy: ProxySettings, target: string): Promise<Duplex> {
    const url = new URL(proxy.proxyUrl);
    const { proxyUsername: user = '', proxyPassword: password = '' } = proxy;
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    const options: RequestOptions = {
      method: 'CONNECT',
      host: hostOf(url),
      port: portOf(url),
      path: target,
      agent: false,
      headers: {
        host: target,
        ...(user === '' && password === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` }),
      },
    };
    const secured = async () => ({ ...options, secureContext: await this.ways.secureContext() });
    const asked = isSecure(url) ? (await loadHttps()).request(await secured()) : requestPlainly(options);
    this.#endings.push(() => asked.destroy());
    return new Promise((resolve, reject) => {
      const failed = (reason: string) => {
        reject(new Error(`tunneling socket could not be established, ${reason}`));
      };
      asked.on('connect', ({ statusCode = 0 }, socket: Duplex, head) => {
        if (statusCode === 200 && head.length === 0) {
          resolve(socket);
          return;
        }
        socket.destroy();
        failed(statusCode === 200 ? 'cause=the proxy spoke first' : `statusCode=${statusCode}`);
      });
      asked.on('error', cause => {
        failed(`cause=${cause.message}`);
      });
      asked.end();
    });
  }

  #gone(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.changed();
  }
}

/** Resolves when the name is known and the first packet sent: from then on the other side takes its time. */
function underWay(socket: Socket, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isIP(host) !== 0) setImmediate(resolve);
    socket.once('lookup', () => setImmediate(resolve));
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
}

export function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:';
}

/** Without the brackets that an address of IPv6 has in a URL. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return isSecure(url) ? 443 : 80;
}

/** These load when a URL needs them, and without the loader of ECMAScript modules, which would cost as much again. */
export async function loadHttps(): Promise<typeof NodeHttps> {
  return hasBuiltIns() ? process.getBuiltinModule('node:https') : import('node:https');
}

export async function loadTls(): Promise<typeof NodeTls> {
  return hasBuiltIns() ? process.getBuiltinModule('node:tls') : import('node:tls');
}

/** Node.js has the function from 20.16 on. */
function hasBuiltIns(): boolean {
  return typeof Reflect.get(process, 'getBuiltinModule') === 'function';
}
