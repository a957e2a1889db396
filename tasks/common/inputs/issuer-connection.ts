import type { Agent, ServiceConnection } from '#agent/agent';
import type { EntraClient } from '#entra/entra';
import { isCredentialHost } from '#http/hosts';
import { readCeilings, type Ceilings } from './ceilings.js';
import type { ValidationErrors } from './validation-errors.js';
import { organizationAt, type Organization } from '#azure-devops/organization';

/** The user behind a service connection, and what an administrator allows at most. */
export interface ConnectionIssuer {
  readonly kind: 'connection';
  readonly entra: EntraClient;
  readonly home: Organization;
  readonly ceilings: Ceilings;
}

/** A tenant's GUID or one of its domains; a refresh token belongs to one tenant, so never `common`. */
export const TENANT = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;
export const CLIENT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const DEFAULT_AUTHORITY = 'https://login.microsoftonline.com';

/** Reads a service connection of type `jobPatIssuer`, with its ceilings. @returns undefined when there are faults */
export function readIssuerConnection(
  agent: Agent,
  id: string,
  faults: ValidationErrors,
): ConnectionIssuer | undefined {
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
  const entra = readEntraClient(connection, faults);
  if (home === undefined || entra === undefined) return undefined;
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
  return { kind: 'connection', entra, home, ceilings };
}

/** The Entra side of a service connection. @returns undefined when there are faults */
export function readEntraClient(
  connection: ServiceConnection,
  faults: ValidationErrors,
): EntraClient | undefined {
  const tenantId = connection.field('tenantId');
  const clientId = connection.field('clientId');
  const authorityText = connection.field('authorityUrl');
  const refreshToken = connection.secret('apitoken');
  const clientSecret = connection.secret('clientSecret');
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
  if (!/^[\x21-\x7e]+$/.test(refreshToken)) {
    faults.connection(
      'apitoken',
      'the refresh token is missing or is not one. Sign the issuing user in and store the refresh token',
    );
  }
  return authority === undefined
    ? undefined
    : {
        authority,
        tenantId,
        clientId,
        refreshToken,
        clientSecret: clientSecret === '' ? undefined : clientSecret,
      };
}

/** The origin of an Entra authority; undefined for everything that may not get a sign-in. */
export function readAuthority(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '';
  return bare && isCredentialHost(url, 'entra') ? url.origin : undefined;
}
