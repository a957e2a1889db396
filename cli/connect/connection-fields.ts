import type { EntraClient } from '#entra/entra';
import { asObject, asText, type JsonObject } from '#text/json';
import {
  LONGEST_DESCRIPTION,
  parameterOf,
  withDescription,
  withParameter,
} from '#azure-devops/edit-connection';
import { withRenewal, type Renewal } from '#pat/renewal-tag';
import { defaultCeilings, type CeilingFields } from './ceiling-options.js';
import { ROOM_FOR_DESCRIPTION, type ConnectRequest } from './request.js';

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
    data: dataOf(request, entra, {}),
    authorization: { scheme: 'Token', parameters: parametersOf(entra) },
    serviceEndpointProjectReferences: [
      { projectReference: { id: project.id, name: project.name }, name: request.name, description },
    ],
  };
}

/**
 * The connection as it was read, for this user and application; a ceiling that no option names stays. A description
 * that leaves no room for the record loses its end.
 */
export function changedConnection(
  raw: JsonObject,
  request: ConnectRequest,
  entra: EntraClient,
  project: Project,
  renewal: Renewal,
): JsonObject {
  const before = asObject(raw['data']) ?? {};
  const changed = { ...raw, url: request.home.url, data: { ...before, ...dataOf(request, entra, before) } };
  const described = withDescription(changed, project.name, before =>
    withRenewal(roomFor(request.description ?? before, renewal), renewal),
  );
  const withToken = withParameter(described, 'apitoken', entra.refreshToken);
  // Of a public client, a secret that another application left has to go: Entra refuses it.
  const hasSecret = parameterOf(raw, 'clientSecret') !== undefined;
  if (entra.clientSecret === undefined && !hasSecret) return withToken;
  return withParameter(withToken, 'clientSecret', entra.clientSecret ?? '');
}

/** Whether a description loses its end when the connection is changed. */
export function isTooLong(renewal: Renewal): (description: string) => boolean {
  return description => withRenewal(description, renewal).length > LONGEST_DESCRIPTION;
}

function roomFor(description: string, renewal: Renewal): string {
  if (!isTooLong(renewal)(description)) return description;
  const kept = description.slice(0, ROOM_FOR_DESCRIPTION - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}…`;
}

/** No ceiling is left empty: what an empty one means is written out. */
function dataOf(request: ConnectRequest, entra: EntraClient, before: JsonObject): Record<string, string> {
  const ceiling = (name: keyof CeilingFields): string => {
    const kept = (asText(before[name]) ?? '').trim();
    return request.ceilings[name] ?? (kept === '' ? defaultCeilings(request.home)[name] : kept);
  };
  return {
    tenantId: entra.tenantId,
    clientId: entra.clientId,
    authorityUrl: entra.authority,
    allowedScopes: ceiling('allowedScopes'),
    maxLifetime: ceiling('maxLifetime'),
    maxRotatedLifetime: ceiling('maxRotatedLifetime'),
    allowedOrganizations: ceiling('allowedOrganizations'),
  };
}

function parametersOf({ refreshToken, clientSecret }: EntraClient): Record<string, string> {
  return { apitoken: refreshToken, ...(clientSecret === undefined ? {} : { clientSecret }) };
}
