import type { Organization } from '#azure-devops/organization';
import { isLoopback } from '#http/hosts';

/**
 * Where the repositories of an organization are, without a slash at the end: `https://dev.azure.com/contoso` and the older
 * `https://contoso.visualstudio.com`; on loopback its own address.
 */
export function repositoryAddresses({ name, url }: Organization): string[] {
  return isLoopback(new URL(url)) ? [url] : [url, `https://${name.toLowerCase()}.visualstudio.com`];
}

/** Where its feeds are, without a slash at the end: they have hosts of their own. */
export function feedAddresses({ name, url }: Organization): string[] {
  return isLoopback(new URL(url))
    ? [url]
    : [`https://pkgs.dev.azure.com/${name}`, `https://${name.toLowerCase()}.pkgs.visualstudio.com`];
}

/** Whether an address is one of them or below; neither scheme, host nor name of an organization mind case. */
export function isFeedOf(organization: Organization, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, pathname } = new URL(address);
  const place = `${origin}${pathname}/`.toLowerCase();
  return feedAddresses(organization).some(feed => place.startsWith(`${feed.toLowerCase()}/`));
}
