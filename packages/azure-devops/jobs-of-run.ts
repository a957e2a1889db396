import { asMoment, asText, objectsOf, type JsonObject } from '#text/json';

/** A job as its run tells it. */
export interface Job {
  readonly id: string;
  readonly over: boolean;
  readonly at: Date | undefined;
}

/** The jobs on the timeline of a build, in all attempts. */
export function jobsOnTimeline(timeline: JsonObject): Job[] {
  return objectsOf(timeline['records'])
    .filter(record => word(record['type']) === 'job')
    .flatMap(attemptsOnTimeline);
}

/**
 * The attempt that a record of type Job is about, and the ones before it, which ended before it started: when exactly
 * stands on timelines of their own.
 */
function attemptsOnTimeline(record: JsonObject): Job[] {
  const over = word(record['state']) === 'completed';
  const latest = { id: word(record['id']), over, at: asMoment(record['finishTime']) };
  const earlier = objectsOf(record['previousAttempts']).map(attempt => ({
    id: word(attempt['recordId']),
    over: true,
    at: asMoment(record['startTime']),
  }));
  return [latest, ...earlier];
}

const JOB_OVER = new Set([
  'success',
  'failure',
  'canceled',
  'skipped',
  'succeeded',
  'failed',
  'partiallysucceeded',
]);

/** The jobs of a stage of a release, in all attempts. */
export function jobsOfStage(stage: JsonObject): Job[] {
  const phases = objectsOf(stage['deploySteps']).flatMap(attempt =>
    objectsOf(attempt['releaseDeployPhases']),
  );
  const deployed = phases.flatMap(phase => objectsOf(phase['deploymentJobs']));
  return objectsOf(deployed.map(entry => entry['job'])).map(job => ({
    id: word(job['timelineRecordId']),
    over: JOB_OVER.has(word(job['status'])),
    at: asMoment(job['finishTime']),
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
