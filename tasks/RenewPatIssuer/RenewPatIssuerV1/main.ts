import { runTask } from '../../common/run-task.js';
import { renewPatIssuer } from './run.js';

void runTask('RenewPatIssuer', renewPatIssuer);
