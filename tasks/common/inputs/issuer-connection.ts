import type { Agent } from '#agent/agent';
import type { ServiceConnection } from '#agent/service-connection';
import { isOfAgentUser } from '#agent/stage-settings';
import type { OidcRequest } from '#azure-devops/oidc-request';
import type { AgentUser } from '#entra/agent-user';
import type { EntraClient } from '#entra/entra';
import { CLIENT_ID, DEFAULT_AUTHORITY, mayGoTogether, readAuthority, TENANT } from '#entra/authority';
import { readConnectionProof } from './connection-proof.js';
import { readCeilings, type Ceilings } from './ceilings.js';
import type { Inputs } from './inputs.js';
import type { ValidationErrors } from './validation-errors.js';
import { organizationAt, type Organization } from '#azure-devops/organization';

/** How the user behind a service connection signs in. */
export type ConnectionSignIn =
  /** With a refresh token; `proof` undefined: the application is a public one, or has a client secret. */
  | { readonly kind: 'refresh-token'; readonly entra: EntraClient; readonly proof: OidcRequest | undefined }
  /** With nothing that is stored: an agent's user, through its blueprint (preview). */
  | { readonly kind: 'agent-user'; readonly agentUser: AgentUser; readonly proof: OidcRequest };

/** The user behind a service connection, and what an administrator allows at most. */
export interface ConnectionIssuer {
  readonly kind: 'connection';
  readonly signIn: ConnectionSignIn;
  readonly home: Organization;
  readonly ceilings: Ceilings;
}

/** The value of the field `clientProof`, letter by letter. */
const FEDERATION = 'federation';
/** Reads a service connection of type `jobPatIssuer`, with its ceilings. @returns undefined when there are faults */
export function readIssuerConnection({ agent, faults }: Inputs, id: string): ConnectionIssuer | undefined {
  const connection = agent.connection(id);
  if (connection === undefined) {
    faults.connection(
      'patIssuer',
      'the agent did not hand it over: it does not exist, this pipeline may not use it, or this is a build of a fork without secrets',
    );
    return undefined;
  }
  const home = organizationAt(connection.url);
  if (home === undefined) {
    faults.connection(
      'url',
      `"${connection.url}" is not the URL of an organization. Example: https://dev.azure.com/contoso`,
    );
  }
  const signIn = readSignIn(connection, home, agent, faults);
  if (home === undefined || signIn === undefined) return undefined;
  const ceilings = readCeilings(
    {
      allowedScopes: connection.field('allowedScopes'),
      maxLifetime: connection.field('maxLifetime'),
      maxRotatedLifetime: connection.field('maxRotatedLifetime'),
      allowedOrganizations: connection.field('allowedOrganizations'),
    },
    home,
    faults,
  );
  return { kind: 'connection', signIn, home, ceilings };
}

/** The Entra side of a service connection. @returns undefined when there are faults */
function readSignIn(
  connection: ServiceConnection,
  home: Organization | undefined,
  agent: Agent,
  faults: ValidationErrors,
): ConnectionSignIn | undefined {
  const application = readApplication(connection, home, faults);
  const isAgentUser = isOfAgentUser(connection);
  const isFederated = readsFederation(connection, faults) || isAgentUser;
  const proof = isFederated ? readConnectionProof(agent, connection.id) : undefined;
  if (typeof proof === 'string') faults.connection('clientProof', proof);
  const rest = isAgentUser ? readAgentUser(connection, faults) : readSecrets(connection, isFederated, faults);
  if (application === undefined || typeof proof === 'string') return undefined;
  if ('refreshToken' in rest) {
    return { kind: 'refresh-token', entra: { ...application, ...rest }, proof };
  }
  if (proof === undefined || rest.user === undefined) return undefined;
  const { authority, tenantId, clientId: blueprintId } = application;
  return {
    kind: 'agent-user',
    agentUser: { authority, tenantId, blueprintId, agentIdentityId: rest.agentIdentityId, user: rest.user },
    proof,
  };
}

