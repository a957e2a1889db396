import type { ClientApiBase } from 'azure-devops-node-api/ClientApiBases.js';
import type { ApiResourceLocation } from 'azure-devops-node-api/interfaces/common/VsoBaseInterfaces.js';
import { VsoClient } from 'azure-devops-node-api/VsoClient.js';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { RestClient } from 'typed-rest-client/RestClient.js';
import { HttpClient } from 'typed-rest-client/HttpClient.js';
import type { HttpRequest } from '#http/http';
import { parseJson } from '#text/json';
import type { ApiRequest } from './client.js';
import type { ApiResponse } from './responses.js';

/** Sends a request in our own way: to pinned hosts, with bounds, without redirects. @throws Failure */
export type SendRequest = (request: ApiRequest) => Promise<ApiResponse>;

/** Where a resource is: `{area}/{resource}`, and the rest of its path. */
export type KnownLocation = Pick<ApiResourceLocation, 'id' | 'area' | 'resourceName' | 'routeTemplate'>;

/**
 * The answer to the request that a call of the library makes. The library knows addresses, parameters and shapes; the
 * request is sent by our own client, and its answer is read there too: the library would take every 404 for null, and
 * write the moments of what it has read anew, which has to be sent back as it came.
 *
 * @param api a client of the library, which sends nothing by itself from here on
 * @param locations of the resources that `call` uses, so that no server is asked for them
 * @param version the api-version of these resources
 * @throws Failure what `send` throws
 */
export async function answerTo<Api extends ClientApiBase>(
  api: Api,
  locations: readonly KnownLocation[],
  version: string,
  send: SendRequest,
  call: (api: Api) => Promise<unknown>,
): Promise<ApiResponse> {
  const transport = new OwnTransport(api.baseUrl, send);
  api.http = api.rest.client = transport;
  api.vsoClient = new KnownLocations(api.baseUrl, api.rest, locations, version);
  await call(api);
  if (transport.answer === undefined) throw new Error('The library sent no request.');
  return transport.answer;
}

/** Stands in for the client that knows the network, below everything that the library does. */
class OwnTransport extends HttpClient {
  answer: ApiResponse | undefined;
  readonly #base: string;
  readonly #send: SendRequest;

  constructor(organizationUrl: string, send: SendRequest) {
    super(undefined);
    this.#base = new URL(organizationUrl).pathname.replace(/\/$/, '');
    this.#send = send;
  }

  override async request(
    verb: string,
    requestUrl: string,
    data: string | NodeJS.ReadableStream,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<{ message: IncomingMessage; readBody: () => Promise<string> }> {
    const { pathname, searchParams } = new URL(requestUrl);
    const [, version = ''] = /;api-version=(.+)$/.exec(String(headers['Accept'])) ?? [];
    this.answer = await this.#send({
      method: methodOf(verb),
      // A project called `..` leads out of the organization, where there is none.
      path: pathname.startsWith(`${this.#base}/`) ? pathname.slice(this.#base.length + 1) : `..${pathname}`,
      query: Object.fromEntries(searchParams),
      version,
      ...(typeof data === 'string' && data !== '' && { body: parseJson(data) }),
    });
    return { message: emptyAnswer(), readBody: () => Promise.resolve('') };
  }
}

/** What the library is answered: it reads the status and the headers, and a stream for each would take longer than both. */
let empty: IncomingMessage | undefined;

function emptyAnswer(): IncomingMessage {
  empty ??= Object.assign(new IncomingMessage(new Socket()), { statusCode: 204 });
  return empty;
}

/** Tells what `OPTIONS` would. */
class KnownLocations extends VsoClient {
  readonly #locations: ReadonlyMap<string, ApiResourceLocation>;

  constructor(baseUrl: string, rest: RestClient, known: readonly KnownLocation[], version: string) {
    super(baseUrl, rest);
    const versions = {
      minVersion: version,
      maxVersion: version,
      releasedVersion: version,
      resourceVersion: 1,
    };
    this.#locations = new Map(known.map(location => [location.id, { ...location, ...versions }]));
  }

  override beginGetLocation(_area: string, id: string): Promise<ApiResourceLocation | undefined> {
    return Promise.resolve(this.#locations.get(id));
  }
}

function methodOf(verb: string): HttpRequest['method'] {
  switch (verb) {
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'DELETE':
      return verb;
    default:
      throw new Error(`The library sends ${verb}.`);
  }
}
