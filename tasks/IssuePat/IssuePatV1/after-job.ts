import { POST_JOB_STAGE } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { sealOfStep } from '#agent/seal';
import { StepMarks } from '#agent/step-marks';
import { StepLedger } from '#pat/ledger';
import { currentRun } from '../../common/current-run.js';
import { revokeAfterJob } from '../../common/revoke-after-job.js';
import { endConfiguration } from './configure.js';
import { BY_ITS_WORD, reportDoubt, reportMainStage, reportRemaining } from './report-remaining.js';

/** The story of the post-job stage: see that the main stage is over, revoke what the record holds, report what remains. */
export async function endWithJob(effects: Effects): Promise<TaskOutcome | undefined> {
  const { agent } = effects;
  // Told to stop, this step still revokes: the agent kills it 7.5 s and 2.5 s later, and one request is all it takes.
  const { cleanup } = effects;
  const policy = retryFor(cleanup, POST_JOB_STAGE.all);
  const main = await new StepMarks(agent).postJobBegins(cleanup.clock, POST_JOB_STAGE.awaitMain);
  endConfiguration(agent);
  const seal = sealOfStep(agent);
  const recovered = await StepLedger.recover(agent, seal, () => currentRun(agent));
  if (recovered.doubt !== undefined) return reportDoubt(recovered, agent);
  const { record, sealed, isByItsWord = false } = recovered;
  if (record.pats.length === 0) return reportMainStage(main, agent);
  if (isByItsWord) agent.warning(BY_ITS_WORD);
  // Steps of the job have set variables since, and perhaps changed the connection: what the main stage found counts.
  if (sealed?.isProven === true && sealed.settings !== undefined) agent.reinstate(sealed.settings);
  const maySignIn = async () =>
    sealed === undefined ? isByItsWord : sealed.isProven && (await sealed.signsInAlike());
  return reportRemaining(await revokeAfterJob(record, seal, cleanup, policy, maySignIn), agent);
}
