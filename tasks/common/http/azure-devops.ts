import { Failure } from '../text/failure.js';
import {
  HttpFault,
  isTransientStatus,
  retryAfter,
  type Http,
  type HttpAnswer,
  type HttpRequest,
} from './http.js';
import { asObject, asText, parseJson, type JsonObject } from '../text/json.js';
import { outsideText } from '../text/outside-text.js';
import type { Attempt } from './patience.js';

/**
 * What Azure DevOps said. The status alone does not tell: a refusal can be 200, a missing sign-in 203 with a web
 * page, 302 or 401 (facts: responses on failure, detection rule).
 */
export type Reply =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly value: JsonObject;
      /** Of a list that goes on, where the API tells so in a header. */
      readonly continuation: string | undefined;
    }
  | { readonly kind: 'empty'; readonly status: number }
  /** 4xx with or without a JSON error; `text` is fit to print. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly text: string;
      /** What kind of error the JSON says it is; empty when it does not, or there is none. */
      readonly typeKey: string;
      /** The documented error of the PAT API, as its field of this name holds it. */
      readonly patTokenError?: string;
    }
  /** No valid sign-in in one of its many shapes, or no trusted way to the service: asking again does not help. */
  | { readonly kind: 'denied'; readonly failure: Failure }
  /** Certainly not carried out, but a later attempt may be. */
  | { readonly kind: 'later'; readonly failure: Failure; readonly wait: number | undefined }
  /** May or may not have been carried out. */
  | { readonly kind: 'unclear'; readonly failure: Failure; readonly wait: number | undefined };

/** ADO delays a throttled user's requests by up to 30 s before it blocks them. */
export const REQUEST_TIMEOUT = 45_000;

/** Headers of every request: JSON please, and no redirect to a sign-in page. */
export function azureDevOpsHeaders(authorization: string): Record<string, string> {
  return { authorization, accept: 'application/json', 'x-tfs-fedauthredirect': 'Suppress' };
}

/** Sends a request to Azure DevOps and reads the answer. @throws Failure `cancelled`, `host-not-allowed` */
export async function ask(http: Http, now: () => Date, request: HttpRequest): Promise<Reply> {
  const where = new URL(request.url).host;
  try {
    return readReply(await http(request), where, now());
  } catch (error) {
    if (error instanceof HttpFault) return readFault(error, where);
    throw error;
  }
}

export function readReply(answer: HttpAnswer, where: string, now: Date): Reply {
  const { status } = answer;
  const wait = retryAfter(answer, now);
  const isPage =
    (answer.headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(answer.body);
  const value = isPage ? undefined : asObject(parseJson(answer.body));
  const text = errorText(answer, value);

  if (status === 429) return { kind: 'later', failure: throttled(where, text), wait };
  if (isTransientStatus(status)) return { kind: 'unclear', failure: unavailable(where, status, text), wait };
  if (status >= 300 && status < 400) return { kind: 'denied', failure: redirected(where, status) };
  if (status === 404 && isPage) return { kind: 'denied', failure: notFound(where) };
  if (status === 203 || status === 401 || isPage) {
    return { kind: 'denied', failure: notSignedIn(where, status, isPage, text) };
  }
  if (status >= 400) {
    const patTokenError = asText(value?.['patTokenError']);
    const typeKey = asText(value?.['typeKey']) ?? '';
    return { kind: 'refused', status, text, typeKey, ...(patTokenError !== undefined && { patTokenError }) };
  }
  if (/^\uFEFF?\s*(null)?\s*$/.test(answer.body)) return { kind: 'empty', status };
  if (value === undefined) return { kind: 'unclear', failure: notJson(where, status), wait };
  return { kind: 'json', status, value, continuation: answer.headers['x-ms-continuationtoken'] };
}

/**
 * The reply to a request that may be repeated: done, or later.
 * @throws Failure when asking again does not help
 */
export function settled(reply: Reply, where: string): Attempt<Extract<Reply, { kind: 'json' | 'empty' }>> {
  switch (reply.kind) {
    case 'json':
    case 'empty':
      return { done: reply };
    case 'later':
    case 'unclear':
      return { later: reply.failure, wait: reply.wait };
    case 'denied':
      throw reply.failure;
    case 'refused':
      throw refusal(where, reply);
  }
}

/** The failure for an answer of 4xx whose caller knows nothing better. */
export function refusal(where: string, reply: { status: number; text: string; typeKey: string }): Failure {
  if (/service principals are not allowed/i.test(reply.text)) {
    return new Failure(
      'identity-not-allowed',
      `${where} refused: ${reply.text}`,
      'Only a user can manage PATs: no service principal, no managed identity. Store the refresh token of a user in the service connection.',
    );
  }
  if (/requested operation is not allowed/i.test(reply.text) || reply.typeKey === 'InvalidAccessException') {
    return new Failure(
      'identity-not-allowed',
      `${where} refused: ${said(reply.text)}`,
      'The PAT API takes the Entra token of a user only: no PAT, no System.AccessToken. Give the task such a token.',
    );
  }
  return new Failure(
    'access-denied',
    `${where} refused the request with HTTP ${reply.status}: ${said(reply.text)}`,
    'Check that the issuing user may do this in the organization.',
  );
}

function readFault(fault: HttpFault, where: string): Reply {
  switch (fault.kind) {
    case 'cancelled':
      throw new Failure('cancelled', 'The step was cancelled.', '');
    case 'not-trusted':
      return { kind: 'denied', failure: unreachable(where, fault) };
    case 'not-sent':
      return { kind: 'later', failure: unreachable(where, fault), wait: undefined };
    case 'lost':
      return { kind: 'unclear', failure: unreachable(where, fault), wait: undefined };
    case 'too-large':
      return {
        kind: 'unclear',
        failure: new Failure(
          'answer-too-large',
          `${where} sent more than Job PAT reads: ${fault.message}`,
          'Something between the agent and Azure DevOps answers in its place; check the proxy.',
        ),
        wait: undefined,
      };
  }
}

/** The sentence for a connection that failed, with the repair that its error code suggests. */
export function unreachable(where: string, fault: HttpFault): Failure {
  const reason = outsideText(fault.message).replace(/\.$/, '');
  if (fault.kind === 'not-trusted' && !fault.message.startsWith('tunneling socket')) {
    return new Failure(
      'service-unreachable',
      `The certificate of ${where} was not accepted: ${reason}.`,
      'Give the agent your CA with --sslcacert. Job PAT never skips this check, also not with --sslskipcertvalidation.',
    );
  }
  if (fault.message.startsWith('tunneling socket')) {
    return new Failure(
      'proxy-not-usable',
      `The agent's proxy did not connect to ${where}: ${reason}.`,
      'Check --proxyurl, --proxyusername, --proxypassword and .proxybypass of the agent.',
    );
  }
  return new Failure(
    'service-unreachable',
    `${where} could not be reached: ${reason}.`,
    'Check the network of the agent: name resolution, firewall, and the proxy it was configured with.',
  );
}

/** Whether a `patTokenError` can come with 4xx is not published: it counts there too. */
function errorText(answer: HttpAnswer, value: JsonObject | undefined): string {
  const text =
    asText(value?.['message']) ??
    asText(value?.['patTokenError']) ??
    answer.headers['x-tfs-serviceerror'] ??
    '';
  return outsideText(decoded(text));
}

/** X-TFS-ServiceError can be percent-encoded. */
function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
  } catch {
    return text;
  }
}

