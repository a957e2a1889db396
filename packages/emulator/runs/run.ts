import type { Organization, Project } from '../organizations.js';

export type BuildStatus = 'none' | 'inProgress' | 'completed' | 'cancelling' | 'postponed' | 'notStarted';
export type BuildResult = 'none' | 'succeeded' | 'partiallySucceeded' | 'failed' | 'canceled';
export type ReleaseStatus = 'undefined' | 'draft' | 'active' | 'abandoned';
export type EnvironmentStatus =
  | 'undefined'
  | 'notStarted'
  | 'inProgress'
  | 'succeeded'
  | 'canceled'
  | 'rejected'
  | 'queued'
  | 'scheduled'
  | 'partiallySucceeded';
export type JobState = 'pending' | 'inProgress' | 'completed';
export type JobResult = 'succeeded' | 'succeededWithIssues' | 'failed' | 'canceled' | 'skipped' | 'abandoned';

/** An attempt of a job: the timeline record whose id the job knows as `System.JobId`. */
export interface Attempt {
  readonly id: string;
  state: JobState;
  result: JobResult | undefined;
  startTime: Date | undefined;
  finishTime: Date | undefined;
  readonly steps: readonly Step[];
}

/** A stage of a step in a job: a Task record. */
export interface Step {
  readonly id: string;
  /** As the run shows it, such as `Post-job: Issue a PAT`. */
  readonly name: string;
  readonly task: { readonly id: string; readonly name: string } | undefined;
  readonly result: JobResult;
  readonly startTime: Date;
  readonly finishTime: Date;
  /** What it said with `task.complete` or `task.setprogress`. */
  readonly currentOperation?: string;
  /** What the step added with `task.logdetail`; it has a timeline of its own. */
  readonly details: readonly StepDetail[];
}

export interface StepDetail {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly type: string;
  readonly name: string;
  readonly order?: number | undefined;
  readonly startTime: Date;
  readonly finishTime?: Date | undefined;
  readonly result: JobResult;
  readonly currentOperation?: string | undefined;
}

/** A file that a step attached to its record. */
export interface Attachment {
  readonly type: string;
  readonly name: string;
  readonly content: Buffer;
  readonly recordId: string;
}

/** A job of a run, in its latest attempt; each attempt has an id of its own. */
export interface Job extends Attempt {
  readonly name: string;
  readonly stage: string;
  /** Oldest first. */
  readonly previousAttempts: readonly Attempt[];
}

interface Place {
  readonly organization: Organization;
  readonly project: Project;
  readonly id: number;
}

export interface Build extends Place {
  readonly kind: 'build';
  status: BuildStatus;
  result: BuildResult | undefined;
  readonly queueTime: Date;
  readonly startTime: Date | undefined;
  finishTime: Date | undefined;
  readonly jobs: readonly Job[];
  readonly attachments: readonly Attachment[];
}

export interface Environment {
  readonly name: string;
  status: EnvironmentStatus;
  readonly jobs: readonly Job[];
}

/** A classic release. It never completes: its environments do. */
export interface Release extends Place {
  readonly kind: 'release';
  status: ReleaseStatus;
  readonly createdOn: Date;
  modifiedOn: Date;
  readonly environments: readonly Environment[];
}

export type Run = Build | Release;

/** All jobs of a run. */
export function jobsOf(run: Run): readonly Job[] {
  return run.kind === 'build' ? run.jobs : run.environments.flatMap(({ jobs }) => jobs);
}

/** The attempts of a job, oldest first, the latest at the end. */
export function attemptsOf(job: Job): readonly Attempt[] {
  return [...job.previousAttempts, job];
}
