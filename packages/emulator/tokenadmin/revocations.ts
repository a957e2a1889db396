import { isGuid } from '../devops/guid.js';
import { badRequest } from '../devops/refusals.js';
import { readJson } from '../devops/json-body.js';
import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';

/** More than these in one request are "too many"; the service's own limit is not published. */
const largestBatch = 200;

/** Reads `[{"authorizationId": "…"}, …]`; each id must be there and be a GUID. */
export function readRevocations(
  call: Call,
): { readonly authorizationIds: readonly string[] } | { readonly refusal: Reply } {
  const json = readJson(call);
  if ('refusal' in json) return json;
  const { body } = json;
  if (!Array.isArray(body) || body.length === 0) return refused('The list of revocations is empty.');
  if (body.length > largestBatch)
    return refused(`At most ${largestBatch} authorizations can be revoked at once.`);
  const ids = (body as unknown[]).map(authorizationIdOf);
  const known = ids.filter(id => id !== undefined);
  return known.length < ids.length
    ? refused('A revocation has no valid authorization id.')
    : { authorizationIds: known };
}

function authorizationIdOf(revocation: unknown): string | undefined {
  if (typeof revocation !== 'object' || revocation === null || !('authorizationId' in revocation))
    return undefined;
  const id = revocation.authorizationId;
  return typeof id === 'string' && isGuid(id) ? id : undefined;
}

function refused(message: string): { readonly refusal: Reply } {
  return { refusal: badRequest(message) };
}
