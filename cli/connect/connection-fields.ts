import type { Project } from '#azure-devops/projects';
import { asObject, asText, type JsonObject } from '#text/json';
import {
  LONGEST_DESCRIPTION,
  parameterOf,
  withDescription,
  withParameter,
} from '#azure-devops/edit-connection';
import type { WireConnection } from '#azure-devops/service-connections';
import { withRenewal, type Renewal } from '#pat/renewal-tag';
import { defaultCeilings, type CeilingFields } from './ceiling-options.js';
import { ROOM_FOR_DESCRIPTION, type ConnectRequest } from './request.js';

/** As vss-extension.json names it. */
export const ISSUER_TYPE = 'jobPatIssuer';
const DEFAULT_DESCRIPTION = 'Issues short-lived PATs to jobs (Job PAT)';

/** The application and how a job signs in through it: what the connection holds beside its ceilings. */
export interface IssuerFields {
  readonly tenantId: string;
  /** Of the application; of the blueprint where an agent's user signs in. */
  readonly clientId: string;
  readonly authority: string;
  readonly signIn:
    | { readonly scheme: 'Token'; readonly refreshToken: string; readonly clientSecret: string | undefined }
    /** The connection itself proves the application. */
    | { readonly scheme: 'Token'; readonly refreshToken: string; readonly clientProof: 'federation' }
    | { readonly scheme: 'None'; readonly agentIdentityId: string; readonly agentUser: string };
}

/** A new connection with every field of the type. */
export function newConnection(
  request: ConnectRequest,
  issuer: IssuerFields,
  project: Project,
  renewal: Renewal,
): WireConnection {
  const description = withRenewal(request.description ?? DEFAULT_DESCRIPTION, renewal);
  return {
    name: request.name,
    type: ISSUER_TYPE,
    url: request.home.url,
    description,
    owner: 'library',
    isShared: false,
    data: dataOf(request, issuer, {}),
    authorization: { scheme: issuer.signIn.scheme, parameters: parametersOf(issuer) },
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
  raw: WireConnection,
  request: ConnectRequest,
  issuer: IssuerFields,
  project: Project,
  renewal: Renewal,
): WireConnection {
  const before = asObject(raw.data) ?? {};
  const changed = { ...raw, url: request.home.url, data: { ...before, ...dataOf(request, issuer, before) } };
  const described = withDescription(changed, project.name, before =>
    withRenewal(roomFor(request.description ?? before, renewal), renewal),
  );
  const { signIn } = issuer;
  if (signIn.scheme === 'None') return { ...described, authorization: { scheme: 'None', parameters: {} } };
  const withScheme = {
    ...described,
    authorization: { ...asObject(described.authorization), scheme: signIn.scheme },
  };
  const withToken = withParameter(withScheme, 'apitoken', signIn.refreshToken);
  // A secret that another application, or the time before the federation, left has to go: Entra or a job refuses it.
  const secret = 'clientSecret' in signIn ? signIn.clientSecret : undefined;
  if (secret === undefined && parameterOf(raw, 'clientSecret') === undefined) return withToken;
  return withParameter(withToken, 'clientSecret', secret ?? '');
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

/** No ceiling is left empty: what an empty one means is written out. A field of another way to sign in is emptied. */
function dataOf(request: ConnectRequest, issuer: IssuerFields, before: JsonObject): Record<string, string> {
  const ceiling = (name: keyof CeilingFields): string => {
    const kept = (asText(before[name]) ?? '').trim();
    return request.ceilings[name] ?? (kept === '' ? defaultCeilings(request.home)[name] : kept);
  };
  return {
    tenantId: issuer.tenantId,
    clientId: issuer.clientId,
    authorityUrl: issuer.authority,
    allowedScopes: ceiling('allowedScopes'),
    maxLifetime: ceiling('maxLifetime'),
    maxRotatedLifetime: ceiling('maxRotatedLifetime'),
    allowedOrganizations: ceiling('allowedOrganizations'),
    ...signInFields(issuer, before),
  };
}

function signInFields({ signIn }: IssuerFields, before: JsonObject): Record<string, string> {
  const fields: Record<string, string> = {
    ...('clientProof' in signIn && { clientProof: signIn.clientProof }),
    ...('agentUser' in signIn && { agentIdentityId: signIn.agentIdentityId, agentUser: signIn.agentUser }),
  };
  const others = ['clientProof', 'agentIdentityId', 'agentUser'].filter(name => before[name] !== undefined);
  return { ...Object.fromEntries(others.map(name => [name, ''])), ...fields };
}

function parametersOf({ signIn }: IssuerFields): Record<string, string> {
  if (signIn.scheme === 'None') return {};
  const secret = 'clientSecret' in signIn ? signIn.clientSecret : undefined;
  return { apitoken: signIn.refreshToken, ...(secret === undefined ? {} : { clientSecret: secret }) };
}
