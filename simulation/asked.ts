import type { HttpRequest } from '#http/http';

/** What a request asks for, as far as a life is interested in it. */
export interface Asked {
  readonly method: HttpRequest['method'];
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The first segment of the path. */
  readonly organization: string;
  readonly about: 'list of PATs' | 'store' | 'something else';
}

/** An answer of the services on its way: header names as the service writes them. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function askedOf({ method, url, body = '' }: HttpRequest): Asked {
  // What the product sends is written out already; `URL` would take a twentieth of a life.
  const [, host = '', path = '/', search = ''] = /^https:\/\/([^/?]+)([^?]*)\??(.*)$/.exec(url) ?? [];
  const query = new URLSearchParams(search);
  const organization = path.slice(1, path.indexOf('/', 1));
  return { method, host, path, query, body, organization, about: aboutOf(method, path, query) };
}

function aboutOf(method: string, path: string, query: URLSearchParams): Asked['about'] {
  if (path.endsWith('/tokens/pats'))
    return method === 'GET' && !query.has('authorizationId') ? 'list of PATs' : 'something else';
  return /\/_apis\/(distributedtask\/variablegroups|serviceendpoint)|^\/secrets\//.test(path)
    ? 'store'
    : 'something else';
}
