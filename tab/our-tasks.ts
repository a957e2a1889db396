import type { TaskReference, TimelineRecord } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { asGuid, asObject, asText, type Unparsed } from '#text/json';

/** A record of a timeline as the service gives it. */
export type WireRecord = Unparsed<TimelineRecord>;

/** The tasks that leave something for the tab, by their ids in a timeline: as published, and in the development flavour. */
const OUR_TASKS = {
  AuditPats: ['5b0f3c9e-8d47-4a26-b1f5-3e9c7a2d6408', '4f30bfef-90bd-4bf2-a305-bcc03148c06a'],
  IssuePat: ['5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', '90e8069f-c6b2-4568-a8ab-3a5b00b77b59'],
  RevokePat: ['c7d0a6e4-2b1f-4f0e-9a3c-5d8e7b6a1f90', '1cc03bd2-a03d-4030-a7ec-6492350751c3'],
} as const;

export type OurTask = keyof typeof OUR_TASKS;

const taskOfId: ReadonlyMap<string, OurTask> = new Map(
  (['AuditPats', 'IssuePat', 'RevokePat'] as const).flatMap(task =>
    OUR_TASKS[task].map(id => [id, task] as const),
  ),
);

/**
 * Tells of each record of a run which of our tasks it is a step of. Any script can attach a file or print a record with
 * whatever in it, and anybody can publish a task with our names; which task a step runs, the service tells by id.
 * A post-job step may come without its task: then its main step, which has the same reference name, counts.
 */
export function ourSteps(records: readonly WireRecord[]): (record: WireRecord) => OurTask | undefined {
  const mains = new Map<string, OurTask>();
  for (const record of records) {
    const task = ownTask(record);
    if (task !== undefined) mains.set(referenceOf(record), task);
  }
  return record => {
    if (asText(record.type) !== 'Task') return undefined;
    const isPlain = record.task === undefined || record.task === null;
    return isPlain && asText(record.refName) !== undefined ? mains.get(referenceOf(record)) : ownTask(record);
  };
}

function ownTask(record: WireRecord): OurTask | undefined {
  if (asText(record.type) !== 'Task') return undefined;
  const task: Unparsed<TaskReference> | undefined = asObject(record.task);
  return taskOfId.get(asGuid(task?.id) ?? '');
}

/** A reference name means something within one job. */
function referenceOf(record: WireRecord): string {
  return JSON.stringify([asText(record.parentId), asText(record.refName)]);
}
