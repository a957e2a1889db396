import { randomUUID } from '../randomness.js';
import { headerOf, type Call } from '../http/call.js';
import { emptyReply, jsonReply, textReply, type Reply } from '../http/reply.js';
import type { Manners } from './manners.js';

/** The identity that Azure DevOps gives to a request without a valid credential. */
export const anonymousIdentity = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';

export interface ServiceError {
  readonly status: number;
  readonly typeKey: string;
  readonly message: string;
}

/** The body that Azure DevOps gives to an error. */
export function serviceErrorBody({
  typeKey,
  message,
}: Omit<ServiceError, 'status'>): Record<string, unknown> {
  const typeName = `Microsoft.VisualStudio.Services.Common.${typeKey}, Microsoft.VisualStudio.Services.Common`;
  return { $id: '1', innerException: null, message, typeName, typeKey, errorCode: 0, eventId: 3000 };
}

/** An error in the shape that Azure DevOps gives to its exceptions; the text is in a header too. */
export function serviceError(error: ServiceError): Reply {
  return jsonReply(error.status, serviceErrorBody(error), {
    'X-TFS-ServiceError': encodeURIComponent(error.message),
  });
}

/** The sign-in page with status 203, as a bad credential gets it. */
export function signInPage(): Reply {
  return textReply(
    203,
    'text/html; charset=utf-8',
    [
      '<!DOCTYPE html>',
      '<html lang="en-US">',
      '<head><title>Azure DevOps Services | Sign In</title></head>',
      '<body><h1>Sign in to your account</h1></body>',
      '</html>',
      '',
    ].join('\n'),
  );
}

/** The redirect to a sign-in page on another host; nothing of the request goes there. */
export function signInRedirect(
  to = 'https://spsprodweu1.vssps.visualstudio.com/_signin?realm=vssps.dev.azure.com&protocol=&hid=&reply_to=',
): Reply {
  const page = `<html><head><title>Object moved</title></head><body><h2>Object moved to <a href="${to}">here</a>.</h2></body></html>`;
  return textReply(302, 'text/html; charset=utf-8', page, { Location: to });
}

/** A 401 with nothing in it but the ways to authenticate. */
export function emptyUnauthorized(
  challenge = 'Bearer, Basic realm="https://vssps.dev.azure.com/", TFS-Federated',
): Reply {
  return emptyReply(401, { 'WWW-Authenticate': challenge });
}

/** The refusal of a bad credential, in the manner that is set; `Suppress` turns pages and redirects into a 401. */
export function refuseCredential(
  call: Call,
  { manners, origin }: { readonly manners: Manners; readonly origin: () => string },
): Reply {
  const suppressed = headerOf(call, 'x-tfs-fedauthredirect')?.toLowerCase() === 'suppress';
  const manner = suppressed ? 'unauthorized' : manners.signIn;
  switch (manner) {
    case 'page':
      return signInPage();
    case 'redirect':
      return signInRedirect();
    case 'unauthorized':
      // With the page suppressed nothing but Basic is named.
      return emptyUnauthorized(
        suppressed ? `Basic realm="${origin()}/"` : `Bearer, Basic realm="${origin()}/", TFS-Federated`,
      );
  }
}

/** A route that this host does not know. It says nothing about what was asked for. */
export function unknownRoute(path: string): Reply {
  const text = `The controller for path '${path}' was not found or does not implement IController.`;
  return textReply(404, 'text/plain; charset=utf-8', text, {
    'X-TFS-ServiceError': encodeURIComponent(text),
  });
}

export function expiredPat(): Reply {
  return serviceError({
    status: 401,
    typeKey: 'AccessCheckException',
    message: 'Access Denied: The Personal Access Token used has expired.',
  });
}

/** A known user who may not do this: no member, or a credential without the scope. */
export function notAuthorized(user = anonymousIdentity): Reply {
  return serviceError({
    status: 401,
    typeKey: 'UnauthorizedRequestException',
    message: `TF400813: The user '${user}' is not authorized to access this resource.`,
  });
}

export function servicePrincipalRefused(): Reply {
  return serviceError({
    status: 403,
    typeKey: 'InvalidAccessException',
    message: 'Service principals are not allowed to perform this action.',
  });
}

export function badRequest(message: string, typeKey = 'VssPropertyValidationException'): Reply {
  return serviceError({ status: 400, typeKey, message });
}

/** 429 as the rate limiter answers it once it blocks; a request that nobody signed is told of it without a code. */
export function tooManyRequests(retryAfterSeconds: number, limit = 200, anonymous = false): Reply {
  const error = {
    status: 429,
    typeKey: 'RequestBlockedException',
    message: anonymous
      ? "Request was blocked due to exceeding usage of resource 'Count' in namespace 'AnonymousId'."
      : 'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource ' +
        `Concurrency in namespace ${randomUUID()}.`,
  };
  const reply = serviceError(error);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'Retry-After': String(retryAfterSeconds),
      'X-RateLimit-Resource': 'Core',
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
    },
  };
}
