import { asGuid, asObject, type JsonObject } from '#text/json';
import type { ApiRequest } from './client.js';

/** Its answer says who asks. */
export const CONNECTION_DATA: ApiRequest = { path: '_apis/connectionData', version: '7.1-preview.1' };

/** Azure DevOps' anonymous user, and nobody. */
const NOBODY = new Set(['aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa', '00000000-0000-0000-0000-000000000000']);

/** The id of the user whom this answer is for; undefined for an anonymous one, which can be answered with 200 too. */
export function authenticatedUser(connectionData: JsonObject): string | undefined {
  const id = asGuid(asObject(connectionData['authenticatedUser'])?.['id']);
  return id === undefined || NOBODY.has(id) ? undefined : id;
}
