import type { TimelineReference } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { readPatEvent, type PatEvent, type NamedPat } from '#pat/pat-event';
import { asGuid, asMoment, asObject, asText, type Unparsed } from '#text/json';
import type { BuildApi } from './build-api.js';
import { ourSteps, type WireRecord } from './our-tasks.js';
import { MOST_TIMELINES, readTimelines, type RunRecords } from './run-records.js';

/** Something that happened to a PAT, and where. */
export interface LifeMoment {
  readonly event: PatEvent;
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
  /** Records that look like events, and that no step of IssuePat or RevokePat wrote. */
  readonly ignored: number;
}

/**
 * Reads what the steps of a run told of PATs. IssuePat and RevokePat write it with `task.logdetail`; the agent puts
 * that into a timeline of its own below the step, to which `details` of the step's record refers. Any other step can
 * print the same command: those records are counted, and tell nothing.
 */
export async function readLives(
  run: RunRecords,
  api: BuildApi,
  isOver: boolean,
  now: Date,
): Promise<LivesOfRun> {
  const { records } = run;
  const taskOf = ourSteps(records);
  const tells = (step: WireRecord | undefined): boolean => {
    const task = step === undefined ? undefined : taskOf(step);
    return task === 'IssuePat' || task === 'RevokePat';
  };
  const below = records.flatMap(step => {
    const details: Unparsed<TimelineReference> | undefined = asObject(step.details);
    const id = asGuid(details?.id);
    return id === undefined ? [] : [{ id, step, tells: tells(step) }];
  });
  // Steps of ours first: others are read to count what they claim, as far as there is room.
  below.sort((a, b) => Number(b.tells) - Number(a.tells));
  const details = await readTimelines(
    below.map(({ id }) => id),
    api,
  );
  const byId = new Map(records.map(record => [asText(record.id), record]));
  const told = [
    // Whoever answers may also keep the records of a step beside it.
    ...records.map(record => ({ record, step: byId.get(asText(record.parentId)) })),
    ...details.flatMap((list, index) => list.map(record => ({ record, step: below[index]?.step }))),
  ].flatMap(({ record, step }) => {
    const moment = momentOf(record, step, byId);
    return moment === undefined ? [] : [{ ...moment, counts: tells(step) }];
  });
  return {
    lives: livesOf(
      told.filter(({ counts }) => counts),
      isOver,
      now,
    ),
    unread: run.unread + below.slice(MOST_TIMELINES).filter(step => step.tells).length,
    ignored: told.filter(({ counts }) => !counts).length,
  };
}

interface Told {
  readonly pat: NamedPat;
  readonly moment: LifeMoment;
}

function momentOf(
  record: WireRecord,
  step: WireRecord | undefined,
  byId: ReadonlyMap<string | undefined, WireRecord>,
): Told | undefined {
  const read = readPatEvent(asText(record.type) ?? '', asText(record.name) ?? '');
  const time = asMoment(record.startTime) ?? asMoment(record.finishTime);
  if (read === undefined || time === undefined) return undefined;
  const job = byId.get(asText(step?.parentId));
  return {
    pat: read.pat,
    moment: {
      event: read.event,
      time,
      detail: asText(record.currentOperation) ?? '',
      step: asText(step?.name) ?? '',
      job: asText(job?.name) ?? '',
    },
  };
}

/** The lives in the order in which they began. */
function livesOf(told: readonly Told[], isOver: boolean, now: Date): Life[] {
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
