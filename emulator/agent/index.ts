import { basename } from 'node:path';
import { runOneJob } from './job.js';
import { jobConditionHolds } from './job-conditions.js';
import type { JobOptions } from './job-options.js';
import type { JobResult, PipelineResult } from './job-result.js';
import { type Pipeline, type PipelineJob, readPipeline, sameName } from './pipeline.js';
import { PipelineError } from './pipeline-node.js';
import { newRun } from './predefined-variables.js';
import type { JobOutcome } from './results.js';
import { TaskPackage } from './task-package.js';

export { JobControl, type JobState } from './job-control.js';
export type { HostType, Leftover } from './job-folders.js';
export { agentTiming } from './job-options.js';
export type { JobOptions, Proxy, StageName, Timing, VariableValue } from './job-options.js';
export type { JobResult, JobVariable, PipelineResult, StepResult, Upload } from './job-result.js';
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
    if (pipeline.jobs.length !== 1)
      throw new PipelineError('The pipeline has several jobs: use runPipeline.');
  });
  const [job] = jobs;
  if (job === undefined) throw new PipelineError('The pipeline has no job.');
  return job;
}

/** Runs the jobs of a pipeline in their order. Throws like `runJob`. */
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

  const results: JobResult[] = [];
  for (const job of pipeline.jobs) {
    const dependencies = results.filter(({ name }) => job.dependsOn.some(needed => sameName(needed, name)));
    const mayRun = jobMayRun(job, dependencies, options);
    results.push(
      mayRun
        ? await runOneJob({ job, pipelineName, taskPackage, run, dependencies, options })
        : skippedJob(job),
    );
  }
  return { result: overall(results), jobs: results };
}

function jobMayRun(job: PipelineJob, dependencies: readonly JobResult[], options: JobOptions): boolean {
  const state = options.control?.state ?? 'running';
  if (dependencies.length === 0 && job.condition === undefined) return true;
  return jobConditionHolds(job.condition ?? 'succeeded()', dependencies, state !== 'running', job.variables);
}

function skippedJob({ name }: PipelineJob): JobResult {
  return {
    name,
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
