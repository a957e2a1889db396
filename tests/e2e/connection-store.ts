import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Emulator } from '#emulator/index';

type Json = Record<string, unknown>;

/** A request for a service connection, before it is answered. */
export interface ConnectionCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** The service connections of one project in front of an emulator, which does everything else. */
export class ConnectionStore {
  readonly connections = new Map<string, Json>();
  readonly calls: ConnectionCall[] = [];
  /** Answers in place of the store: a status and a text; or none after the effect, at once or never. */
  refuse: (call: ConnectionCall) => { status: number; message: string } | 'hang' | 'cut' | undefined = () =>
    undefined;
  /** `operationStatus` of what is made. */
  status: Json | undefined;
  readonly #server: Server;
  #waiters: (() => void)[] = [];

  private constructor(private readonly emulator: Emulator) {
    this.#server = createServer((incoming, response) => {
      void this.#serve(incoming, response);
    });
  }

  static async start(emulator: Emulator): Promise<ConnectionStore> {
    const store = new ConnectionStore(emulator);
    store.#server.listen(0, '127.0.0.1');
    await once(store.#server, 'listening');
    return store;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }

  get only(): Json {
    const [one, ...more] = this.connections.values();
    if (one === undefined || more.length > 0)
      throw new Error(`There are ${this.connections.size} connections.`);
    return one;
  }

  /** Resolves with the next request of this method that has taken effect. */
  async next(method: string): Promise<void> {
    while (!this.calls.some(call => call.method === method))
      await new Promise<void>(resolve => this.#waiters.push(resolve));
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise(resolve => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const [, rest] = /\/_apis\/serviceendpoint\/endpoints(?:\/([^?]+))?/.exec(path) ?? [undefined, undefined];
    if (!path.includes('/_apis/serviceendpoint/')) {
      const onward = request(`${this.emulator.url}${path}`, { method, headers }, answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => {
        response.destroy();
      });
      response.on('close', () => {
        onward.destroy();
      });
      incoming.pipe(onward);
      return;
    }
    const call = { method, path, body: await text(incoming) };
    const refusal = this.refuse(call);
    const answer =
      refusal === undefined || typeof refusal === 'string' ? this.#perform(call, rest) : undefined;
    this.calls.push(call);
    for (const wake of this.#waiters.splice(0)) wake();
    if (refusal === 'hang') return;
    if (refusal === 'cut') return void response.destroy();
    const [status, value] =
      refusal === undefined ? [200, answer] : [refusal.status, { message: refusal.message, typeKey: 'X' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value ?? null));
  }

  #perform({ method, path, body }: ConnectionCall, id: string | undefined): unknown {
    switch (method) {
      case 'POST': {
        const made = { ...(JSON.parse(body) as Json), id: randomUUID(), operationStatus: this.status };
        this.connections.set(made.id, made);
        return shown(made);
      }
      case 'PUT': {
        const changed = JSON.parse(body) as Json;
        this.connections.set(id ?? '', changed);
        return shown(changed);
      }
      case 'DELETE':
        this.connections.delete(id ?? '');
        return undefined;
      default: {
        if (id !== undefined) return shown(this.connections.get(id));
        const name = new URL(path, 'http://x').searchParams.get('endpointNames');
        const value = [...this.connections.values()]
          .filter(one => name === null || one['name'] === name)
          .map(shown);
        return { count: value.length, value };
      }
    }
  }
}

/** Secrets are never given back. */
function shown(connection: Json | undefined): Json | undefined {
  if (connection === undefined) return undefined;
  const { scheme, parameters } = connection['authorization'] as { scheme: string; parameters: Json };
  const hidden = Object.fromEntries(Object.keys(parameters).map(key => [key, null]));
  return { ...connection, authorization: { scheme, parameters: hidden } };
}
