import { runTask } from '../../common/agent/run-task.js';
import { issuePat } from './run.js';

void runTask('IssuePat', issuePat);
