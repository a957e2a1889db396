import type { EntraClient } from '../../tasks/common/entra/entra.js';
import { asObject, type JsonObject } from '../../tasks/common/text/json.js';
import {
  parameterOf,
  withDescription,
  withParameter,
} from '../../tasks/common/service-connections/edit-connection.js';
import { withRenewal, type Renewal } from '../../tasks/common/service-connections/renewal-record.js';
import type { ConnectRequest } from './request.js';

/** As vss-extension.json names it. */
export const ISSUER_TYPE = 'jobPatIssuer';
export const DEFAULT_DESCRIPTION = 'Issues short-lived PATs to jobs (Job PAT)';

export interface Project {
  readonly id: string;
  readonly name: string;
}

/** A new connection with every field of the type. */
export function newConnection(
  request: ConnectRequest,
  entra: EntraClient,
  project: Project,
  renewal: Renewal,
): JsonObject {
  const description = withRenewal(request.description ?? DEFAULT_DESCRIPTION, renewal);
  return {
    name: request.name,
    type: ISSUER_TYPE,
    url: request.home.url,
    description,
    owner: 'library',
    isShared: false,
    data: dataOf(request, entra),
    authorization: { scheme: 'Token', parameters: parametersOf(entra) },
    serviceEndpointProjectReferences: [
      { projectReference: { id: project.id, name: project.name }, name: request.name, description },
    ],
  };
}

/** The connection as it was read, for this user and application; a ceiling that no option names stays. */
export function changedConnection(
  raw: JsonObject,
  request: ConnectRequest,
  entra: EntraClient,
  project: Project,
  renewal: Renewal,
): JsonObject {
  const before = asObject(raw['data']) ?? {};
  const changed = { ...raw, url: request.home.url, data: { ...before, ...dataOf(request, entra) } };
  const described = withDescription(changed, project.name, before =>
    withRenewal(request.description ?? before, renewal),
  );
  const withToken = withParameter(described, 'apitoken', entra.refreshToken);
  // Of a public client, a secret that another application left has to go: Entra refuses it.
  const hasSecret = parameterOf(raw, 'clientSecret') !== undefined;
  if (entra.clientSecret === undefined && !hasSecret) return withToken;
  return withParameter(withToken, 'clientSecret', entra.clientSecret ?? '');
}

function dataOf(request: ConnectRequest, entra: EntraClient): Record<string, string> {
  const { allowedScopes, maxLifetime, allowedOrganizations } = request;
  return {
    tenantId: entra.tenantId,
    clientId: entra.clientId,
    authorityUrl: entra.authority,
    ...(allowedScopes === undefined ? {} : { allowedScopes }),
    ...(maxLifetime === undefined ? {} : { maxLifetime }),
    ...(allowedOrganizations === undefined ? {} : { allowedOrganizations }),
  };
}

function parametersOf({ refreshToken, clientSecret }: EntraClient): Record<string, string> {
  return { apitoken: refreshToken, ...(clientSecret === undefined ? {} : { clientSecret }) };
}
