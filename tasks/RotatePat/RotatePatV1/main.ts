import { runTask } from '../../common/run-task.js';
import { rotatePats } from './run.js';

void runTask('RotatePat', rotatePats, 'shared');
