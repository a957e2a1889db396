/**
 * Where the access token of the tab may go: the organization's own address, and nowhere else.
 *
 * @param address what the host says the organization's address is
 * @returns the address without a slash at its end
 * @throws Error when it is no address of Azure DevOps
 */
export function organizationUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isAzureDevOps(url)) {
    throw new Error('The page that shows this tab names an address that is not one of Azure DevOps.');
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

function isAzureDevOps({ protocol, hostname, username, password, port }: URL): boolean {
  if (username !== '' || password !== '') return false;
  // The emulator.
  if (protocol === 'http:') return ['127.0.0.1', 'localhost'].includes(hostname);
  return (
    protocol === 'https:' &&
    port === '' &&
    (hostname === 'dev.azure.com' || /^[a-z0-9-]+\.visualstudio\.com$/.test(hostname))
  );
}
