import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Emulator } from '#emulator/index';
import type { Certificate } from '../../scripts/certificate.js';

/** One CONNECT that a client asked of the proxy. */
export interface Tunnel {
  readonly target: string;
  readonly authorization: string | undefined;
}

/** A request that came through TLS. */
export interface SecureRequest {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/**
 * The hosts of the cloud, with a certificate of a private authority, in front of an emulator: reached through a
 * proxy that takes every host for itself, or directly on loopback.
 */
export class StandInCloud {
  readonly tunnels: Tunnel[] = [];
  readonly requests: SecureRequest[] = [];
  readonly #emulator: Emulator;
  readonly #secure: SecureServer;
  readonly #proxy: Server;
  readonly #sockets = new Set<Duplex>();
  /** `user:password` that the proxy asks for; undefined: nothing. */
  #credentials: string | undefined;

  private constructor(emulator: Emulator, { key, certificate }: Certificate) {
    this.#emulator = emulator;
    this.#secure = createSecureServer({ key, cert: certificate }, (incoming, response) => {
      this.#forward(incoming, response);
    });
    this.#proxy = createServer((_request, response) => {
      response.writeHead(405).end();
    });
    this.#proxy.on('connect', (asked: IncomingMessage, socket: Duplex) => {
      this.#tunnel(asked, socket);
    });
    for (const server of [this.#secure, this.#proxy]) {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
      });
    }
    // A client that does not trust the certificate hangs up: that is what some tests want.
    this.#secure.on('tlsClientError', () => undefined);
  }

  static async start(
    emulator: Emulator,
    certificate: Certificate,
    credentials?: string,
  ): Promise<StandInCloud> {
    const cloud = new StandInCloud(emulator, certificate);
    cloud.#credentials = credentials;
    await Promise.all([listen(cloud.#secure), listen(cloud.#proxy)]);
    return cloud;
  }

  get proxyUrl(): string {
    return `http://127.0.0.1:${portOf(this.#proxy)}`;
  }

  /** The same services over TLS without the proxy. */
  get secureUrl(): string {
    return `https://localhost:${portOf(this.#secure)}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      [this.#secure, this.#proxy].map(
        server =>
          new Promise(resolve => {
            server.close(resolve);
          }),
      ),
    );
  }

  #tunnel(asked: IncomingMessage, socket: Duplex): void {
    const target = asked.url ?? '';
    const authorization = asked.headers['proxy-authorization'];
    this.tunnels.push({ target, authorization });
    if (this.#credentials !== undefined && authorization !== basic(this.#credentials)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (target.endsWith(':443')) {
      this.#secure.emit('connection', socket);
      return;
    }
    const { hostname, port } = new URL(this.#emulator.url);
    const onward = connect(Number(port), hostname);
    this.#sockets.add(onward);
    onward.on('error', () => socket.destroy());
    onward.pipe(socket).pipe(onward);
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = incoming;
    this.requests.push({ host: headers.host ?? '', path, authorization: headers.authorization });
    const onward = request(`${this.#emulator.url}${path}`, { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => {
      response.destroy();
    });
    incoming.pipe(onward);
  }
}

export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function listen(server: Server | SecureServer): Promise<void> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

function portOf(server: Server | SecureServer): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
