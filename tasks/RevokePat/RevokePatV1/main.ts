import { runTask } from '../../common/agent/run-task.js';
import { revokePats } from './run.js';

void runTask('RevokePat', revokePats, 'kept');
