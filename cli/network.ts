import { httpClient } from '#http/http-client';
import type { Http, HttpRequest } from '#http/http';
import { proxyFor } from './proxy.js';

/**
 * HTTP as the tasks send it, through the proxy that the environment names. Additional certificate authorities come
 * from NODE_EXTRA_CA_CERTS, which Node.js reads by itself.
 *
 * @param mayReceive the list of those that may get a credential; it throws before a byte is sent
 * @param cancelled ends what is under way
 */
export function environmentHttp(
  userAgent: string,
  environment: Readonly<Record<string, string | undefined>>,
  mask: (secret: string) => void,
  mayReceive: (request: HttpRequest) => void,
  cancelled: AbortSignal,
): Http {
  const clients = new Map<string, Http>();
  return request => {
    const proxy = proxyFor(new URL(request.url), environment);
    if (proxy !== undefined && proxy.password !== '') mask(proxy.password);
    const key = proxy === undefined ? '' : `${proxy.url} ${proxy.username}`;
    const known = clients.get(key);
    if (known !== undefined) return known(request);
    const client = httpClient(
      {
        userAgent,
        certificates: undefined,
        proxy:
          proxy === undefined
            ? undefined
            : {
                proxyUrl: proxy.url,
                proxyBypassHosts: [],
                ...(proxy.username === ''
                  ? {}
                  : { proxyUsername: proxy.username, proxyPassword: proxy.password }),
              },
      },
      mayReceive,
      cancelled,
    );
    clients.set(key, client);
    return client(request);
  };
}
