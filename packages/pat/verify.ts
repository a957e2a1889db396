import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import { MAIN_STAGE } from '#agent/budgets';
import { retryFor, type RedactingEffects } from '#agent/effects';
import { allSideBySide } from '#agent/side-by-side';
import { AzureDevOpsClient } from '#azure-devops/client';
import {
  authenticatedUser,
  CONNECTION_DATA,
  userProfile,
  type UserProfile,
} from '#azure-devops/connection-data';
import { basic } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import { saying, type ApiResponse } from '#azure-devops/responses';
import { timeLeft } from '#http/retry';

/** Proves each PAT in its organization, side by side. @returns whose they are, in the same order. @throws Failure `pat-not-accepted` for the first that is not accepted */
export async function verifyAll(
  pats: readonly { readonly value: string; readonly organization: Organization }[],
  effects: RedactingEffects,
): Promise<UserProfile[]> {
  const policy = retryFor(effects, MAIN_STAGE.verifyAll);
  return allSideBySide(pats, effects, async ({ value, organization }, own) => {
    const user = await verifyPat(value, organization, own, timeLeft(policy, MAIN_STAGE.verify));
    own.agent.info(`Verified: ${organization.name} accepts the PAT.`);
    return user;
  });
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
): Promise<UserProfile> {
  const client = new AzureDevOpsClient(basic('pat', pat), organization, effects);
  return client.repeat(CONNECTION_DATA, retryFor(effects, budget), reply => {
    const problem = problemOf(reply);
    if (problem === undefined) return { done: userProfile(reply.kind === 'json' ? reply.value : {}) };
    const wait = 'wait' in reply ? reply.wait : undefined;
    return { later: notAccepted(organization, problem, reply), wait };
  });
}

/** Why the answer does not prove the PAT, or undefined when it does. */
function problemOf(reply: ApiResponse): string | undefined {
  switch (reply.kind) {
    case 'json':
      return authenticatedUser(reply.value) === undefined
        ? 'it is answered as an anonymous user.'
        : undefined;
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

function notAccepted(organization: Organization, problem: string, reply: ApiResponse): Failure {
  const what = `The new PAT does not work in ${organization.name} yet: ${problem}`;
  const facts = 'failure' in reply ? reply.failure.facts : { status: reply.status };
  return advised('pat-not-accepted', what, { about: 'request', code: 'pat-not-accepted' }, facts);
}
