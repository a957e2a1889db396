import { Failure } from '../text/failure.js';

/** Hosts of Azure DevOps Services that may receive a credential. */
const AZURE_DEVOPS = new Set(['dev.azure.com', 'vssps.dev.azure.com', 'vsrm.dev.azure.com']);

/** Entra authorities of the public cloud, US Government and China (21Vianet). */
const ENTRA = new Set([
  'login.microsoftonline.com',
  'login.microsoft.com',
  'login.windows.net',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
]);

/** Written as one of these; a name that merely resolves to the loopback interface does not count. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type HostKind = 'azure-devops' | 'entra';

/** Whether the URL points to this machine, over http or https. That is how the emulator is used. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:');
}

/** Whether a credential of Job PAT may be sent to this URL. */
export function mayReceiveCredential(url: URL): boolean {
  return isCredentialHost(url, 'azure-devops') || isCredentialHost(url, 'entra');
}

export function isCredentialHost(url: URL, kind: HostKind): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (isLoopback(url)) return true;
  if (url.protocol !== 'https:' || url.port !== '') return false;
  if (kind === 'entra') return ENTRA.has(url.hostname);
  return (
    AZURE_DEVOPS.has(url.hostname) || /^[a-z0-9-]+(\.vssps|\.vsrm)?\.visualstudio\.com$/.test(url.hostname)
  );
}

/**
 * The last look before a byte is sent.
 * @throws Failure `host-not-allowed`
 */
export function assertMayReceiveCredential(url: URL): void {
  if (mayReceiveCredential(url)) return;
  throw new Failure(
    'host-not-allowed',
    `${url.origin} may not receive a credential.`,
    'Only Azure DevOps (dev.azure.com, *.visualstudio.com), the Entra authorities and, for tests, loopback may.',
  );
}
