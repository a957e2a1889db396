import type { TaskOutcome } from '../../../tasks/common/run-task.js';
import { endWithJob } from '../../../tasks/IssuePat/IssuePatV1/after-job.js';
import { issuePat as issue } from '../../../tasks/IssuePat/IssuePatV1/run.js';
import type { World } from './world.js';

/** The main stage, with the effects of a test. */
export async function issuePat({ effects }: World): Promise<void> {
  await issue(effects);
}

/** The post-job stage. */
export function afterJob({ effects }: World): Promise<TaskOutcome | undefined> {
  return endWithJob(effects);
}
