import { runTask } from '../../common/run-task.js';
import { issuePat } from './run.js';

void runTask('IssuePat', issuePat);
