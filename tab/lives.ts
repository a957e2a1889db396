import { readLifeRecord, type LifeEvent, type NamedPat } from '../tasks/common/pats/life-record.js';
import { asGuid, asMoment, asObject, asText, objectsOf, type JsonObject } from '../tasks/common/text/json.js';
import type { BuildApi } from './build-api.js';

/** Something that happened to a PAT, and where. */
export interface LifeMoment {
  readonly event: LifeEvent;
  readonly time: Date;
  /** A word more, such as the scopes; empty when the service has not kept it. */
  readonly detail: string;
  /** Empty: unknown. */
  readonly step: string;
  readonly job: string;
}

/** Where a PAT stands. `forgotten`: the run is over, and no step revoked it. */
export type LifeState = 'revoked' | 'gone' | 'expired' | 'inUse' | 'handedOver' | 'remains' | 'forgotten';

/** The life of a PAT as far as this run knows it. */
export interface Life {
  readonly pat: NamedPat;
  /** Oldest first; one at least. */
  readonly moments: readonly LifeMoment[];
  readonly state: LifeState;
}

/** All lives that a run tells of. */
export interface LivesOfRun {
  readonly lives: readonly Life[];
  /** Timelines that were not read, since there are too many: a PAT may be missing. */
  readonly unread: number;
}

/** Timelines are read one request each: those of earlier attempts, and one below each step that has any. */
const MOST_TIMELINES = 200;
const IN_FLIGHT = 8;

/**
 * Reads what the steps of a run told of PATs. IssuePat and RevokePat write it with `task.logdetail`; the agent puts
 * that into a timeline of its own below the step, to which `details` of the step's record refers.
 */
export async function readLives(api: BuildApi, isOver: boolean, now: Date): Promise<LivesOfRun> {
  const latest = await api.timeline();
  const attempts = earlierTimelines(latest);
  const earlier = await readAll(attempts, api);
  const records = [latest, ...earlier].flat();
  const below = records.filter(mayTell).flatMap(record => {
    const id = asGuid(asObject(record['details'])?.['id']);
    return id === undefined ? [] : [{ id, step: record }];
  });
  const details = await readAll(
    below.map(({ id }) => id),
    api,
  );
  const byId = new Map(records.map(record => [asText(record['id']), record]));
  const told = [
    // Whoever answers may also keep the records of a step beside it.
    ...records.flatMap(record => momentOf(record, byId.get(asText(record['parentId'])), byId) ?? []),
    ...details.flatMap((list, index) =>
      list.flatMap(record => momentOf(record, below[index]?.step, byId) ?? []),
    ),
  ];
  const unread = [attempts, below].map(({ length }) => Math.max(0, length - MOST_TIMELINES));
  return { lives: livesOf(told, isOver, now), unread: unread.reduce((sum, count) => sum + count, 0) };
}

/** The tasks that tell of PATs, also in their development flavour. */
const TELLERS = /^(Issue|Revoke)Pat(Dev)?$/;

/**
 * Any script can print a logging command: it must not call a PAT revoked. The service tells which task a step is, and
 * may leave that out for what runs before and after a job.
 */
function mayTell(step: JsonObject | undefined): boolean {
  const task = asText(asObject(step?.['task'])?.['name']);
  return task === undefined || TELLERS.test(task);
}

interface Told {
  readonly pat: NamedPat;
  readonly moment: LifeMoment;
}

function momentOf(
  record: JsonObject,
  step: JsonObject | undefined,
  byId: ReadonlyMap<string | undefined, JsonObject>,
): Told | undefined {
  const read = readLifeRecord(asText(record['type']) ?? '', asText(record['name']) ?? '');
  const time = asMoment(record['startTime']) ?? asMoment(record['finishTime']);
  if (read === undefined || time === undefined || !mayTell(step)) return undefined;
  const job = byId.get(asText(step?.['parentId']));
  return {
    pat: read.pat,
    moment: {
      event: read.event,
      time,
      detail: asText(record['currentOperation']) ?? '',
      step: asText(step?.['name']) ?? '',
      job: asText(job?.['name']) ?? '',
    },
  };
}

/** The lives in the order in which they began. */
export function livesOf(told: readonly Told[], isOver: boolean, now: Date): Life[] {
  const lives = new Map<string, Told[]>();
  for (const one of told) {
    const key = one.pat.authorizationId ?? `${one.pat.organization} ${one.pat.displayName ?? ''}`;
    lives.set(key, [...(lives.get(key) ?? []), one]);
  }
  return [...lives.values()].map(all => lifeOf(all, isOver, now)).sort((a, b) => startOf(a) - startOf(b));
}

function lifeOf(told: readonly Told[], isOver: boolean, now: Date): Life {
  const moments = told.map(({ moment }) => moment).sort((a, b) => a.time.getTime() - b.time.getTime());
  const pat = told.reduce<NamedPat>(
    (known, { pat: other }) => ({
      organization: known.organization,
      authorizationId: known.authorizationId ?? other.authorizationId,
      validTo: known.validTo ?? other.validTo,
      displayName: known.displayName ?? other.displayName,
    }),
    told[0]?.pat ?? {
      organization: '',
      authorizationId: undefined,
      validTo: undefined,
      displayName: undefined,
    },
  );
  return { pat, moments, state: stateOf(moments, pat.validTo, isOver, now) };
}

function stateOf(
  moments: readonly LifeMoment[],
  validTo: Date | undefined,
  isOver: boolean,
  now: Date,
): LifeState {
  const happened = new Set(moments.map(({ event }) => event));
  for (const end of ['revoked', 'gone', 'expired'] as const) if (happened.has(end)) return end;
  if (validTo !== undefined && validTo.getTime() <= now.getTime()) return 'expired';
  if (happened.has('remains')) return 'remains';
  if (happened.has('handedOver')) return 'handedOver';
  return isOver ? 'forgotten' : 'inUse';
}

function startOf({ moments }: Life): number {
  return moments[0]?.time.getTime() ?? 0;
}

/** Each retry of a job left its records in a timeline of its own. */
function earlierTimelines(records: readonly JsonObject[]): string[] {
  const ids = records.flatMap(record =>
    objectsOf(record['previousAttempts']).flatMap(attempt => asGuid(attempt['timelineId']) ?? []),
  );
  return [...new Set(ids)];
}

async function readAll(ids: readonly string[], api: BuildApi): Promise<JsonObject[][]> {
  const wanted = ids.slice(0, MOST_TIMELINES);
  const lists: JsonObject[][] = [];
  const waiting = wanted.entries();
  const lane = async (): Promise<void> => {
    for (const [index, id] of waiting) lists[index] = await api.timeline(id);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return lists;
}
