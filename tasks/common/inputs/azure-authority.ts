import type { ServiceConnection } from '#agent/service-connection';
import { DEFAULT_AUTHORITY, readAuthority } from '#entra/authority';

/** Authorities of the clouds, by what the connection calls its environment. */
const AUTHORITIES: Readonly<Record<string, string>> = {
  azurecloud: DEFAULT_AUTHORITY,
  azureusgovernment: 'https://login.microsoftonline.us',
  azurechinacloud: 'https://login.partner.microsoftonline.cn',
};

/** The authority that an Azure Resource Manager connection, or its cloud, names; undefined where neither is one. */
export function authorityOf(connection: ServiceConnection): string | undefined {
  const named = namedAuthority(connection);
  return named === '' ? AUTHORITIES[connection.field('environment').toLowerCase()] : readAuthority(named);
}

/** As the connection writes it; empty when it leaves that to its cloud. */
export function namedAuthority(connection: ServiceConnection): string {
  return connection.field('activeDirectoryAuthority') || connection.field('environmentAuthorityUrl');
}
