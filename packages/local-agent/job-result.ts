import type { DetailRecord } from './detail-timeline.js';
import type { Leftover } from './job-folders.js';
import type { OrphanProcess } from './orphans.js';
import type { Issue, JobOutcome, Stage, TaskResult } from './results.js';
import type { TaskDefinition } from './task-definition.js';

export interface StepResult {
  /** The reference name. */
  readonly name: string;
  readonly title: string;
  readonly stage: Stage;
  readonly result: TaskResult;
  /** False: skipped, or never reached; no process was started. */
  readonly started: boolean;
  readonly issues: readonly Issue[];
  /** Masked lines. */
  readonly log: readonly string[];
  /** What the processes wrote to stdout and stderr, unmasked. */
  readonly rawOutput: string;
  /** Of the last process; null if a signal ended it, undefined if there was none. */
  readonly exitCode: number | null | undefined;
  readonly signal: NodeJS.Signals | null | undefined;
  /** How often a process was started. */
  readonly attempts: number;
  /** Names of the task variables of this step after the stage. */
  readonly taskVariables: readonly string[];
  readonly startTime: Date;
  readonly durationMs: number;
  /** Undefined: a script. */
  readonly task: Pick<TaskDefinition, 'id' | 'name'> | undefined;
  /** What the step's record shows beside its result, as it was printed: nothing masks it. */
  readonly currentOperation: string | undefined;
  /** What the stage added to the run's timeline. */
  readonly timeline: readonly DetailRecord[];
}

/** A file that a step handed over, as it was at that moment. */
export interface Upload {
  readonly kind: 'attachment' | 'summary' | 'file' | 'build log' | 'artifact';
  readonly type: string;
  readonly name: string;
  readonly content: Buffer;
  /** How many of the job's secrets it holds: the agent does not mask files. */
  readonly secrets: number;
  /** The step that handed it over. */
  readonly step: string;
}

export interface JobVariable {
  readonly value: string;
  readonly isSecret: boolean;
}

export interface JobResult {
  readonly name: string;
  /** The stage of the pipeline; `__default` where it has none. */
  readonly pipelineStage: string;
  readonly result: JobOutcome | 'Skipped';
  /** False: the job's condition or an invalid pipeline kept it from running. */
  readonly started: boolean;
  /** Masked; those of the job itself, not of its steps. */
  readonly issues: readonly Issue[];
  /** In the order in which they ran. */
  readonly steps: readonly StepResult[];
  /** At the end of the job, by their name. */
  readonly variables: Readonly<Record<string, JobVariable>>;
  /** By `<reference name>.<variable>`. */
  readonly outputs: Readonly<Record<string, JobVariable>>;
  readonly uploads: readonly Upload[];
  readonly buildTags: readonly string[];
  /** Files left after the last step, before the temp folder is emptied. */
  readonly leftovers: readonly Leftover[];
  /** Processes of the job that outlived its steps; they were ended afterwards. */
  readonly orphans: readonly OrphanProcess[];
  /** The whole masked log. */
  readonly log: string;
}

/** A stage of the pipeline. */
export interface PipelineStageResult {
  readonly name: string;
  readonly result: JobOutcome | 'Skipped';
  readonly jobs: readonly JobResult[];
}

export interface PipelineResult {
  readonly result: JobOutcome;
  readonly stages: readonly PipelineStageResult[];
  /** Of all stages, in the order in which they ran. */
  readonly jobs: readonly JobResult[];
}
