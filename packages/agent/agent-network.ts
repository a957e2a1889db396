import { maskedSecret } from './task-lib-agent.js';
import * as tl from 'azure-pipelines-task-lib/task.js';
import type { AgentNetwork, Certificates } from '#http/http-client';
import { Failure } from '#advice/failure';
import { asText, parseJson } from '#text/json';
import { sanitize } from '#text/sanitize';
import { readAgentSettings, readBounded, type AgentSettings } from './agent-settings.js';

/** The network as the agent was set up for it, and what its variables say beyond that, in sentences for the log. */
export interface KnownNetwork {
  readonly network: AgentNetwork;
  readonly differences: readonly string[];
}

/**
 * The proxy and the certificates that the agent was configured with. Its variables tell both, but any step can set
 * `Agent.CAInfo` on an agent that has none. So a certificate counts only where the agent's own file names it. A proxy may come
 * from the environment of the agent and is in no file then; it sees names of hosts and no request, so that one counts. Where
 * a file names one, that is the proxy.
 *
 * @param programs that may be the agent's own Node.js: how this process names it, and how it was called
 * @throws Failure `proxy-not-usable`
 */
export function agentNetwork(
  userAgent: string,
  programs: readonly string[] = [process.execPath, process.argv0],
): KnownNetwork {
  let settings: AgentSettings | undefined;
  for (const program of programs) settings ??= readAgentSettings(program);
  const differences: string[] = [];
  const tell = (text: string) => differences.push(text);
  const proxy = readProxy(settings, tell);
  const certificates = readCertificates(settings, tell);
  return { network: { userAgent, proxy, certificates }, differences };
}

/** The address of the proxy, for the next stage; empty: none. Undefined for one that must not be written down. */
export function proxyUrlOf({ proxy }: AgentNetwork): string | undefined {
  if (proxy === undefined) return '';
  const { username, password } = new URL(proxy.proxyUrl);
  return username === '' && password === '' ? proxy.proxyUrl : undefined;
}

/** The network by the proxy that an earlier stage went through, whatever a variable has said since. */
export function withProxy(network: AgentNetwork, proxyUrl: string | undefined): AgentNetwork {
  if (proxyUrl === undefined || proxyUrl === network.proxy?.proxyUrl) return network;
  if (proxyUrl === '') return { ...network, proxy: undefined };
  return { ...network, proxy: { proxyBypassHosts: [], ...network.proxy, proxyUrl } };
}

function readProxy(settings: AgentSettings | undefined, tell: (text: string) => void): AgentNetwork['proxy'] {
  const told = (tl.getVariable('Agent.ProxyUrl') ?? '').trim();
  const configured = settings?.proxyUrl;
  const url = configured ?? told;
  if (configured !== undefined && !isSameUrl(configured, told)) {
    tell(
      `Agent.ProxyUrl is "${sanitize(told, 200)}", but the agent was configured with another proxy, ${sanitize(configured, 200)}, which is used. Find out which step sets that variable.`,
    );
  }
  if (url === '') return undefined;
  const list = bypassList(tl.getVariable('Agent.ProxyBypassList') ?? '');
  const missing = (settings?.proxyBypass ?? []).filter(entry => !list.includes(entry));
  if (missing.length > 0)
    tell('Agent.ProxyBypassList lacks entries of the .proxybypass file of the agent, which count.');
  const username = tl.getVariable('Agent.ProxyUsername') ?? '';
  return {
    proxyUrl: checkedProxyUrl(url),
    proxyBypassHosts: [...list, ...missing],
    ...(username === ''
      ? {}
      : { proxyUsername: username, proxyPassword: maskedSecret('SECRET_AGENT_PROXYPASSWORD') }),
  };
}

/** In a container the agent's root folder is not mounted, and its paths mean nothing: no certificate is proven there. */
function readCertificates(
  settings: AgentSettings | undefined,
  tell: (text: string) => void,
): Certificates | undefined {
  const { caFile = '', certFile = '', keyFile = '' } = settings ?? {};
  for (const [variable, configured] of [
    ['Agent.CAInfo', caFile],
    ['Agent.ClientCert', certFile],
    ['Agent.ClientCertKey', keyFile],
  ] as const) {
    const told = (tl.getVariable(variable) ?? '').trim();
    if (told === '' || told === configured) continue;
    tell(
      `${variable} names "${sanitize(told, 200)}", which the configuration of the agent (its file .certificates) does not: it is not used. A variable could be anybody's. Configure the agent with --sslcacert or --sslclientcert; in a container, where that file cannot be seen, set NODE_EXTRA_CA_CERTS in the image or in the options of the container, not as a variable of the job.`,
    );
  }
  const read = (what: string, path: string): string | undefined => {
    if (path === '') return undefined;
    const text = readBounded(path);
    if (text?.includes('-----BEGIN ') === true) return text;
    tell(
      `${what} "${sanitize(path, 200)}", which the agent was configured with, holds no PEM: it is not used.`,
    );
    return undefined;
  };
  const authority = read('The certificate authority', caFile);
  const certificate = read('The client certificate', certFile);
  const key = certificate === undefined ? undefined : read('The key', keyFile);
  if (authority === undefined && certificate === undefined) return undefined;
  return {
    authority,
    client:
      certificate === undefined
        ? undefined
        : { certificate, key, passphrase: maskedSecret('SECRET_AGENT_CLIENTCERTPASSWORD') },
  };
}

function isSameUrl(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href;
}

function checkedProxyUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new Failure(
    'proxy-not-usable',
    'Agent.ProxyUrl is not the URL of a proxy.',
    'Check --proxyurl of the agent.',
  );
}

function bypassList(json: string): string[] {
  const list = json === '' ? [] : parseJson(json);
  return Array.isArray(list) ? list.flatMap(entry => asText(entry) ?? []) : [];
}
