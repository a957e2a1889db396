import type { Effects } from '../../common/agent/effects.js';
import type { Outcome } from '../../common/agent/run-task.js';
import { PatRecord } from '../../common/pats/pat-record.js';
import { revokeAfterJob } from '../../common/pats/revoke-after-job.js';
import { reportRemaining } from './report-remaining.js';

/** The story of the post-job stage: revoke what the record holds, report what remains. */
export async function endWithJob(effects: Effects): Promise<Outcome | undefined> {
  const record = new PatRecord(effects.agent);
  if (record.pats.length === 0) {
    effects.agent.info('Nothing to revoke: this step left no PAT.');
    return undefined;
  }
  // Told to stop, this step still revokes: the agent kills it 7.5 s and 2.5 s later, and one request is all it takes.
  return reportRemaining(await revokeAfterJob(record, effects.cleanup), effects.agent);
}
