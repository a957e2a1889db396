import type { Identity } from 'azure-devops-node-api/interfaces/IdentitiesInterfaces.js';
import type { ConnectionData } from 'azure-devops-node-api/interfaces/LocationsInterfaces.js';
import { asGuid, asObject, asText, type Unparsed } from '#text/json';
import type { ApiRequest } from './client.js';

/** Its answer says who asks. */
export const CONNECTION_DATA: ApiRequest = { path: '_apis/connectionData', version: '7.1-preview.1' };

/** Azure DevOps' anonymous user, and nobody. */
const NOBODY = new Set(['aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa', '00000000-0000-0000-0000-000000000000']);

/** The id of the user whom this answer is for; undefined for an anonymous one, which can be answered with 200 too. */
export function authenticatedUser(connectionData: Unparsed<ConnectionData>): string | undefined {
  const user: Unparsed<Identity> | undefined = asObject(connectionData.authenticatedUser);
  const id = asGuid(user?.id);
  return id === undefined || NOBODY.has(id) ? undefined : id;
}

/** A user as the service tells of them: texts from outside, empty where it is silent. */
export interface UserProfile {
  readonly displayName: string;
  readonly mail: string;
  /** The name of the sign-in, which looks like a mail address and often is one. */
  readonly account: string;
}

/** Of the user whom this answer is for. */
export function userProfile(connectionData: Unparsed<ConnectionData>): UserProfile {
  const user: Unparsed<Identity> | undefined = asObject(connectionData.authenticatedUser);
  const properties = asObject(user?.properties);
  // `{ "$type": "System.String", "$value": "..." }`
  const property = (name: string) => asText(asObject(properties?.[name])?.['$value']) ?? '';
  return {
    displayName: asText(user?.customDisplayName) ?? asText(user?.providerDisplayName) ?? '',
    mail: property('Mail'),
    account: property('Account'),
  };
}

/** The id of the organization. */
export function organizationId({ instanceId }: Unparsed<ConnectionData>): string | undefined {
  return asGuid(instanceId);
}
