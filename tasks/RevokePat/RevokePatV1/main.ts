import { runTask } from '../../common/run-task.js';
import { revokePats } from './run.js';

void runTask('RevokePat', revokePats, 'kept');
