import type { Seal } from '#agent/seal';
import type { Effects } from '#agent/effects';
import { asFailure, Failure, type FailureTopic } from '#advice/failure';
import { Inputs } from './inputs/inputs.js';
import { readIssuer } from './inputs/issuer.js';
import { retryFor } from '#agent/effects';
import { POST_JOB_STAGE } from '#agent/budgets';
import { millisecondsLeft, type RetryPolicy } from '#http/retry';
import type { StepLedger } from '#pat/ledger';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { forgetExpired, revokeRecorded, type Remaining } from '#pat/revoke';
import { savedToken, signIn } from './sign-in.js';

const SIGN_IN_NOT_ACCEPTED: ReadonlySet<FailureTopic> = new Set([
  'sign-in-page',
  'redirect-refused',
  'access-denied',
]);

/**
 * Ends what this step issued: with the access token that the main step saved, or a new one when that has ended or is
 * not accepted. Inputs are read only as far as a new sign-in needs them.
 *
 * @param maySignIn tells whether the record is good for more than the saved token, and a new sign-in is one of its user
 * @returns what may still be alive
 */
export async function revokeAfterJob(
  record: StepLedger,
  seal: Seal,
  effects: Effects,
  policy: RetryPolicy,
  maySignIn: () => Promise<boolean>,
): Promise<Remaining[]> {
  await forgetExpired(record, effects);
  if (record.pats.length === 0) return [];
  const { agent, clock } = effects;
  const revoke = (accessToken: string) => {
    const pats = new UserPats(bearer('issuing-user', accessToken), effects);
    return revokeRecorded(record, pats, effects, millisecondsLeft(policy), 'until it cannot arrive');
  };
  const saved = await savedToken(agent, seal, clock.now());
  if (saved !== undefined) {
    const remaining = await revoke(saved);
    const isAccepted = !remaining.some(({ failure }) => SIGN_IN_NOT_ACCEPTED.has(failure.topic));
    if (isAccepted || !(await maySignIn())) return remaining;
    agent.info('The saved sign-in is not accepted any more; signing in again.');
  }
  if (!(await maySignIn())) return record.pats.map(pat => ({ pat, failure: notSignedIn() }));
  try {
    return await revoke(
      await freshToken(effects, seal, millisecondsLeft(policy) * POST_JOB_STAGE.signInShare),
    );
  } catch (error) {
    const failure = asFailure(error);
    return record.pats.map(pat => ({ pat, failure }));
  }
}

function notSignedIn(): Failure {
  return new Failure(
    'variable-refused',
    'The saved sign-in has ended, and what a new one needs is not what this step signed in with any more: a variable of the job, or task.setendpoint of a step, has replaced it.',
    'Find out which step does that.',
  );
}

async function freshToken(effects: Effects, seal: Seal, budget: number): Promise<string> {
  const inputs = new Inputs(effects.agent);
  const issuer = readIssuer(inputs);
  inputs.faults.throwIfAny();
  if (issuer === undefined) throw new Error('no issuer and no fault');
  return signIn(issuer, effects.agent, seal, effects.http, retryFor(effects, budget));
}
