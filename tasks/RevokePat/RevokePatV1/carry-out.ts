import pLimit from 'p-limit';
import type { Effects } from '#agent/effects';
import { asFailure, type Failure } from '#advice/failure';
import { MOST_IN_FLIGHT } from '#http/paced-http';
import { atMost, type Patience } from '#http/patience';
import type { Verdict } from './judge.js';

/** What was done with a PAT. */
export type Outcome = Verdict &
  (
    | { readonly done: 'kept' | 'would be revoked' | 'revoked' | 'gone already' }
    | { readonly done: 'failed'; readonly failure: Failure }
  );

/** For one PAT, with its repetitions; milliseconds. */
const BUDGET = 60_000;

/** Revokes what is to be revoked; one failure does not stop the others. With `whatIf` nothing is sent. */
export async function carryOut(
  verdicts: readonly Verdict[],
  whatIf: boolean,
  { agent }: Effects,
  patience: Patience,
): Promise<Outcome[]> {
  const inTurn = pLimit(MOST_IN_FLIGHT);
  const total = verdicts.filter(verdict => verdict.revoke).length;
  let finished = 0;
  return Promise.all(
    verdicts.map(async (verdict): Promise<Outcome> => {
      if (verdict.unread !== undefined) return { ...verdict, done: 'failed', failure: verdict.unread };
      if (!verdict.revoke) return { ...verdict, done: 'kept' };
      if (whatIf) return { ...verdict, done: 'would be revoked' };
      const outcome = await inTurn(() => revoked(verdict, atMost(patience, BUDGET)));
      finished += 1;
      if (finished % 50 === 0) agent.progress(70 + (30 * finished) / total, 'Revoking');
      return outcome;
    }),
  );
}

async function revoked(verdict: Verdict, patience: Patience): Promise<Outcome> {
  try {
    const how = await verdict.book.revoke(verdict.pat.authorizationId, patience);
    return { ...verdict, done: how === 'revoked' ? 'revoked' : 'gone already' };
  } catch (error) {
    return { ...verdict, done: 'failed', failure: asFailure(error) };
  }
}
