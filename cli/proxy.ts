import { Failure } from '#advice/failure';

/** The proxy for one request, and the variable that names it. */
export interface Proxy {
  /** Without user and password: fit to print. */
  readonly url: string;
  readonly variable: string;
  readonly username: string;
  readonly password: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for this URL, as curl reads it: HTTPS_PROXY for https, HTTP_PROXY for http,
 * none for what NO_PROXY lists. Lower-case names count too, and first.
 * @throws Failure `proxy-not-usable`
 */
export function proxyFor(target: URL, environment: Environment): Proxy | undefined {
  const [variable, value] = firstOf(
    environment,
    target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'],
  );
  if (value === '' || isExcluded(target, firstOf(environment, ['no_proxy', 'NO_PROXY'])[1])) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || !/^https?:$/.test(url.protocol)) {
    throw new Failure(
      'proxy-not-usable',
      `The environment variable ${variable} is not the URL of a proxy.`,
      'Example: http://proxy.contoso.com:8080',
    );
  }
  return {
    url: url.origin,
    variable,
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

/** A percent sign may stand for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function firstOf(environment: Environment, names: readonly string[]): readonly [name: string, value: string] {
  const name = names.find(name => (environment[name] ?? '').trim() !== '') ?? '';
  return [name, (environment[name] ?? '').trim()];
}

/** Entries are hosts, with a port or without; `.contoso.com` and `contoso.com` stand for what is below them too. */
function isExcluded(target: URL, list: string): boolean {
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  return list
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true;
      const [, host = '', only] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (only !== undefined && only !== port) return false;
      const suffix = host.replace(/^\*?\./, '');
      return suffix !== '' && (target.hostname === suffix || target.hostname.endsWith(`.${suffix}`));
    });
}
