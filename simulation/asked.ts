import type { HttpRequest } from '#http/http';

/** What a request asks for, as far as a life is interested in it. */
export interface Asked {
  readonly method: HttpRequest['method'];
  readonly url: URL;
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

export function askedOf({ method, url: address }: HttpRequest): Asked {
  const url = new URL(address);
  const { pathname } = url;
  return {
    method,
    url,
    organization: pathname.slice(1, pathname.indexOf('/', 1)),
    about: aboutOf(method, url),
  };
}

function aboutOf(method: string, { pathname, searchParams }: URL): Asked['about'] {
  if (pathname.endsWith('/tokens/pats'))
    return method === 'GET' && !searchParams.has('authorizationId') ? 'list of PATs' : 'something else';
  return /\/_apis\/(distributedtask\/variablegroups|serviceendpoint)/.test(pathname)
    ? 'store'
    : 'something else';
}
