import nock from 'nock';
import assert from 'node:assert/strict';
import { asObject, asText, objectsOf, type JsonObject } from '#text/json';
import { json, type Answer, type Reply } from './answers.js';
import { PROJECT } from './run-service.js';

export const OTHER_PROJECT = 'cdcdcdcd-3434-4565-8787-909090909090';

const SECRETS = new Set(['apitoken', 'password', 'clientsecret']);

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly body: unknown;
}

/**
 * The service endpoint API of `contoso`, in memory behind nock, with what no answer shows: the secrets. A secret is
 * `null` when one connection is read, and missing in a list; an update that sends `null` keeps it, one that leaves it
 * out loses it.
 */
export class ConnectionService {
  readonly requests: Asked[] = [];
  readonly stored = new Map<string, JsonObject>();
  readonly #queued = new Map<string, Answer[]>();

  constructor(...connections: JsonObject[]) {
    for (const connection of connections) this.stored.set(String(connection['id']), connection);
    const path = /\/_apis\/serviceendpoint\/endpoints/;
    const api = nock('https://dev.azure.com').persist();
    for (const interceptor of [api.get(path), api.put(path), api.post(path), api.delete(path)])
      interceptor.reply(this.#serving());
  }

  /** The answers to the next requests with this method, one each. */
  next(method: 'GET' | 'PUT' | 'POST' | 'DELETE', ...answers: Answer[]): this {
    this.#queued.set(method, [...(this.#queued.get(method) ?? []), ...answers]);
    return this;
  }

  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** What was sent last with this method. */
  sent(method: string): Asked {
    return this.requests.findLast(asked => asked.method === method) ?? assert.fail(`no ${method} was sent`);
  }

  /** The one connection that is stored. */
  get only(): JsonObject {
    const [connection] = this.stored.values();
    return connection ?? assert.fail('nothing is stored');
  }

  parameter(name: string): unknown {
    return parametersOf(this.only)[name];
  }

  #serving() {
    const answer = (asked: Asked): Reply | Error => {
      this.requests.push(asked);
      const usual = () => this.#usual(asked);
      const queued = this.#queued.get(asked.method)?.shift();
      return queued === undefined ? usual() : queued(usual);
    };
    return function (
      this: nock.ReplyFnContext,
      uri: string,
      body: nock.Body,
      done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
    ): void {
      const url = new URL(uri, 'https://dev.azure.com');
      const authorization = String(this.req.headers['authorization']);
      const reply = answer({ method: this.req.method, url, authorization, body });
      if (reply instanceof Error) done(reply, [500]);
      else done(null, [reply.status, reply.body, { ...reply.headers }]);
    };
  }

  #usual({ method, url, body }: Asked): Reply {
    const parts = url.pathname.split('/');
    const id = parts.at(-1) === 'endpoints' ? undefined : parts.at(-1);
    if (method === 'PUT') return this.#update(id ?? '', asObject(body) ?? {});
    if (method === 'DELETE') return this.stored.delete(id ?? '') ? { status: 204, body: '' } : json(404, {});
    if (method === 'POST') {
      const made = { id: '99999999-0000-4000-8000-000000000099', ...asObject(body) };
      this.stored.set(made.id, made);
      return json(200, shown(made, true));
    }
    if (id !== undefined) {
      const found = this.stored.get(id);
      return json(200, found === undefined ? null : shown(found, true));
    }
    const names = url.searchParams.get('endpointNames')?.split(',');
    const value = [...this.stored.values()].filter(
      ({ name }) => names === undefined || names.some(wanted => isSame(wanted, asText(name))),
    );
    return json(200, { count: value.length, value: value.map(found => shown(found, false)) });
  }

  #update(id: string, sent: JsonObject): Reply {
    const before = this.stored.get(id);
    if (before === undefined) return json(404, { message: 'not found' });
    const parameters = Object.fromEntries(
      Object.entries(parametersOf(sent)).map(([name, value]) => [
        name,
        value === null && SECRETS.has(name.toLowerCase()) ? parametersOf(before)[name] : value,
      ]),
    );
    const authorization = { ...asObject(sent['authorization']), parameters };
    this.stored.set(id, { ...sent, authorization });
    return json(200, shown(this.stored.get(id) ?? {}, true));
  }
}

export const CONNECTION = '6b4e1a52-0000-4000-8000-000000000001';

/** A connection that holds a token in `apitoken`, shared with a second project under another name. */
export function tokenConnection(more: JsonObject = {}): JsonObject {
  return {
    data: { tenantId: 'a tenant', other: 'field' },
    id: CONNECTION,
    name: 'Feed',
    type: 'externalnugetfeed',
    url: 'https://pkgs.dev.azure.com/contoso/_packaging/main/nuget/v3/index.json',
    createdBy: { displayName: 'Erika', id: 'e18a1f0a-b112-67fd-a9e0-e3bb081da49e' },
    description: 'Our feed.\nAsk Erika.',
    authorization: { scheme: 'Token', parameters: { apitoken: 'the old value' } },
    isShared: true,
    isReady: true,
    owner: 'Library',
    serviceEndpointProjectReferences: [
      reference(PROJECT, 'Web', 'Feed', 'Our feed.\nAsk Erika.'),
      reference(OTHER_PROJECT, 'Mobile', 'Their feed', 'Not ours.'),
    ],
    ...more,
  };
}

function reference(id: string, project: string, name: string, description: string): JsonObject {
  return { projectReference: { id, name: project }, name, description };
}

function shown(connection: JsonObject, whole: boolean): JsonObject {
  const parameters = Object.fromEntries(
    Object.entries(parametersOf(connection)).flatMap(([name, value]) => {
      if (!SECRETS.has(name.toLowerCase())) return [[name, value]];
      return whole ? [[name, null]] : [];
    }),
  );
  return { ...connection, authorization: { ...asObject(connection['authorization']), parameters } };
}

function parametersOf(connection: JsonObject): JsonObject {
  return asObject(asObject(connection['authorization'])?.['parameters']) ?? {};
}

/** The descriptions of a connection: its own, and those of its projects. */
export function allDescriptions(connection: JsonObject): unknown[] {
  const references = objectsOf(connection['serviceEndpointProjectReferences']);
  return [connection, ...references].map(entry => entry['description']);
}

function isSame(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}
