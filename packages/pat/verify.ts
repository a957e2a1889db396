import { send, azureDevOpsHeaders, REQUEST_TIMEOUT, saying, type ApiResponse } from '#azure-devops/client';
import { MAIN_STAGE } from '#agent/budgets';
import { retryFor, type RedactingEffects } from '#agent/effects';
import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import { asGuid, asObject, asText } from '#text/json';
import type { Organization } from '#azure-devops/organization';
import { retry, timeLeft } from '#http/retry';
import { basicCredential } from '#text/secret-encodings';

/** Azure DevOps' anonymous user, and nobody. */
const NOBODY = new Set(['aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa', '00000000-0000-0000-0000-000000000000']);

/** Proves each PAT in its organization. @returns whose they are, in the same order. @throws Failure `pat-not-accepted` for the first that is not accepted */
export async function verifyAll(
  pats: readonly { readonly value: string; readonly organization: Organization }[],
  effects: RedactingEffects,
): Promise<PatUser[]> {
  const policy = retryFor(effects, MAIN_STAGE.verifyAll);
  const users: PatUser[] = [];
  for (const { value, organization } of pats) {
    users.push(await verifyPat(value, organization, effects, timeLeft(policy, MAIN_STAGE.verify)));
    effects.agent.info(`Verified: ${organization.name} accepts the PAT.`);
  }
  return users;
}

/**
 * Reads `connectionData` with the PAT until it answers as a real identity. The identity counts, not the status: an
 * anonymous caller can be answered with 200 too.
 *
 * @param budget milliseconds
 * @returns whose PAT it is
 * @throws Failure `pat-not-accepted` when it never does
 */
export async function verifyPat(
  pat: string,
  organization: Organization,
  effects: RedactingEffects,
  budget: number = MAIN_STAGE.verify,
): Promise<PatUser> {
  const policy = retryFor(effects, budget);
  const url = `${organization.url}/_apis/connectionData?api-version=7.1-preview.1`;
  return retry(policy, async () => {
    const reply = await send(
      effects.http,
      () => effects.clock.now(),
      {
        method: 'GET',
        url,
        headers: azureDevOpsHeaders(`Basic ${basicCredential(pat)}`),
        timeout: timeLeft(policy, REQUEST_TIMEOUT),
      },
      'pat',
    );
    const problem = problemOf(reply);
    if (problem === undefined) return { done: userOf(reply) };
    const wait = 'wait' in reply ? reply.wait : undefined;
    return { later: notAccepted(organization, problem), wait };
  });
}

/** Whose credential it is, as `authenticatedUser` of connectionData tells it: texts from outside, empty where it is silent. */
export interface PatUser {
  readonly displayName: string;
  readonly mail: string;
  /** The name of the sign-in, which looks like a mail address and often is one. */
  readonly account: string;
}

function userOf(reply: ApiResponse): PatUser {
  const user = reply.kind === 'json' ? asObject(reply.value['authenticatedUser']) : undefined;
  const properties = asObject(user?.['properties']);
  // `{ "$type": "System.String", "$value": "..." }`
  const property = (name: string) => asText(asObject(properties?.[name])?.['$value']) ?? '';
  return {
    displayName: asText(user?.['customDisplayName']) ?? asText(user?.['providerDisplayName']) ?? '',
    mail: property('Mail'),
    account: property('Account'),
  };
}

/** Why the answer does not prove the PAT, or undefined when it does. */
function problemOf(reply: ApiResponse): string | undefined {
  switch (reply.kind) {
    case 'json': {
      const id = asGuid(asObject(reply.value['authenticatedUser'])?.['id']);
      return id === undefined || NOBODY.has(id) ? 'it is answered as an anonymous user.' : undefined;
    }
    case 'empty':
      return 'the answer is empty.';
    case 'refused':
      return `${saying(reply)}.`;
    case 'denied':
    case 'later':
    case 'unclear':
      return reply.failure.what;
  }
}

function notAccepted(organization: Organization, problem: string): Failure {
  return advised('pat-not-accepted', `The new PAT does not work in ${organization.name} yet: ${problem}`, {
    about: 'request',
    code: 'pat-not-accepted',
  });
}
