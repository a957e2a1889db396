import { REVOCATION } from '#agent/budgets';
import type { Effects } from '#agent/effects';
import { asFailure, type Failure } from '#advice/failure';
import { inTurn } from '#http/pace';
import { withTimeout, type RetryPolicy } from '#http/retry';
import type { Decision } from './decision.js';

/** What was done with a PAT. */
export type RevocationResult = Decision &
  (
    | { readonly done: 'kept' | 'would be revoked' | 'revoked' | 'gone already' }
    | { readonly done: 'failed'; readonly failure: Failure }
  );

/** Revokes what is to be revoked; one failure does not stop the others. With `whatIf` nothing is sent. */
export async function revoke(
  decisions: readonly Decision[],
  whatIf: boolean,
  { agent }: Effects,
  policy: RetryPolicy,
): Promise<RevocationResult[]> {
  const total = decisions.filter(decision => decision.revoke).length;
  let finished = 0;
  return inTurn(decisions, async (decision): Promise<RevocationResult> => {
    if (decision.unread !== undefined) return { ...decision, done: 'failed', failure: decision.unread };
    if (!decision.revoke) return { ...decision, done: 'kept' };
    if (whatIf) return { ...decision, done: 'would be revoked' };
    const outcome = await revoked(decision, withTimeout(policy, REVOCATION.each));
    finished += 1;
    if (finished % 50 === 0) agent.progress(70 + (30 * finished) / total, 'Revoking');
    return outcome;
  });
}

async function revoked(decision: Decision, policy: RetryPolicy): Promise<RevocationResult> {
  try {
    const how = await decision.client.revoke(decision.pat.authorizationId, policy);
    return { ...decision, done: how === 'revoked' ? 'revoked' : 'gone already' };
  } catch (error) {
    return { ...decision, done: 'failed', failure: asFailure(error) };
  }
}
