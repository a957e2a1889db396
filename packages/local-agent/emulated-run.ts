import type { Emulator } from '#emulator/index';
import type { JobOptions } from './job-options.js';
import type { ServiceConnection } from './service-connections.js';

/** Name of the service connection to the emulator's service user. */
export const issuerConnectionName = 'PAT issuer';

/** How the connection signs in: with a refresh token alone, with one and its own OIDC token, or as an agent's user. */
export type SignInMode = 'refresh-token' | 'federation' | 'agent-user';
export const signInModes: readonly SignInMode[] = ['refresh-token', 'federation', 'agent-user'];

/**
 * What a run in an organization of the emulator gets: collection, service connection and repository, and a job token
 * with which its jobs are known there.
 */
export function emulatedRun(
  emulator: Emulator,
  ceilings: Readonly<Record<string, string>> = {},
  mode: SignInMode = 'refresh-token',
  organization = 'contoso',
): Pick<JobOptions, 'collectionUrl' | 'serviceConnections' | 'onJob' | 'jobToken'> & {
  readonly variables: Readonly<Record<string, string>>;
} {
  const repository = emulator.gitUrl(organization);
  const connection = connectionOf(emulator, mode, ceilings, organization);
  return {
    collectionUrl: emulator.organizationUrl(organization),
    serviceConnections: { [issuerConnectionName]: connection },
    jobToken: emulator.jobs.issueToken({ organization }).value,
    onJob: ({ token, ...job }) => {
      emulator.jobs.start(token, job);
    },
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
  organization = 'contoso',
): ServiceConnection {
  const { entra } = emulator;
  return {
    url: emulator.organizationUrl(organization),
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

/** Its id, which the subject of an OIDC token of Entra names. */
const issuerConnectionId = '4a1e2d3c-5b6f-4708-9a1b-2c3d4e5f6a7b';
const issuer = { id: issuerConnectionId, name: issuerConnectionName };

function connectionOf(
  emulator: Emulator,
  mode: SignInMode,
  ceilings: Readonly<Record<string, string>>,
  organization: string,
): ServiceConnection {
  switch (mode) {
    case 'refresh-token':
      return issuerConnection(emulator, ceilings, organization);
    case 'federation':
      return federatedConnection(emulator, ceilings, organization);
    case 'agent-user':
      return agentUserConnection(emulator, ceilings, organization);
  }
}

/** A connection whose application proves itself with the connection's own OIDC token: no secret exists. */
export function federatedConnection(
  emulator: Emulator,
  ceilings: Readonly<Record<string, string>> = {},
  organization = 'contoso',
): ServiceConnection {
  const { entra } = emulator;
  const application = entra.registerApplication({
    federatedCredentials: emulator.oidc.trustIn(issuer, organization),
  });
  const { data } = issuerConnection(emulator, ceilings, organization);
  return {
    id: issuerConnectionId,
    url: emulator.organizationUrl(organization),
    scheme: 'Token',
    parameters: { apitoken: entra.issueRefreshToken({ application }).value },
    data: { ...data, clientId: application.clientId, clientProof: 'federation' },
  };
}

/** A connection that signs in as an agent's user, and stores nothing that is secret. */
export function agentUserConnection(
  emulator: Emulator,
  ceilings: Readonly<Record<string, string>> = {},
  organization = 'contoso',
): ServiceConnection {
  const { id, blueprint, user } = emulator.entra.addAgentUser({
    federatedCredentials: emulator.oidc.trustIn(issuer, organization),
  });
  const { data } = issuerConnection(emulator, ceilings, organization);
  return {
    id: issuerConnectionId,
    url: emulator.organizationUrl(organization),
    scheme: 'None',
    parameters: {},
    data: {
      ...data,
      clientId: blueprint.clientId,
      agentIdentityId: id,
      agentUser: user.principalName,
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
