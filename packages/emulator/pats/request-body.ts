import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { readJson } from '../devops/json-body.js';
import { badRequest } from '../devops/refusals.js';

/** The fields of a create or update request; each may be missing. */
export interface PatFields {
  readonly authorizationId?: string;
  readonly displayName?: string;
  readonly scope?: string;
  readonly validTo?: string;
  readonly allOrgs?: boolean;
}

const types: Readonly<Record<keyof PatFields, 'string' | 'boolean'>> = {
  authorizationId: 'string',
  displayName: 'string',
  scope: 'string',
  validTo: 'string',
  allOrgs: 'boolean',
};

export type ReadBody = { readonly fields: PatFields } | { readonly refusal: Reply };

/**
 * Reads a JSON body that has none but these fields. The service itself is said to ignore a field it does not
 * know; here that is an error, so that a misspelt one is found.
 */
export function readPatFields(call: Call, known: readonly (keyof PatFields)[]): ReadBody {
  const json = readJson(call);
  if ('refusal' in json) return json;
  const { body } = json;
  if (Array.isArray(body)) return { refusal: badRequest('The request body must be a JSON object.') };
  for (const [name, value] of Object.entries(body)) {
    const field = known.find(candidate => candidate === name);
    if (field === undefined) return { refusal: badRequest(`The request body has an unknown field: ${name}`) };
    if (typeof value !== types[field]) {
      return { refusal: badRequest(`The field ${name} of the request body must be a ${types[field]}.`) };
    }
  }
  return { fields: body };
}
