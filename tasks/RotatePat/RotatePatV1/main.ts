import { runTask } from '../../common/agent/run-task.js';
import { rotatePats } from './run.js';

void runTask('RotatePat', rotatePats);
