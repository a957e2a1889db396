import { randomUUID } from 'node:crypto';
import type { BuildSeed, JobSeed } from '#emulator/runs/store';
import type { BuildResult, JobResult as RecordResult, Step } from '#emulator/runs/run';
import type { JobResult, PipelineResult, StepResult } from './job-result.js';

/** A run of the local agent as a completed build of the emulator: its jobs, steps, their records and attachments. */
export function buildOfRun({ jobs, result }: PipelineResult): BuildSeed {
  const steps = new Map(jobs.flatMap(job => job.steps).map(step => [step, stepOf(step)]));
  const first = jobs.find(({ started }) => started);
  return {
    status: 'completed',
    result: buildResults[result],
    ...(first === undefined ? {} : identityOf(first)),
    jobs: jobs.map(job => jobOf(job, steps)),
    attachments: jobs.flatMap(job =>
      job.uploads
        .filter(({ kind }) => kind === 'attachment' || kind === 'summary')
        .map(({ type, name, content, step }) => {
          const owner = job.steps.find(candidate => candidate.name === step && candidate.started);
          const record = owner === undefined ? undefined : steps.get(owner);
          return { type, name, content, ...(record === undefined ? {} : { recordId: record.id }) };
        }),
    ),
  };
}

function identityOf({ variables }: JobResult): Pick<BuildSeed, 'id' | 'projectId'> {
  const id = Number(variables['Build.BuildId']?.value);
  const projectId = variables['System.TeamProjectId']?.value;
  return { ...(Number.isInteger(id) ? { id } : {}), ...(projectId === undefined ? {} : { projectId }) };
}

function jobOf(job: JobResult, steps: ReadonlyMap<StepResult, Step>): JobSeed {
  const id = job.variables['System.JobId']?.value;
  const ran = job.steps.filter(({ started }) => started);
  const start = ran[0]?.startTime;
  return {
    ...(id === undefined ? {} : { id }),
    ...(start === undefined ? {} : { startTime: start }),
    name: job.name,
    stage: job.pipelineStage,
    result: recordResult(job.result),
    steps: ran.flatMap(step => steps.get(step) ?? []),
  };
}

function stepOf(step: StepResult): Step {
  const { title, result, task, startTime, durationMs, timeline, currentOperation } = step;
  return {
    id: randomUUID(),
    name: title,
    task,
    result: recordResult(result),
    startTime,
    finishTime: new Date(startTime.getTime() + durationMs),
    ...(currentOperation === undefined ? {} : { currentOperation }),
    details: timeline.map(({ result: ended = 'Succeeded', ...detail }) => ({
      ...detail,
      result: recordResult(ended),
    })),
  };
}

const buildResults = {
  Succeeded: 'succeeded',
  SucceededWithIssues: 'partiallySucceeded',
  Failed: 'failed',
  Canceled: 'canceled',
} as const satisfies Record<PipelineResult['result'], BuildResult>;

const recordResults = {
  Succeeded: 'succeeded',
  SucceededWithIssues: 'succeededWithIssues',
  Failed: 'failed',
  Canceled: 'canceled',
  Skipped: 'skipped',
  Abandoned: 'abandoned',
} as const satisfies Record<StepResult['result'], RecordResult>;

function recordResult(result: StepResult['result']): RecordResult {
  return recordResults[result];
}
