import type { KnownRecords } from './detail-timeline.js';
import type { JobControl } from './job-control.js';
import type { HostType, JobFolders } from './job-folders.js';
import type { JobOptions, StageName, Timing } from './job-options.js';
import type { Upload } from './job-result.js';
import type { SecretMasker } from './masker.js';
import type { PipelineStep, ScriptStep, TaskStep } from './pipeline.js';
import { type JobOutcome, mergeResults, type TaskResult } from './results.js';
import type { ProjectOfRun } from './predefined-variables.js';
import type { Endpoint } from './service-connections.js';
import type { Environment } from './step-environment.js';
import type { StageLog } from './stage-log.js';
import type { StepProcess } from './step-process.js';
import type { TaskDefinition } from './task-definition.js';
import type { VariableStore } from './variables.js';

/** A step of a job with what its stages share. */
interface Instance {
  /** The same in all its stages. */
  readonly id: string;
  readonly refName: string;
  readonly displayName: string;
  readonly taskVariables: VariableStore;
}

export interface TaskInstance extends Instance {
  readonly step: TaskStep;
  readonly definition: TaskDefinition;
  /** Where the task was unpacked. */
  readonly folder: string;
  /** As the server hands them over: names for aliases, ids for service connections. */
  readonly inputs: ReadonlyMap<string, string>;
}

export interface ScriptInstance extends Instance {
  readonly step: ScriptStep;
}

export type StepInstance = TaskInstance | ScriptInstance;

export function isTaskInstance(instance: StepInstance): instance is TaskInstance {
  return isTaskStep(instance.step);
}

export function isTaskStep(step: PipelineStep): step is TaskStep {
  return step.kind === 'task';
}

/** A job while it runs: what its steps share and change. */
export interface JobRun {
  readonly options: JobOptions;
  readonly hostType: HostType;
  readonly project: ProjectOfRun;
  readonly jobToken: string;
  readonly agentVersion: string;
  /** The agent's folder as the steps see it. */
  readonly agentRoot: string;
  /** Given to Node.js before the task's script. */
  readonly nodeArguments: readonly string[];
  readonly timing: Timing;
  readonly random: (() => number) | undefined;
  readonly folders: JobFolders;
  readonly control: JobControl;
  readonly masker: SecretMasker;
  readonly variables: VariableStore;
  readonly endpoints: readonly Endpoint[];
  readonly agentEnvironment: Environment;
  /** The last prepended first. */
  readonly prependedPath: string[];
  readonly outputs: Set<string>;
  readonly uploads: Upload[];
  readonly buildTags: string[];
  /** Steps that were stopped while their process ran on in its container. */
  readonly leftRunning: StepProcess[];
  readonly knownRecords: KnownRecords;
  readonly status: JobStatus;
  /** The log of the stage that runs: warnings about variables go there. */
  readonly stageLog: { current: StageLog | undefined };
  /** Takes a masked line of the job's log. */
  log(line: string, stage: StageName | undefined): void;
  /** Makes a store whose warnings go to the stage that runs, or else to the job. */
  newVariableStore(): VariableStore;
}

/** The result of a job so far. */
export class JobStatus {
  #result: TaskResult | undefined;
  readonly #control: JobControl;

  constructor(control: JobControl) {
    this.#control = control;
  }

  /** Only these two results of a step change that of its job. */
  merge(result: TaskResult): void {
    if (result === 'Failed' || result === 'SucceededWithIssues')
      this.#result = mergeResults(this.#result, result);
  }

  get outcome(): JobOutcome {
    if (this.#control.state !== 'running') return 'Canceled';
    return this.#result === 'Failed' || this.#result === 'SucceededWithIssues' ? this.#result : 'Succeeded';
  }
}
