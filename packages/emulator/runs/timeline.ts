import { stableGuid } from '../organizations.js';
import {
  attemptsOf,
  type Attempt,
  type Build,
  type Job,
  type JobState,
  type Step,
  type StepDetail,
} from './run.js';

type Wire = Record<string, unknown>;

/** The id of the plan that a build executes; each retry has a timeline of its own beside the plan's. */
export function planIdOf(build: Build): string {
  return stableGuid('plan', build.organization.id, build.project.id, String(build.id));
}

/** The timeline of the latest attempts, or (from 1) that of an earlier one. */
function timelineIdOf(build: Build, attempt?: number): string {
  return attempt === undefined ? planIdOf(build) : stableGuid('timeline', planIdOf(build), String(attempt));
}

/**
 * A timeline of a build: Stage, Phase, Job and Task records, flat, each with the id of its parent. Undefined for
 * an id that is none of the build's; without an id it is that of the latest attempts.
 */
export function wireTimeline(build: Build, url: string, asked?: string): Wire | undefined {
  const latest = timelineIdOf(build);
  const id = asked?.toLowerCase() ?? latest;
  const runs = id === latest ? build.jobs.map(job => latestOf(job)) : earlier(build, id);
  const below = runs.length === 0 && id !== latest ? stepWith(build, id) : undefined;
  if (runs.length === 0 && id !== latest && below === undefined) return undefined;
  return {
    records: below === undefined ? records(build, runs, url) : below.details.map(detailRecord),
    lastChangedBy: stableGuid('agent'),
    lastChangedOn: lastChange(build),
    id,
    changeId: runs.length,
    url: `${url}/timeline/${id}`,
  };
}

/** A job in one of its attempts, which counts from 1. */
interface JobRun {
  readonly job: Job;
  readonly attempt: Attempt;
  readonly number: number;
}

function latestOf(job: Job): JobRun {
  return { job, attempt: job, number: attemptsOf(job).length };
}

function earlier(build: Build, timelineId: string): JobRun[] {
  return build.jobs.flatMap(job =>
    job.previousAttempts.flatMap((attempt, index) =>
      timelineIdOf(build, index + 1) === timelineId ? [{ job, attempt, number: index + 1 }] : [],
    ),
  );
}

/** What a step adds with `task.logdetail` is in a timeline of its own, to which its record refers. */
function detailsIdOf(step: Step): string {
  return stableGuid('details', step.id);
}

function stepWith(build: Build, timelineId: string): Step | undefined {
  return build.jobs
    .flatMap(job => attemptsOf(job).flatMap(({ steps }) => steps))
    .find(step => step.details.length > 0 && detailsIdOf(step) === timelineId);
}

function records(build: Build, runs: readonly JobRun[], url: string): Wire[] {
  const stages = [...new Set(runs.map(({ job }) => job.stage))];
  return stages.flatMap((stage, index) => {
    const inStage = runs.filter(({ job }) => job.stage === stage);
    const id = stableGuid('stage', planIdOf(build), stage);
    const summary = summaryOf(inStage.map(({ attempt }) => attempt));
    const number = Math.max(...inStage.map(run => run.number));
    return [
      record(
        { type: 'Stage', id, name: stage, parentId: null, order: index + 1, identifier: stage },
        summary,
        number,
      ),
      ...inStage.flatMap((run, at) => jobRecords(build, id, run, at + 1, url)),
    ];
  });
}

