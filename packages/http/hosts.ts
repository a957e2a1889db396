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

/** Key vaults of the public cloud, China (21Vianet) and US Government; a managed HSM holds no secrets. */
const KEY_VAULT =
  /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]\.(vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net)$/;

/** Written as one of these; a name that merely resolves to the loopback interface does not count. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type HostKind = 'azure-devops' | 'entra' | 'key-vault';

/** Whether the URL points to this machine, over http or https. That is how the emulator is used. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:');
}

/** Whether a URL of this kind may be sent a credential at all; a run or a command has a narrower list (inputs/origins). */
export function isCredentialHost(url: URL, kind: HostKind): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (isLoopback(url)) return true;
  if (url.protocol !== 'https:' || url.port !== '') return false;
  switch (kind) {
    case 'entra':
      return ENTRA.has(url.hostname);
    case 'key-vault':
      return KEY_VAULT.test(url.hostname);
    case 'azure-devops':
      return (
        AZURE_DEVOPS.has(url.hostname) ||
        /^[a-z0-9-]+(\.vssps|\.vsrm)?\.visualstudio\.com$/.test(url.hostname)
      );
  }
}

/** The domain that a key vault lives in: `vault.azure.net`. Undefined for everything that is no key vault. */
export function keyVaultDomain(url: URL): string | undefined {
  return KEY_VAULT.exec(url.hostname)?.[1];
}
