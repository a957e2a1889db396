import { runTask } from '../../common/agent/run-task.js';
import { endWithJob } from './after-job.js';

void runTask('IssuePat', endWithJob, 'ended', 'post-job');
