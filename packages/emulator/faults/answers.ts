import {
  emptyUnauthorized,
  serviceError,
  serviceErrorBody,
  signInPage,
  signInRedirect,
  tooManyRequests,
  unknownRoute,
  type ServiceError,
} from '../devops/refusals.js';
import { emptyReply, jsonReply, textReply, withHeaders, type Headers, type Reply } from '../http/reply.js';
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

/** 429 for a request that nobody signed: no TF400733 in it. */
export function throttledAnonymously(retryAfterSeconds: number): Fault {
  return answer(tooManyRequests(retryAfterSeconds, 200, true), 'throttled, anonymous');
}

/** 404 of a host that does not know the route: text, and nothing about the thing that was asked for. */
export function routeUnknown(): Fault {
  return { name: 'unknown route', act: async ({ call }) => Promise.resolve(unknownRoute(call.path)) };
}

/** 404 with nothing in it. */
export function emptyNotFound(): Fault {
  return answer(emptyReply(404), 'empty 404');
}

/** 503 of an organization that was switched off because nobody used it; it does not pass by itself. */
export function deactivated(): Fault {
  return errorWithByteOrderMark({
    status: 503,
    typeKey: 'HostShutdownException',
    message:
      'TF24668: The following team project collection is stopped: The organization has been deactivated due to ' +
      'inactivity. Start the collection, and then try again.',
  });
}

/** A refusal as the sibling of the PAT API gives it: 400, and the reason as the whole message. */
export function refusedByReason(reason: string): Fault {
  const message = `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;
  return error({ status: 400, typeKey: 'SessionTokenCreateException', message });
}

/** 409 of a key vault whose secret is just being recovered: it passes, and nothing was carried out. */
export function beingRecovered(): Fault {
  const message =
    'Secret is currently in a deleted but recoverable state that is being changed; retry later.';
  const body = { error: { code: 'Conflict', message, innererror: { code: 'ObjectIsBeingRecovered' } } };
  return answer(jsonReply(409, body), 'being recovered');
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
