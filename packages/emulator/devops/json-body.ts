import { randomUUID } from 'node:crypto';
import { mediaTypeOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { badRequest, serviceError } from './refusals.js';

/** Reads a JSON object or array, or says why there is none. */
export function readJson(call: Call): { readonly body: object } | { readonly refusal: Reply } {
  if (mediaTypeOf(call) !== 'application/json') return { refusal: unsupportedMediaType(call) };
  const body = parse(call.body.toString('utf8'));
  if (body === undefined && call.body.length > 0) return { refusal: brokenJson() };
  return typeof body === 'object' && body !== null
    ? { body }
    : { refusal: badRequest('Value cannot be null. Parameter name: body', 'ArgumentNullException') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What is no JSON at all ends as an error inside the service. */
function brokenJson(): Reply {
  const inner = 'Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value.';
  return badRequest(
    `TF400898: An Internal Error Occurred. ActivityId: ${randomUUID()}. ${inner}`,
    'JsonReaderException',
  );
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