function said(text: string): string {
  if (text === '') return 'it gave no reason.';
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function throttled(where: string, text: string): Failure {
  return new Failure(
    'service-throttled',
    `${where} asks to slow down (HTTP 429${text === '' ? '' : `: ${text}`}).`,
    'The issuing user has used up the rate limit of Azure DevOps. Spread the runs, or issue one PAT for a job instead of one for each step.',
  );
}

function unavailable(where: string, status: number, text: string): Failure {
  return new Failure(
    'service-unavailable',
    `${where} answered HTTP ${status}${text === '' ? '' : ` (${text})`}.`,
    'This is a fault of the service or of a proxy; run again, and look at https://status.dev.azure.com.',
  );
}

function redirected(where: string, status: number): Failure {
  return new Failure(
    'redirect-refused',
    `${where} answered with a redirect (HTTP ${status}), which Job PAT never follows.`,
    'Usually it leads to the sign-in page: the Entra token is not accepted here. Check that the service connection belongs to the tenant of this organization.',
  );
}

function notFound(where: string): Failure {
  return new Failure(
    'organization-not-found',
    `${where} does not know this organization (HTTP 404).`,
    'Check its name in the service connection and in the input organization.',
  );
}

function notSignedIn(where: string, status: number, isPage: boolean, text: string): Failure {
  const page = isPage ? ' and a web page in place of JSON' : '';
  const reason = text === '' ? '' : `: ${text}`;
  if (/TF400813|TF401444/.test(text)) {
    return new Failure(
      'access-denied',
      `${where} answered HTTP ${status}${reason.replace(/\.$/, '')}.`,
      'Add the issuing user to the organization with access level Basic, and let this user sign in there once with a browser.',
    );
  }
  if (/VS403463|conditional access/i.test(text)) {
    return new Failure(
      'access-denied',
      `${where} answered HTTP ${status}${reason.replace(/\.$/, '')}.`,
      'Ask the administrator of Conditional Access to let the issuing user in from the address of this agent.',
    );
  }
  return new Failure(
    'sign-in-page',
    `${where} did not accept the sign-in (HTTP ${status}${page}${reason}).`,
    'The Entra token is expired, of another tenant, not of a user, or lacks vso.pats and vso.pats_manage; or the user is not a member of the organization.',
  );
}

function notJson(where: string, status: number): Failure {
  return new Failure(
    'answer-not-json',
    `${where} answered HTTP ${status} with something that is not JSON.`,
    'Something between the agent and Azure DevOps answers in its place; check the proxy.',
  );
}
