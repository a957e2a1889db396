import { runTask } from '../../common/agent/run-task.js';
import { renewPatIssuer } from './run.js';

void runTask('RenewPatIssuer', renewPatIssuer);
