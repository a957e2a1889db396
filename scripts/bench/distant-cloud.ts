import {
  Agent,
  createServer as createPlainServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server as PlainServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Emulator } from '#emulator/index';
import type { Certificate } from '../certificate.js';
import { WireRelay } from './wire-relay.js';

/** Azure DevOps and Entra, each on its own host as in the cloud. */
export const HOSTS = ['dev.azure.com', 'vssps.dev.azure.com', 'login.microsoftonline.com'] as const;

/** What went over the wire since the last `reset`. */
export interface Traffic {
  readonly connections: number;
  readonly requests: number;
  /** Requests under way at the same moment, as the services see it. */
  readonly mostInFlight: number;
}

/** An emulator at the other end of a long wire, with TLS, on hosts of their own or behind a proxy. */
export class DistantCloud {
  readonly #secure: Server;
  readonly #proxy: PlainServer;
  readonly #onward = new Agent({ keepAlive: true });
  #direct!: WireRelay;
  #proxied!: WireRelay;
  #requests = 0;
  #inFlight = 0;
  #mostInFlight = 0;

  private constructor(
    private readonly emulator: Emulator,
    { key, certificate }: Certificate,
  ) {
    this.#secure = createServer({ key, cert: certificate }, (incoming, response) => {
      this.#forward(incoming, response);
    });
    this.#secure.keepAliveTimeout = 60_000;
    this.#proxy = createPlainServer();
    this.#proxy.on('connect', (_: IncomingMessage, socket: Duplex) => {
      const onward = connect(portOf(this.#secure), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
  }

  static async start(emulator: Emulator, certificate: Certificate): Promise<DistantCloud> {
    const cloud = new DistantCloud(emulator, certificate);
    for (const server of [cloud.#secure, cloud.#proxy])
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    cloud.#direct = await WireRelay.start(() => portOf(cloud.#secure));
    cloud.#proxied = await WireRelay.start(() => portOf(cloud.#proxy));
    return cloud;
  }

  /** Where a connection to port 443 of each host has to go. */
  get port(): number {
    return this.#direct.port;
  }

  get proxyUrl(): string {
    return `http://127.0.0.1:${this.#proxied.port}`;
  }

  /** From now on the wire is so long: milliseconds there and back. Counting begins anew. */
  reset(roundTrip: number): void {
    for (const relay of [this.#direct, this.#proxied]) {
      relay.roundTrip = roundTrip;
      relay.connections = 0;
    }
    this.#requests = 0;
    this.#mostInFlight = 0;
  }

  get traffic(): Traffic {
    const connections = this.#direct.connections + this.#proxied.connections;
    return { connections, requests: this.#requests, mostInFlight: this.#mostInFlight };
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct.close(), this.#proxied.close()]);
    this.#secure.closeAllConnections();
    this.#onward.destroy();
    await Promise.all(
      [this.#secure, this.#proxy].map(server => new Promise(resolve => server.close(resolve))),
    );
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = incoming;
    this.#requests += 1;
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    response.on('close', () => (this.#inFlight -= 1));
    const onward = request(
      `${this.emulator.url}${path}`,
      { method, headers: without(headers, 'connection'), agent: this.#onward },
      answer => {
        response.writeHead(answer.statusCode ?? 502, without(answer.headers, 'connection', 'keep-alive'));
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  }
}

/** Each side has connections of its own. */
function without(headers: IncomingHttpHeaders, ...names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function portOf(server: Server | PlainServer): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
