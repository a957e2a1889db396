import { runTask } from '../../common/agent/run-task.js';
import { auditPats } from './run.js';

void runTask('AuditPats', effects => auditPats(effects));