function jobRecords(
  build: Build,
  stage: string,
  { job, attempt, number }: JobRun,
  order: number,
  url: string,
): Wire[] {
  const phase = stableGuid('phase', attempt.id);
  const identifier = `${job.stage}.${job.name}`;
  const previousAttempts = job.previousAttempts.slice(0, number - 1).map(({ id: recordId }, index) => ({
    attempt: index + 1,
    timelineId: timelineIdOf(build, index + 1),
    recordId,
  }));
  const task = { type: 'Task', id: stableGuid('task', attempt.id), name: 'Initialize job', order: 1 };
  return [
    record({ type: 'Phase', id: phase, name: job.name, parentId: stage, order, identifier }, attempt, number),
    {
      ...record(
        {
          type: 'Job',
          id: attempt.id,
          name: job.name,
          parentId: phase,
          order: 1,
          identifier: `${identifier}.__default`,
        },
        attempt,
        number,
      ),
      previousAttempts,
    },
    record({ ...task, parentId: attempt.id, identifier: null }, attempt, number),
    ...attempt.steps.map((step, index) => stepRecord(step, attempt.id, index + 2, number, url)),
  ];
}

function stepRecord(step: Step, parentId: string, order: number, attempt: number, url: string): Wire {
  const { id, name, task, details, currentOperation = null } = step;
  const place = { type: 'Task', id, name, parentId, order, identifier: null };
  const detailsId = detailsIdOf(step);
  return {
    ...record(place, { ...step, state: 'completed' }, attempt),
    currentOperation,
    task: task === undefined ? null : { ...task, version: '1.0.0' },
    details:
      details.length === 0
        ? null
        : { id: detailsId, changeId: details.length, url: `${url}/timeline/${detailsId}` },
  };
}

function detailRecord({ id, type, name, parentId, order = 1, ...detail }: StepDetail): Wire {
  const times = { startTime: detail.startTime, finishTime: detail.finishTime };
  const place = { type, id, name, parentId: parentId ?? null, order, identifier: null };
  return {
    ...record(place, { ...times, state: 'completed', result: detail.result }, 1),
    currentOperation: detail.currentOperation ?? null,
  };
}

interface Place {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly order: number;
  readonly identifier: string | null;
}

type Condition = Pick<Attempt, 'state' | 'result' | 'startTime' | 'finishTime'>;

function record(
  { type, id, name, parentId, order, identifier }: Place,
  { state, result, startTime, finishTime }: Condition,
  attempt: number,
): Wire {
  return {
    previousAttempts: [],
    id,
    parentId,
    type,
    name,
    startTime: startTime?.toISOString() ?? null,
    finishTime: finishTime?.toISOString() ?? null,
    currentOperation: null,
    percentComplete: state === 'completed' ? 100 : null,
    state,
    result: result ?? null,
    resultCode: null,
    changeId: order,
    lastModified: (finishTime ?? startTime)?.toISOString() ?? '0001-01-01T00:00:00',
    workerName: state === 'pending' ? null : 'Emulator',
    order,
    details: null,
    errorCount: 0,
    warningCount: 0,
    url: null,
    log: null,
    task: null,
    attempt,
    identifier,
  };
}

/** What a stage shows of its jobs. */
function summaryOf(attempts: readonly Attempt[]): Condition {
  const all = (state: JobState): boolean => attempts.every(attempt => attempt.state === state);
  const state = all('completed') ? 'completed' : all('pending') ? 'pending' : 'inProgress';
  const failed = attempts.find(({ result }) => result !== undefined && result !== 'succeeded');
  const times = (pick: (attempt: Attempt) => Date | undefined): number[] =>
    attempts.flatMap(attempt => pick(attempt)?.getTime() ?? []);
  const starts = times(({ startTime }) => startTime);
  const ends = times(({ finishTime }) => finishTime);
  return {
    state,
    result: state === 'completed' ? (failed?.result ?? 'succeeded') : undefined,
    startTime: starts.length > 0 ? new Date(Math.min(...starts)) : undefined,
    finishTime: state === 'completed' && ends.length > 0 ? new Date(Math.max(...ends)) : undefined,
  };
}

function lastChange(build: Build): string {
  const ends = build.jobs.flatMap(({ finishTime }) => finishTime?.getTime() ?? []);
  return new Date(Math.max(build.queueTime.getTime(), ...ends)).toISOString();
}
