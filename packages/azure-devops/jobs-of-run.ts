import type {
  Timeline,
  TimelineAttempt,
  TimelineRecord,
  TimelineRecordState,
} from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import type {
  DeploymentAttempt,
  DeploymentJob,
  Release,
  ReleaseDeployPhase,
  ReleaseEnvironment,
  ReleaseTask,
  TaskStatus,
} from 'azure-devops-node-api/interfaces/ReleaseInterfaces.js';
import { asMoment, asText, objectsOf, type Unparsed, type WordOf } from '#text/json';

/** A job as its run tells it. */
export interface Job {
  readonly id: string;
  readonly over: boolean;
  readonly at: Date | undefined;
}

/** The jobs on the timeline of a build, in all attempts. */
export function jobsOnTimeline(timeline: Unparsed<Timeline>): Job[] {
  return objectsOf(timeline.records).filter(isJob).flatMap(attemptsOnTimeline);
}

/** Whether a record of a timeline is that of a job, and not of a stage, a phase or a step. */
export function isJob(record: Unparsed<TimelineRecord>): boolean {
  return word(record.type) === 'job';
}

/**
 * The attempt that a record of type Job is about, and the ones before it, which ended before it started: when exactly
 * stands on timelines of their own.
 */
function attemptsOnTimeline(record: Unparsed<TimelineRecord>): Job[] {
  const over = isCompleted(record);
  const latest = { id: word(record.id), over, at: asMoment(record.finishTime) };
  const earlier = objectsOf(record.previousAttempts).map((attempt: Unparsed<TimelineAttempt>) => ({
    id: word(attempt.recordId),
    over: true,
    at: asMoment(record.startTime),
  }));
  return [latest, ...earlier];
}

export function isCompleted({ state }: Unparsed<TimelineRecord>): boolean {
  return word(state) === ('completed' satisfies WordOf<typeof TimelineRecordState>);
}

const JOB_OVER: ReadonlySet<string> = new Set<WordOf<typeof TaskStatus>>([
  'success',
  'failure',
  'canceled',
  'skipped',
  'succeeded',
  'failed',
  'partiallysucceeded',
]);

/** The jobs of a release, in all attempts. */
export function jobsOfRelease({ environments }: Unparsed<Release>): Job[] {
  return objectsOf(environments).flatMap(jobsOfStage);
}

/** The jobs of a stage of a release, in all attempts. */
function jobsOfStage(stage: Unparsed<ReleaseEnvironment>): Job[] {
  const phases = objectsOf(stage.deploySteps).flatMap((attempt: Unparsed<DeploymentAttempt>) =>
    objectsOf(attempt.releaseDeployPhases),
  );
  const deployed = phases.flatMap((phase: Unparsed<ReleaseDeployPhase>) => objectsOf(phase.deploymentJobs));
  const jobs = objectsOf(deployed.map(({ job }: Unparsed<DeploymentJob>) => job));
  return jobs.map((job: Unparsed<ReleaseTask>) => ({
    id: word(job.timelineRecordId),
    over: JOB_OVER.has(word(job.status)),
    at: asMoment(job.finishTime),
  }));
}

/** Names and ids come in either case. */
export function word(value: unknown): string {
  return asText(value)?.toLowerCase() ?? '';
}

/** Undefined when none is told: then nobody knows how long ago it was. */
export function latest(ends: readonly Pick<Job, 'at'>[]): Date | undefined {
  const times = ends.flatMap(({ at }) => at?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}
