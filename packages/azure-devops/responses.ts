import type {
  VssJsonCollectionWrapper,
  WrappedException,
} from 'azure-devops-node-api/interfaces/common/VSSInterfaces.js';
import { advised } from '#advice/pipeline';
import type { Asker } from '#advice/asker';
import type { Failure, FailureFacts } from '#advice/failure';
import { pauseAskedBy, retryAfter, type HttpAnswer } from '#http/http';
import { asObject, asText, parseJson, type JsonObject, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import { clause } from '#text/sentence';
import type { RetryResult } from '#http/retry';
import { failureFor, reasonIn, type Refused } from './refusals.js';

/**
 * What Azure DevOps said. The status alone does not tell: a refusal can be 200, a missing sign-in 203 with a web
 * page, 302 or 401 (facts: responses on failure, detection rule).
 */
export type ApiResponse =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly value: JsonObject;
      /** Of a list that goes on, where the API tells so in a header. */
      readonly continuation: string | undefined;
    }
  | { readonly kind: 'empty'; readonly status: number }
  | Refused
  /** No valid sign-in in one of its many shapes, or no trusted way to the service: asking again does not help. */
  | { readonly kind: 'denied'; readonly failure: Failure; readonly mayBeDone: boolean }
  /** Certainly not carried out, but a later attempt may be. */
  | { readonly kind: 'later'; readonly failure: Failure; readonly wait: number | undefined }
  /** May or may not have been carried out. */
  | { readonly kind: 'unclear'; readonly failure: Failure; readonly wait: number | undefined };

/** A list as the service wraps one. */
export type WireList = Unparsed<VssJsonCollectionWrapper>;

/** An error as the service gives one, or wraps its text; the PAT API has a member of its own. */
type WireError = Unparsed<WrappedException & VssJsonCollectionWrapper & { patTokenError: string }>;

/** Reads the answer to a request. @param asker whose credential the request carried */
export function parseResponse(answer: HttpAnswer, where: string, now: Date, asker: Asker): ApiResponse {
  const { status } = answer;
  const isPage =
    (answer.headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(answer.body);
  const value: WireError | undefined = isPage ? undefined : asObject(parseJson(answer.body));
  const typeKey = asText(value?.typeKey) ?? '';
  const patTokenError = asText(value?.patTokenError);
  const refused: Refused = {
    kind: 'refused',
    status,
    text: errorText(answer, value, isPage),
    typeKey,
    isJson: asText(value?.message) !== undefined,
    ...(patTokenError !== undefined && { patTokenError }),
    activity: activityOf(answer),
    asker,
  };
  const reason = reasonIn(refused, isPage);
  switch (reason) {
    case 'throttled':
    case 'throttled-anonymous':
      return { kind: 'later', failure: failureFor(reason, refused, where), wait: pauseAskedBy(answer, now) };
    case 'unavailable':
      return { kind: 'unclear', failure: failureFor(reason, refused, where), wait: retryAfter(answer, now) };
    case 'redirected':
      // Azure DevOps was asked not to: it is somebody in between, who may have passed the request on.
      return { kind: 'denied', failure: failureFor(reason, refused, where), mayBeDone: true };
    case 'deactivated':
    case 'organization-unknown':
    case 'not-a-member':
    case 'conditional-access':
    case 'malformed':
      return { kind: 'denied', failure: failureFor(reason, refused, where), mayBeDone: false };
    case 'not-signed-in':
      return {
        kind: 'denied',
        failure: failureFor(reason, refused, where, isPage),
        // A page under 200 can be somebody's in between, who may have passed the request on.
        mayBeDone: isPage && status !== 203 && status < 300,
      };
    case undefined:
      break;
  }
  if (status >= 400) return refused;
  if (/^\uFEFF?\s*(null)?\s*$/.test(answer.body)) return { kind: 'empty', status };
  if (value === undefined)
    return { kind: 'unclear', failure: notJson(where, status), wait: retryAfter(answer, now) };
  return { kind: 'json', status, value, continuation: answer.headers['x-ms-continuationtoken'] };
}

/**
 * The reply to a request that may be repeated: done, or later.
 * @throws Failure when asking again does not help
 */
export function unwrap(
  reply: ApiResponse,
  where: string,
): RetryResult<Extract<ApiResponse, { kind: 'json' | 'empty' }>> {
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

/**
 * The answer about another thing than was asked about, as somebody on the way gives who mixes answers up. Whoever writes
 * back what was read would write it there.
 *
 * @param thing for a message: `a service connection`
 */
export function mixedUp(where: string, thing: string): Failure {
  return advised('answer-mixed-up', `${where} was asked about ${thing}, and answered about another one.`, {
    about: 'request',
    code: 'answer-not-usable',
  });
}

/** The failure for an answer of 4xx whose caller knows nothing better. */
export function refusal(where: string, reply: Refused): Failure {
  if (/service principals are not allowed|requested operation is not allowed/i.test(reply.text))
    return failureFor('users-only', reply, where);
  if (reply.typeKey === 'InvalidAccessException') return failureFor('users-only', reply, where);
  return failureFor(reply.status === 403 ? 'forbidden' : 'refused', reply, where);
}

/** The same as values. */
export function factsOf({ status, text, typeKey }: Refused): FailureFacts {
  return { status, reason: text, typeKey };
}

/** What a refusal said, for a sentence of the caller: `HTTP 400, TF400898: ..., activity id 0f1e...`. */
export function saying({ status, text, activity }: Refused): string {
  return [`HTTP ${status}`, clause(text), activity === '' ? '' : `activity id ${activity}`]
    .filter(part => part !== '')
    .join(', ');
}

/**
 * Whether a `patTokenError` can come with 4xx is not published: it counts there too. Some refusals are plain text or a
 * web page, without the header that repeats what they say.
 */
function errorText(answer: HttpAnswer, value: WireError | undefined, isPage: boolean): string {
  const text =
    asText(value?.message) ??
    asText(value?.patTokenError) ??
    asText(value?.value) ??
    answer.headers['x-tfs-serviceerror'] ??
    wordsOf(answer, isPage);
  return sanitize(decoded(text));
}

/** What stands in the body of an error that is no JSON: of a page only what carries a code of the service. */
function wordsOf({ status, headers, body }: HttpAnswer, isPage: boolean): string {
  if (isPage) return /\b(?:TF|VS)\d{5,6}: [^<>]{1,500}/.exec(body.slice(0, LONGEST_PAGE))?.[0] ?? '';
  const isText = status >= 400 && (headers['content-type'] ?? '').startsWith('text/plain');
  return isText ? body.replace(/^\uFEFF/, '').slice(0, 500) : '';
}

const LONGEST_PAGE = 64 * 1024;

/** X-TFS-ServiceError can be percent-encoded. */
function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
  } catch {
    return text;
  }
}

/** The service names a request in one of two headers. */
function activityOf({ headers }: HttpAnswer): string {
  const named = [headers['activityid'], headers['x-vss-e2eid']];
  return named.find(id => id !== undefined && /^[0-9a-f][0-9a-f-]{7,63}$/i.test(id)) ?? '';
}

function notJson(where: string, status: number): Failure {
  return advised('answer-not-json', `${where} answered HTTP ${status} with something that is not JSON.`, {
    about: 'request',
    code: 'not-json',
  });
}
