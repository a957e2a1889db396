import type { AppProof, AzureApp } from '#key-vault/azure-app';
import type { Agent } from '#agent/agent';
import type { ServiceConnection } from '#agent/service-connection';
import type { ValidationErrors } from './validation-errors.js';
import { CLIENT_ID, DEFAULT_AUTHORITY, TENANT } from '#entra/authority';
import { authorityOf, namedAuthority } from './azure-authority.js';
import { readConnectionProof } from './connection-proof.js';

const EXAMPLE = 'Example: an Azure Resource Manager connection with workload identity federation';

/**
 * Reads an Azure Resource Manager connection that an input `connectedService:AzureRM` released. What the agent calls
 * its fields is what Microsoft's own tasks read (azure-pipelines-tasks-common-packages, azure-arm-rest).
 *
 * @returns undefined when there are faults
 */
export function readAzureConnection(
  agent: Agent,
  id: string,
  faults: Pick<ValidationErrors, 'input' | 'connection'>,
): AzureApp | undefined {
  if (id === '') {
    faults.input('azureConnection', `is required by store keyVault. ${EXAMPLE}`);
    return undefined;
  }
  const connection = agent.connection(id);
  if (connection === undefined) {
    faults.connection(
      'azureConnection',
      'the agent did not hand it over: it does not exist, this pipeline may not use it, or this is a build of a fork without secrets',
    );
    return undefined;
  }
  const tenantId = connection.field('tenantid') || connection.field('tenantId');
  const clientId = connection.field('serviceprincipalid') || connection.field('servicePrincipalId');
  const named = namedAuthority(connection);
  const authority = authorityOf(connection);
  const proof = readProof(connection, agent);
  const complaints = [
    ...(TENANT.test(tenantId)
      ? []
      : [`"${tenantId}" is not the id of a tenant. Edit and save the connection`]),
    ...(CLIENT_ID.test(clientId)
      ? []
      : [`"${clientId}" is not the id of an application. Edit and save the connection`]),
    ...(named !== '' && authority === undefined
      ? [`"${named}" is not an Entra authority. Example: ${DEFAULT_AUTHORITY}`]
      : []),
    ...(typeof proof === 'string' ? [proof] : []),
  ];
  for (const complaint of complaints) faults.connection('azureConnection', complaint);
  if (typeof proof === 'string' || complaints.length > 0) return undefined;
  return { authority, tenantId, clientId, proof };
}

/** @returns a text: why it cannot be used */
function readProof(connection: ServiceConnection, agent: Agent): AppProof | string {
  switch (connection.scheme.toLowerCase()) {
    case 'workloadidentityfederation':
      return readFederation(connection, agent);
    // Old connections name no scheme and mean this one.
    case '':
    case 'serviceprincipal':
      return readSecret(connection);
    case 'managedserviceidentity':
      return `managed identities of an agent cannot sign in here. ${EXAMPLE}, which can use a managed identity too`;
    default:
      return `it signs in by "${connection.scheme}", which leads to no key vault. ${EXAMPLE}`;
  }
}

function readSecret(connection: ServiceConnection): AppProof | string {
  if (connection.field('authenticationType').toLowerCase() === 'spncertificate')
    return `it signs in with a certificate, which Job PAT cannot. ${EXAMPLE}`;
  const secret = connection.secret('serviceprincipalkey') || connection.secret('servicePrincipalKey');
  return secret === ''
    ? `the agent handed over no secret of its application. ${EXAMPLE}`
    : { kind: 'secret', secret };
}

function readFederation(connection: ServiceConnection, agent: Agent): AppProof | string {
  const oidc = readConnectionProof(agent, connection.id);
  return typeof oidc === 'string' ? oidc : { kind: 'federation', oidc };
}