/** @returns undefined when there is no authority that may get a sign-in */
function readApplication(
  connection: ServiceConnection,
  home: Organization | undefined,
  faults: ValidationErrors,
): Pick<EntraClient, 'authority' | 'tenantId' | 'clientId'> | undefined {
  const tenantId = connection.field('tenantId');
  const clientId = connection.field('clientId');
  const authorityText = connection.field('authorityUrl');
  const authority = readAuthority(authorityText === '' ? DEFAULT_AUTHORITY : authorityText);

  if (!TENANT.test(tenantId)) {
    faults.connection(
      'tenantId',
      `"${tenantId}" is not the id of an Entra tenant. Example: 00000000-0000-0000-0000-000000000000`,
    );
  }
  if (!CLIENT_ID.test(clientId)) {
    faults.connection(
      'clientId',
      `"${clientId}" is not the id of an Entra application. Example: 00000000-0000-0000-0000-000000000000`,
    );
  }
  if (authority === undefined) {
    faults.connection(
      'authorityUrl',
      `"${authorityText}" is not an Entra authority. Example: ${DEFAULT_AUTHORITY}`,
    );
  }
  if (authority !== undefined && home !== undefined && !mayGoTogether(home, authority)) {
    faults.connection(
      'authorityUrl',
      `${authority} signs real users in, and ${home.url} is on this machine: it does not get their tokens. Example: ${new URL(home.url).origin}`,
    );
  }
  return authority === undefined ? undefined : { authority, tenantId, clientId };
}

/** Whether the application proves itself by the OIDC token of the connection. */
function readsFederation(connection: ServiceConnection, faults: ValidationErrors): boolean {
  const proof = connection.written('clientProof');
  if (proof !== '' && proof !== FEDERATION) {
    faults.connection(
      'clientProof',
      `"${proof}" is not a proof that Job PAT knows. Leave it empty, or write ${FEDERATION}`,
    );
  }
  return proof === FEDERATION;
}

function readSecrets(
  connection: ServiceConnection,
  isFederated: boolean,
  faults: ValidationErrors,
): Pick<EntraClient, 'refreshToken' | 'clientSecret'> {
  const refreshToken = connection.secret('apitoken');
  const clientSecret = connection.secret('clientSecret');
  if (!/^[\x21-\x7e]+$/.test(refreshToken)) {
    faults.connection(
      'apitoken',
      'the refresh token is missing or is not one. Sign the issuing user in and store the refresh token',
    );
  }
  if (isFederated && clientSecret !== '') {
    faults.connection(
      'clientSecret',
      'with clientProof federation the application proves itself without a secret, and one is stored. Remove the client secret from the connection, and from the application',
    );
  }
  return { refreshToken, clientSecret: clientSecret === '' ? undefined : clientSecret };
}

/** A letter or digit of a name, or one of the marks that Entra lets into one; `#EXT#` is part of a guest's. */
export const UPN = /^[\w.'!#^~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

function readAgentUser(
  connection: ServiceConnection,
  faults: ValidationErrors,
): { readonly agentIdentityId: string; readonly user: AgentUser['user'] | undefined } {
  const agentIdentityId = connection.field('agentIdentityId');
  const text = connection.field('agentUser');
  if (!CLIENT_ID.test(agentIdentityId)) {
    faults.connection(
      'agentIdentityId',
      `"${agentIdentityId}" is not the id of an agent identity. Example: 00000000-0000-0000-0000-000000000000`,
    );
  }
  const user = CLIENT_ID.test(text) ? { user_id: text } : UPN.test(text) ? { username: text } : undefined;
  if (user === undefined) {
    faults.connection(
      'agentUser',
      `"${text}" is neither the UPN nor the object id of an agent's user. Example: job-pat@contoso.com`,
    );
  }
  return { agentIdentityId, user };
}
