import { runTask } from '../../common/run-task.js';
import { endWithJob } from './after-job.js';

void runTask('IssuePat', endWithJob, 'ended', 'post-job');
