import type { Emulator } from '#emulator/index';
import type { JobOptions } from './job-options.js';
import type { ServiceConnection } from './service-connections.js';

/** Name of the service connection to the emulator's service user. */
export const issuerConnectionName = 'PAT issuer';

/** What a run in an organization of the emulator gets: collection, service connection and repository. */
export function emulatedRun(
  emulator: Emulator,
  ceilings: Readonly<Record<string, string>> = {},
): Pick<JobOptions, 'collectionUrl' | 'serviceConnections'> & {
  readonly variables: Readonly<Record<string, string>>;
} {
  const repository = emulator.gitUrl('contoso');
  return {
    collectionUrl: emulator.organizationUrl('contoso'),
    serviceConnections: { [issuerConnectionName]: issuerConnection(emulator, ceilings) },
    variables: {
      'Build.Repository.Uri': repository,
      'Build.Repository.Name': repository.split('/').at(-1) ?? '',
      'System.TeamProject': repository.split('/').at(-3) ?? '',
    },
  };
}

/** A `jobPatIssuer` connection to the emulator's service user, with every organization allowed. */
export function issuerConnection(
  emulator: Emulator,
  ceilings: Readonly<Record<string, string>> = {},
): ServiceConnection {
  const { entra } = emulator;
  return {
    url: emulator.organizationUrl('contoso'),
    scheme: 'Token',
    parameters: {
      apitoken: entra.refreshToken,
      ...(entra.clientSecret === undefined ? {} : { clientSecret: entra.clientSecret }),
    },
    data: {
      tenantId: entra.tenantId,
      clientId: entra.clientId,
      authorityUrl: emulator.url,
      allowedScopes: '',
      maxLifetime: '24h',
      maxRotatedLifetime: '365d',
      allowedOrganizations: 'contoso fabrikam',
      ...ceilings,
    },
  };
}

/** Name of the Azure Resource Manager connection to the emulator's key vault. */
export const azureConnectionName = 'Contoso Azure';

/** That connection, with workload identity federation, or with the application's secret. */
export function azureConnection(
  { entra, url }: Emulator,
  scheme: 'WorkloadIdentityFederation' | 'ServicePrincipal' = 'WorkloadIdentityFederation',
): ServiceConnection {
  const secret = { authenticationType: 'spnKey', serviceprincipalkey: entra.azure.clientSecret };
  return {
    url: 'https://management.azure.com/',
    scheme,
    parameters: {
      tenantid: entra.tenantId,
      serviceprincipalid: entra.azure.clientId,
      ...(scheme === 'ServicePrincipal' ? secret : {}),
    },
    data: { environment: 'AzureCloud', environmentAuthorityUrl: `${url}/` },
  };
}
