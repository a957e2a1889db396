import { paced, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { collectPats } from './collect.js';
import { evaluateRules } from './evaluate-rules.js';
import { ReportFolders } from './write-reports.js';
import { agentDisk, type Disk } from './output-folder.js';
import { withPseudonyms } from './pseudonyms.js';
import { discreet } from './missing.js';
import { report } from './report.js';
import { readAuditRequest } from './request.js';
import { askAboutRuns } from './run-states.js';
import { buildInventory } from './build-inventory.js';

/** The story of an audit: read, ask about runs, judge, leave everything in the run, and say how it stands. */
export async function auditPats(unpaced: Effects, disk: Disk = agentDisk): Promise<TaskOutcome | undefined> {
  const request = await readAuditRequest(unpaced.agent);
  const effects = discreet(request, paced(unpaced));
  const folders = new ReportFolders(request, disk, effects);
  const read = await collectPats(request, effects);
  const runs = await askAboutRuns(read.pats, request, effects);
  const collected = { ...read, missing: [...read.missing, ...runs.missing] };
  const now = effects.clock.now();
  const around = { now, runs: runs.states, recordedIds: request.recordedIds };
  const matches = evaluateRules(read.pats, request.book, around);
  const named = buildInventory(collected, request, matches, runs.states, now);
  const inventory = request.people === 'names' ? named : withPseudonyms(named, collected.missing);
  return report(inventory, folders.write(inventory), request, effects);
}
