import { runTask } from '../../common/agent/run-task.js';
import { auditPats } from './audit.js';

void runTask('AuditPats', auditPats);
