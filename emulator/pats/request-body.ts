import { mediaTypeOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { badRequest, serviceError } from '../devops/refusals.js';

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
  if (mediaTypeOf(call) !== 'application/json') return { refusal: unsupportedMediaType(call) };
  const body = parse(call.body.toString('utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { refusal: badRequest('Value cannot be null. Parameter name: body', 'ArgumentNullException') };
  }
  for (const [name, value] of Object.entries(body)) {
    const field = known.find(candidate => candidate === name);
    if (field === undefined) return { refusal: badRequest(`The request body has an unknown field: ${name}`) };
    if (typeof value !== types[field]) {
      return { refusal: badRequest(`The field ${name} of the request body must be a ${types[field]}.`) };
    }
  }
  return { fields: body };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unsupportedMediaType(call: Call): Reply {
  return serviceError({
    status: 415,
    typeKey: 'VssRequestContentTypeNotSupportedException',
    message:
      `The request indicated a Content-Type of "${mediaTypeOf(call)}" for method type "${call.method}" which is not ` +
      'supported. Valid content types for this method are: application/json.',
  });
}
