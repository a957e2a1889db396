import nock from 'nock';
import assert from 'node:assert/strict';
import { isCredentialHost } from '#http/hosts';
import { Failure } from '#advice/failure';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { httpClient, type AgentNetwork } from '#http/http-client';
import type { AfterRequest } from '#http/connections';
import { HttpFault, type DiallingHttp, type HttpFaultKind, type HttpRequest } from '#http/http';

/** The tests of this suite use real sockets on loopback: nock, which other suites use, stands aside. Call it in `describe`. */
export function withRealSockets(): void {
  before(() => {
    nock.restore();
  });
  after(() => {
    nock.activate();
  });
}

/** A server for one test: what it was asked, and how often somebody connected. */
export interface LoopbackServer {
  readonly server: Server;
  readonly port: number;
  readonly requests: IncomingMessage[];
  readonly connections: Socket[];
}

/** Starts servers, and closes them with all their connections after each test of the suite. */
export function useServers(): (listener: RequestListener, server?: Server) => Promise<LoopbackServer> {
  const running: { server: Server; connections: Socket[] }[] = [];
  afterEach(async () => {
    for (const { server, connections } of running.splice(0)) {
      const closed = new Promise(resolve => server.close(resolve));
      for (const connection of connections) connection.destroy();
      await closed;
    }
  });
  return async (listener, server = createServer()) => {
    const requests: IncomingMessage[] = [];
    const connections: Socket[] = [];
    running.push({ server, connections });
    server.on('connection', (socket: Socket) => connections.push(socket));
    server.on('request', (request, response) => {
      requests.push(request);
      listener(request, response);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return { server, port: portOf(server), requests, connections };
  };
}

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** The HTTP client of the tasks, in a network without proxy and certificates unless the test says otherwise. */
export function clientIn(
  network: Partial<AgentNetwork> = {},
  cancelled = new AbortController().signal,
  connections: AfterRequest = 'ended',
): DiallingHttp {
  return httpClient(
    { userAgent: 'JobPat/0.0.0 (Test)', proxy: undefined, certificates: undefined, ...network },
    request => {
      if (isCredentialHost(new URL(request.url), 'azure-devops')) return;
      throw new Failure('host-not-allowed', `${request.url} is on no list.`, '');
    },
    cancelled,
    connections,
  );
}

export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: { authorization: 'Bearer a-token' }, timeout: 5000, ...more };
}

/** The fault that a request ends with. */
export async function faultOf(work: Promise<unknown>, kind: HttpFaultKind): Promise<HttpFault> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof HttpFault, `an HttpFault, not ${String(error)}`);
    assert.equal(error.kind, kind, `${error.code} ${error.message}`);
    return error;
  }
  return assert.fail('it was answered');
}
