import { advised } from '#advice/pipeline';
import { Failure, underTopic } from '#advice/failure';
import type { RetryPolicy, RetryResult } from '#http/retry';
import { sanitize } from '#text/sanitize';
import type { ApiRequest, AzureDevOpsClient, Page } from './client.js';
import { basic, bearer, type Identity } from './identity.js';
import type { Organization } from './organization.js';
import { isNotThere } from './refusals.js';
import { refusal, unwrap, type ApiResponse, type WireList } from './responses.js';

/**
 * A Project Collection Administrator.
 * @param token an Entra token, or a PAT with vso.tokenadministration (and vso.graph to find a user by name)
 */
export function administrator(token: string): Identity {
  // A PAT is letters and digits, a JSON web token never is.
  return (/^[A-Za-z0-9]+$/.test(token) ? basic : bearer)('administrator', token);
}

/** What a refusal means where only administrators are let in: their token is not that of one. */
export function answerToAdministrator(reply: ApiResponse, { name }: Organization): ApiResponse {
  if (reply.kind === 'denied' && reply.failure.topic === 'sign-in-page')
    return { ...reply, failure: underTopic('access-denied', reply.failure) };
  if (reply.kind !== 'refused' || reply.status !== 403) return reply;
  return { kind: 'denied', failure: refusal(name, reply), mayBeDone: false };
}

/**
 * The pages of a list that is about this user, or about all.
 * @returns how many
 * @throws Failure `user-not-found`, `access-denied`, `pat-answer-not-usable` and those of every request
 */
export async function pagesAbout(
  user: string,
  client: AzureDevOpsClient,
  request: ApiRequest,
  policy: RetryPolicy,
  visit: (page: Page) => boolean,
): Promise<number> {
  const { organization } = client;
  const judge = (answer: ApiResponse): RetryResult<Page> => {
    const reply = answerToAdministrator(answer, organization);
    if (reply.kind === 'refused' && isNotThere(reply)) throw userUnknown(user, organization);
    const attempt = unwrap(reply, organization.name);
    if ('later' in attempt) return attempt;
    if (attempt.done.kind === 'json') return { done: attempt.done };
    throw new Failure('pat-answer-not-usable', `${organization.name} gave an empty answer.`, 'Report this.');
  };
  const pages = await client.pages(request, policy, judge, visit);
  if (pages !== undefined) return pages;
  throw new Failure('pat-answer-not-usable', `A list of ${organization.name} does not end.`, 'Report this.');
}

export function userUnknown(user: string, organization: Organization): Failure {
  return new Failure(
    'user-not-found',
    `${organization.name} has no user "${sanitize(user, 100)}".`,
    'Give the sign-in name, the mail address or the subject descriptor of the user.',
  );
}

/** What the service calls a list has to be one: without it, nothing is known, which is not the same as nothing. */
export function listIn(page: Page, organization: Organization, what: string): readonly unknown[] {
  const { value: list }: WireList = page.value;
  if (Array.isArray(list)) return list;
  throw noList(organization, what);
}

export function noList(organization: Organization, what: string): Failure {
  return advised('pat-answer-not-usable', `${organization.name} gave a list of ${what} that is none.`, {
    about: 'request',
    code: 'answer-not-usable',
  });
}
