import { paced, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { collectPats } from './collect.js';
import { writeReports, makeFolders } from './write-reports.js';
import { agentDisk, type Disk } from './output-folder.js';
import { withPseudonyms } from './pseudonyms.js';
import { report } from './report.js';
import { readAuditRequest } from './request.js';
import { askAboutRuns } from './run-states.js';
import { buildInventory } from './build-inventory.js';

/** The story of an audit: read, ask about runs, judge, leave everything in the run, and say how it stands. */
export async function auditPats(unpaced: Effects, disk: Disk = agentDisk): Promise<TaskOutcome | undefined> {
  const effects = paced(unpaced);
  const request = await readAuditRequest(effects.agent);
  const folders = makeFolders(request, disk, effects);
  const read = await collectPats(request, effects);
  const runs = await askAboutRuns(read.pats, request, effects);
  const collected = { ...read, missing: [...read.missing, ...runs.missing] };
  const named = buildInventory(collected, request, runs.states, effects.clock.now());
  const inventory = request.people === 'names' ? named : withPseudonyms(named, collected.missing);
  const files = writeReports(inventory, folders, disk, effects);
  return report(inventory, files, request, effects);
}
