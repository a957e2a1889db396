import {
  emptyUnauthorized,
  serviceError,
  serviceErrorBody,
  signInPage,
  signInRedirect,
  tooManyRequests,
  type ServiceError,
} from '../devops/refusals.js';
import { jsonReply, textReply, withHeaders, type Headers, type Reply } from '../http/reply.js';
import type { Fault } from './queue.js';

/** Any answer in place of the real one; the request has no effect. */
export function answer(reply: Reply, name = `answer ${reply.status}`): Fault {
  return { name, act: async () => Promise.resolve(reply) };
}

/** 203 with an HTML page, as a bad credential gets it. */
export function signIn(): Fault {
  return answer(signInPage(), 'sign-in page');
}

/** 302 to another host. */
export function redirect(to?: string): Fault {
  return answer(signInRedirect(to), 'redirect');
}

/** 401 without a body. */
export function unauthorized(): Fault {
  return answer(emptyUnauthorized(), 'empty 401');
}

/** An error in Azure DevOps' JSON shape. */
export function error(refusal: ServiceError): Fault {
  return answer(serviceError(refusal), `error ${refusal.status}`);
}

/** The same, with a byte order mark in front of the JSON. */
export function errorWithByteOrderMark(refusal: ServiceError): Fault {
  const text = `\uFEFF${JSON.stringify(serviceErrorBody(refusal))}`;
  return answer(
    textReply(refusal.status, 'application/json; charset=utf-8', text),
    `error ${refusal.status} with BOM`,
  );
}

/** An error that is told in the header `X-TFS-ServiceError` alone. */
export function errorInHeader({ status, message }: Omit<ServiceError, 'typeKey'>): Fault {
  const reply = textReply(status, 'text/plain', '', { 'X-TFS-ServiceError': encodeURIComponent(message) });
  return answer(reply, `error ${status} in header`);
}

/** 429 with `Retry-After` and TF400733. */
export function throttled(retryAfterSeconds: number): Fault {
  return answer(tooManyRequests(retryAfterSeconds), 'throttled');
}

/** A 5xx (or any other status) with a short page, optionally with `Retry-After`. */
export function unavailable(status = 503, retryAfterSeconds?: number): Fault {
  const headers: Headers =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  const page = '<html><body><h2>Our services are not available right now.</h2></body></html>';
  return answer(textReply(status, 'text/html; charset=utf-8', page, headers), `unavailable ${status}`);
}

/** 200 with a page where JSON was expected. */
export function htmlInPlaceOfJson(): Fault {
  return answer(textReply(200, 'text/html; charset=utf-8', '<!DOCTYPE html><title>Hello</title>'), 'HTML');
}

/** 200 with valid JSON of 20 MB, or as many bytes as asked. */
export function huge(bytes = 20 * 1024 * 1024): Fault {
  const frame = JSON.stringify({ padding: '' }).length;
  return answer(jsonReply(200, { padding: 'x'.repeat(Math.max(0, bytes - frame)) }), 'huge');
}

/** The real answer, after the real effect, with its JSON cut in the middle. */
export function truncated(): Fault {
  return changed('truncated', reply => ({
    ...reply,
    body: reply.body.subarray(0, Math.floor(reply.body.length / 2)),
  }));
}

/** The real answer with more headers, for instance a `Retry-After` that accompanies a success. */
export function headers(more: Headers): Fault {
  return changed('more headers', reply => withHeaders(reply, more));
}

/** The real answer, after the real effect, changed on its way. */
export function changed(name: string, change: (reply: Reply) => Reply): Fault {
  return { name, act: async ({ proceed }) => change(await proceed()) };
}
