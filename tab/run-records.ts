import type { TimelineAttempt } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { asGuid, objectsOf, type Unparsed } from '#text/json';
import type { BuildApi } from './build-api.js';
import type { WireRecord } from './our-tasks.js';

/** The records of a run: those of the latest attempts and of the earlier ones. */
export interface RunRecords {
  readonly records: readonly WireRecord[];
  /** Timelines that were not read, since there are too many. */
  readonly unread: number;
}

/** Timelines are read one request each: those of earlier attempts, and one below each step that has any. */
export const MOST_TIMELINES = 200;
const IN_FLIGHT = 8;

export async function readRunRecords(api: BuildApi): Promise<RunRecords> {
  const latest = await api.timeline();
  const attempts = earlierTimelines(latest);
  const earlier = await readTimelines(attempts, api);
  return {
    records: [latest, ...earlier].flat(),
    unread: Math.max(0, attempts.length - MOST_TIMELINES),
  };
}

/** The records of so many timelines, in the order of the ids; of the first ones, when they are too many. */
export async function readTimelines(ids: readonly string[], api: BuildApi): Promise<WireRecord[][]> {
  const wanted = ids.slice(0, MOST_TIMELINES);
  const lists: WireRecord[][] = [];
  const waiting = wanted.entries();
  const lane = async (): Promise<void> => {
    for (const [index, id] of waiting) lists[index] = await api.timeline(id);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return lists;
}

/** Each retry of a job left its records in a timeline of its own. */
function earlierTimelines(records: readonly WireRecord[]): string[] {
  const ids = records.flatMap(record =>
    objectsOf(record.previousAttempts).flatMap(
      ({ timelineId }: Unparsed<TimelineAttempt>) => asGuid(timelineId) ?? [],
    ),
  );
  return [...new Set(ids)];
}
