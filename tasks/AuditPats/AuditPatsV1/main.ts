import { runTask } from '../../common/run-task.js';
import { auditPats } from './run.js';

void runTask('AuditPats', effects => auditPats(effects), 'kept');
