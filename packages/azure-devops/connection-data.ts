import type { Identity } from 'azure-devops-node-api/interfaces/IdentitiesInterfaces.js';
import type { ConnectionData } from 'azure-devops-node-api/interfaces/LocationsInterfaces.js';
import { asGuid, asObject, type Unparsed } from '#text/json';
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

/** The id of the organization. */
export function organizationId({ instanceId }: Unparsed<ConnectionData>): string | undefined {
  return asGuid(instanceId);
}
