import { basename } from 'node:path';
import { runOneJob } from './job.js';
import { type Dependencies, jobConditionHolds, stageConditionHolds } from './job-conditions.js';
import type { JobStart } from './job-initialize.js';
import type { JobOptions } from './job-options.js';
import type { JobResult, PipelineResult, PipelineStageResult } from './job-result.js';
import { type Pipeline, type PipelineJob, type PipelineStage, readPipeline, sameName } from './pipeline.js';
import { PipelineError } from './pipeline-node.js';
import { newRun } from './predefined-variables.js';
import type { JobOutcome } from './results.js';
import { TaskPackage } from './task-package.js';

export { JobControl, type JobState } from './job-control.js';
export type { HostType, Leftover } from './job-folders.js';
export { agentTiming } from './job-options.js';
export type {
  ClientCertificate,
  Container,
  HandedJob,
  JobOptions,
  Proxy,
  StageName,
  Timing,
  VariableValue,
} from './job-options.js';
export type { NodeFolder, Nodes } from './nodes.js';
export type {
  JobResult,
  JobVariable,
  PipelineResult,
  PipelineStageResult,
  StepResult,
  Upload,
} from './job-result.js';
export type { DetailRecord } from './detail-timeline.js';
export type { LoggingCommand } from './logging-command.js';
export type { OrphanProcess } from './orphans.js';
export { PipelineError };
export type { PipelineObject } from './pipeline.js';
export type { CommandRestriction } from './restrictions.js';
export type { Issue, JobOutcome, Stage, TaskResult } from './results.js';
export type { ServiceConnection } from './service-connections.js';

/**
 * Runs a pipeline of one job on a machine of its own, with the tasks of a packaged extension.
 * Resolves with what happened, whatever the steps do. Throws PipelineError if the pipeline is not understood,
 * and if the package cannot be read.
 */
export async function runJob(options: JobOptions): Promise<JobResult> {
  const { jobs } = await runPipeline(options, pipeline => {
    if (pipeline.stages.flatMap(({ jobs }) => jobs).length !== 1)
      throw new PipelineError('The pipeline has several jobs: use runPipeline.');
  });
  const [job] = jobs;
  if (job === undefined) throw new PipelineError('The pipeline has no job.');
  return job;
}

/** Runs the stages of a pipeline and their jobs in their order. Throws like `runJob`. */
export async function runPipeline(
  options: JobOptions,
  check: (pipeline: Pipeline) => void = () => undefined,
): Promise<PipelineResult> {
  const pipeline = readPipeline(options.pipeline, options);
  check(pipeline);
  const taskPackage = await TaskPackage.open(options.vsix);
  const run = newRun();
  const pipelineName =
    typeof options.pipeline === 'string' ? basename(options.pipeline).replace(/\.ya?ml$/, '') : 'pipeline';

  const stages: PipelineStageResult[] = [];
  for (const stage of pipeline.stages) {
    const before = named(stages, stage.dependsOn);
    const jobs = stageMayRun(stage, before, options)
      ? await runJobs(stage, before, { pipelineName, taskPackage, run, options })
      : stage.jobs.map(job => skippedJob(job, stage));
    stages.push({ name: stage.name, result: stageResult(jobs), jobs });
  }
  const jobs = stages.flatMap(stage => stage.jobs);
  return { result: overall(jobs), stages, jobs };
}

async function runJobs(
  stage: PipelineStage,
  stages: readonly PipelineStageResult[],
  start: Pick<JobStart, 'pipelineName' | 'taskPackage' | 'run' | 'options'>,
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const job of stage.jobs) {
    const dependencies = { jobs: named(results, job.dependsOn), stages };
    results.push(
      jobMayRun(job, dependencies, start.options)
        ? await runOneJob({ ...start, job, stageName: stage.name, dependencies })
        : skippedJob(job, stage),
    );
  }
  return results;
}

function named<T extends { readonly name: string }>(results: readonly T[], names: readonly string[]): T[] {
  return results.filter(({ name }) => names.some(wanted => sameName(wanted, name)));
}

function stageMayRun(
  { condition, jobs }: PipelineStage,
  before: readonly PipelineStageResult[],
  options: JobOptions,
): boolean {
  if (before.length === 0 && condition === undefined) return true;
  const variables = new Map(jobs[0]?.variables);
  return stageConditionHolds(condition ?? 'succeeded()', before, isEnding(options), variables);
}

function jobMayRun(job: PipelineJob, dependencies: Dependencies, options: JobOptions): boolean {
  if (dependencies.jobs.length === 0 && job.condition === undefined) return true;
  return jobConditionHolds(job.condition ?? 'succeeded()', dependencies, isEnding(options), job.variables);
}

function isEnding({ control }: JobOptions): boolean {
  return control !== undefined && control.state !== 'running';
}

/** A stage is skipped when all its jobs are. */
function stageResult(jobs: readonly JobResult[]): PipelineStageResult['result'] {
  return jobs.every(({ result }) => result === 'Skipped') ? 'Skipped' : overall(jobs);
}

function skippedJob({ name }: PipelineJob, stage: PipelineStage): JobResult {
  return {
    name,
    pipelineStage: stage.name,
    result: 'Skipped',
    started: false,
    issues: [],
    steps: [],
    variables: {},
    outputs: {},
    uploads: [],
    buildTags: [],
    leftovers: [],
    orphans: [],
    log: '',
  };
}

function overall(jobs: readonly JobResult[]): JobOutcome {
  const worstFirst: readonly JobOutcome[] = ['Canceled', 'Failed', 'SucceededWithIssues'];
  return worstFirst.find(outcome => jobs.some(({ result }) => result === outcome)) ?? 'Succeeded';
}
