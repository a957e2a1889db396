import { CANCELLED_STAGE, MAIN_STAGE } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { allSideBySide } from '#agent/side-by-side';
import { timeLeft } from '#http/retry';
import type { Organization } from '#azure-devops/organization';
import { jobPatName } from './run-name.js';
import type { Run } from '#azure-devops/run';
import { asFailure } from '#advice/failure';
import { createPat, type IssuedPat } from './create-pat.js';
import { reportPatEvent } from './report-event.js';
import type { StepLedger } from './ledger.js';
import type { UserPats } from './user-pats.js';
import { remainingText, revokeRecorded } from './revoke.js';

/** What a job asks for, valid and within the ceilings. */
export interface JobPatRequest {
  readonly label: string;
  readonly run: Run;
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly validFor: number;
  readonly organizations: readonly Organization[];
}

export type JobPat = IssuedPat;

/** Issues one PAT for each organization, side by side. @throws Failure; see `allOrNothing` */
export async function issueAll(
  request: JobPatRequest,
  pats: UserPats,
  record: StepLedger,
  effects: Effects,
  mustBeWanted: () => void,
): Promise<JobPat[]> {
  const policy = retryFor(effects, MAIN_STAGE.createAll);
  const { scopes, validFor } = request;
  return allSideBySide(request.organizations, effects, async (organization, own, mustGoOn) => {
    const nextName = () => jobPatName(request.label, request.run, effects.nonce());
    const wish = {
      organization,
      scopes,
      validFor,
      nextName,
      mustBeWanted() {
        mustBeWanted();
        mustGoOn();
      },
    };
    const pat = await createPat(wish, pats, record, own, timeLeft(policy, MAIN_STAGE.create));
    reportPatEvent('issued', pat, own.agent, scopes.join(' '));
    return pat;
  });
}

/** Runs the steps of issuing; when one fails, revokes everything made so far and then fails. */
export async function allOrNothing<T>(
  record: StepLedger,
  pats: UserPats,
  effects: Effects,
  steps: () => Promise<T>,
): Promise<T> {
  try {
    return await steps();
  } catch (error) {
    const failure = asFailure(error);
    const budget = failure.topic === 'cancelled' ? CANCELLED_STAGE.undo : MAIN_STAGE.undo;
    const remaining = await revokeRecorded(record, pats.cleanup, effects.cleanup, budget);
    for (const left of remaining) effects.agent.warning(remainingText(left));
    throw failure;
  }
}

/** A retried step first ends what its earlier attempt left. What cannot be ended now is left to the post-job step. */
export async function revokeLeftovers(record: StepLedger, pats: UserPats, effects: Effects): Promise<void> {
  if (record.pats.length === 0) return;
  effects.agent.info('An earlier attempt of this step left PATs behind; revoking them first.');
  const remaining = await revokeRecorded(record, pats, effects, MAIN_STAGE.leftovers);
  for (const left of remaining) effects.agent.warning(remainingText(left));
}
