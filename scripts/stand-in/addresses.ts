import type { Address } from '#local-agent/checkout';

/**
 * Where the addresses lead that files name for these organizations, and for key vaults of the same name. The longest
 * come first.
 *
 * @param origin of the stand-in
 */
export function localAddresses(origin: string, organizations: readonly string[]): Address[] {
  return organizations
    .flatMap(name => {
      const local = `${origin}/${name}`;
      const hosts = ['dev', 'pkgs.dev', 'feeds.dev', 'vsrm.dev', 'vssps.dev'];
      return [
        ...hosts.map(host => ({ named: `https://${host}.azure.com/${name}`, local })),
        { named: `https://${name}@dev.azure.com/${name}`, local },
        { named: `https://${name}.visualstudio.com`, local },
        { named: `https://${name}.pkgs.visualstudio.com`, local },
        { named: `https://${name}.vault.azure.net`, local: origin },
      ];
    })
    .sort((a, b) => b.named.length - a.named.length);
}
