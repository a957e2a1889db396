import type { Attachment, BuildApi } from './build-api.js';
import { INVENTORY_TYPE } from './inventory.js';
import { ourSteps } from './our-tasks.js';
import type { RunRecords } from './run-records.js';

/** What the steps of AuditPats attached to a run. */
export interface AttachedInventories {
  readonly contents: readonly string[];
  /** How many more there are than are read. */
  readonly left: number;
  /** Attachments of that type that no step of AuditPats made. */
  readonly ignored: number;
}

/** A person looks at one, perhaps at two. */
const MOST_INVENTORIES = 20;

/** Reads the inventories that belong to a step of AuditPats; what something else attached under that type is not read. */
export async function readInventories(run: RunRecords, api: BuildApi): Promise<AttachedInventories> {
  const listed = await api.attachments(INVENTORY_TYPE);
  const taskOf = ourSteps(run.records);
  const audits = new Set(
    run.records.filter(record => taskOf(record) === 'AuditPats').map(({ id }) => String(id).toLowerCase()),
  );
  const genuine = listed.filter(({ recordId }) => recordId !== undefined && audits.has(recordId));
  const read = genuine.slice(0, MOST_INVENTORIES).map((attachment: Attachment) => attachment.read());
  return {
    contents: await Promise.all(read),
    left: Math.max(0, genuine.length - MOST_INVENTORIES),
    ignored: listed.length - genuine.length,
  };
}
