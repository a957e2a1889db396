import { randomUUID } from '../randomness.js';
import type { Organization, Organizations, Project } from '../organizations.js';
import type { Projects } from '../projects.js';
import {
  jobsOf,
  type Attempt,
  type Build,
  type BuildResult,
  type BuildStatus,
  type EnvironmentStatus,
  type Job,
  type JobResult,
  type JobState,
  type Release,
  type ReleaseStatus,
  type Run,
  type Step,
} from './run.js';

/** Where a run is. Everything has a default: the first organization, its first project, the next free id. */
interface RunSeed {
  readonly organization?: string;
  /** A project that does not exist yet is made. */
  readonly projectId?: string;
  readonly id?: number;
}

export interface AttemptSeed {
  /** The id of the timeline record, which the job knows as `System.JobId`. */
  readonly id?: string;
  readonly result?: JobResult;
  readonly startTime?: Date;
  readonly finishTime?: Date;
  readonly steps?: readonly Step[];
}

export interface JobSeed extends AttemptSeed {
  /** Completed in a run that is, in progress otherwise. */
  readonly state?: JobState;
  readonly name?: string;
  readonly stage?: string;
  /** Completed attempts of the job before this one, oldest first. */
  readonly previousAttempts?: readonly AttemptSeed[];
}

export interface BuildSeed extends RunSeed {
  /** In progress by default. */
  readonly status?: BuildStatus;
  readonly result?: BuildResult;
  readonly queueTime?: Date;
  readonly startTime?: Date;
  /** Of a completed build; now by default. */
  readonly finishTime?: Date;
  readonly jobs?: readonly JobSeed[];
  readonly attachments?: readonly AttachmentSeed[];
}

export interface AttachmentSeed {
  readonly type: string;
  readonly name: string;
  readonly content: Buffer | string;
  /** The record that has it. */
  readonly recordId?: string;
}

export interface EnvironmentSeed {
  readonly name?: string;
  /** In progress by default. */
  readonly status?: EnvironmentStatus;
  readonly jobs?: readonly JobSeed[];
}

export interface ReleaseSeed extends RunSeed {
  /** Active by default. */
  readonly status?: ReleaseStatus;
  readonly createdOn?: Date;
  readonly modifiedOn?: Date;
  readonly environments?: readonly EnvironmentSeed[];
}

const jobResults = {
  none: 'succeeded',
  succeeded: 'succeeded',
  partiallySucceeded: 'succeededWithIssues',
  failed: 'failed',
  canceled: 'canceled',
} as const satisfies Record<BuildResult, JobResult>;

const environmentStatuses = {
  none: 'succeeded',
  succeeded: 'succeeded',
  partiallySucceeded: 'partiallySucceeded',
  failed: 'rejected',
  canceled: 'canceled',
} as const satisfies Record<BuildResult, EnvironmentStatus>;

/** The builds and classic releases of every project. */
export class RunStore {
  readonly #runs = new Map<string, Run>();
  readonly #deleted = new Map<string, Deleted>();
  #lastId = 0;

  constructor(
    private readonly clock: () => Date,
    private readonly organizations: Organizations,
    private readonly projects: Projects,
  ) {}

  /** Throws when the project has a build with this id already. */
  addBuild(seed: BuildSeed = {}): Build {
    const { status = 'inProgress', queueTime = this.clock() } = seed;
    const completed = status === 'completed';
    const started = completed || status === 'inProgress' || status === 'cancelling';
    const finishTime = seed.finishTime ?? (completed ? this.clock() : undefined);
    return this.#add({
      kind: 'build',
      ...this.#place(seed),
      status,
      result: seed.result ?? (completed ? 'succeeded' : undefined),
      queueTime,
      startTime: seed.startTime ?? (started ? queueTime : undefined),
      finishTime,
      jobs: (seed.jobs ?? []).map((job, index) => this.#job(job, index, finishTime)),
      attachments: (seed.attachments ?? []).map(({ type, name, content, recordId = randomUUID() }) => ({
        type,
        name,
        content: Buffer.from(content),
        recordId,
      })),
    });
  }

  /** Throws when the project has a release with this id already. */
  addRelease(seed: ReleaseSeed = {}): Release {
    const { status = 'active', createdOn = this.clock(), modifiedOn = createdOn, environments = [] } = seed;
    return this.#add({
      kind: 'release',
      ...this.#place(seed),
      status,
      createdOn,
      modifiedOn,
      environments: environments.map((environment, index) => {
        const { name = `Stage ${index + 1}`, status: reached = 'inProgress', jobs = [] } = environment;
        const finishTime = isOver(reached) ? modifiedOn : undefined;
        return { name, status: reached, jobs: jobs.map((job, at) => this.#job(job, at, finishTime)) };
      }),
    });
  }

  get all(): readonly Run[] {
    return [...this.#runs.values()];
  }

  findBuild(organization: Organization, project: Project, id: number): Build | undefined {
    const run = this.#runs.get(keyOf({ kind: 'build', organization, project, id }));
    return run?.kind === 'build' ? run : undefined;
  }

  findRelease(organization: Organization, project: Project, id: number): Release | undefined {
    const run = this.#runs.get(keyOf({ kind: 'release', organization, project, id }));
    return run?.kind === 'release' ? run : undefined;
  }

  /** Ends a run now, or at the time given, with all jobs that still run; a release in all its environments. */
  finish(run: Run, result: BuildResult = 'succeeded', at = this.clock()): void {
    for (const job of jobsOf(run)) if (job.state !== 'completed') end(job, jobResults[result], at);
    if (run.kind === 'build') {
      Object.assign(run, { status: 'completed', result, finishTime: at });
      return;
    }
    for (const environment of run.environments) {
      if (!isOver(environment.status)) environment.status = environmentStatuses[result];
    }
    run.modifiedOn = at;
  }

  /** Ends one job; its run goes on. Throws when the run has no job with this id. */
  finishJob(run: Run, id: string, result: JobResult = 'succeeded', at = this.clock()): void {
    const job = jobsOf(run).find(candidate => candidate.id === id);
    if (!job) throw new Error(`The ${run.kind} ${run.id} has no job ${id}.`);
    end(job, result, at);
    if (run.kind === 'release') run.modifiedOn = at;
  }

  /** Deletes a run, as retention does: it is not found any more, and the lists of deleted runs show it. */
  remove(run: Run): void {
    if (this.#runs.delete(keyOf(run))) this.#deleted.set(keyOf(run), { run, at: this.clock() });
  }

  /** Takes a run away as if nobody had it: deleted for good, or hidden from everybody who asks. */
  hide(run: Run): void {
    this.#runs.delete(keyOf(run));
    this.#deleted.delete(keyOf(run));
  }

  /** The runs of a kind that a project has had, and when those were deleted that were. */
  listed<Kind extends Run['kind']>(
    kind: Kind,
    organization: Organization,
    project: Project,
  ): { readonly run: Extract<Run, { kind: Kind }>; readonly deletedAt: Date | undefined }[] {
    const isAsked = (run: Run): run is Extract<Run, { kind: Kind }> =>
      run.kind === kind && run.organization.id === organization.id && run.project.id === project.id;
    const alive = this.all.filter(isAsked).map(run => ({ run, deletedAt: undefined }));
    const deleted = [...this.#deleted.values()].flatMap(({ run, at }) =>
      isAsked(run) ? [{ run, deletedAt: at }] : [],
    );
    return [...alive, ...deleted];
  }

  #place(seed: RunSeed): { organization: Organization; project: Project; id: number } {
    const name = seed.organization ?? this.organizations.all[0]?.name ?? '';
    const organization = this.organizations.get(name);
    const { projectId } = seed;
    const project =
      projectId === undefined
        ? organization.project
        : (this.projects.find(organization, projectId) ?? this.projects.add(name, { id: projectId }));
    const id = seed.id ?? this.#lastId + 1;
    this.#lastId = Math.max(this.#lastId, id);
    return { organization, project, id };
  }

  #job(seed: JobSeed, index: number, runEnded: Date | undefined): Job {
    const state = seed.state ?? (runEnded ? 'completed' : 'inProgress');
    return {
      ...this.#attempt(seed, state, runEnded),
      name: seed.name ?? `Job ${index + 1}`,
      stage: seed.stage ?? '__default',
      previousAttempts: (seed.previousAttempts ?? []).map(attempt =>
        this.#attempt({ result: 'failed', ...attempt }, 'completed', runEnded),
      ),
    };
  }

  #attempt(seed: AttemptSeed, state: JobState, runEnded: Date | undefined): Attempt {
    const over = state === 'completed';
    return {
      id: (seed.id ?? randomUUID()).toLowerCase(),
      state,
      result: seed.result ?? (over ? 'succeeded' : undefined),
      startTime: seed.startTime ?? (state === 'pending' ? undefined : (seed.finishTime ?? this.clock())),
      finishTime: seed.finishTime ?? (over ? (runEnded ?? this.clock()) : undefined),
      steps: seed.steps ?? [],
    };
  }

  #add<Kind extends Run>(run: Kind): Kind {
    const key = keyOf(run);
    if (this.#runs.has(key)) throw new Error(`${run.project.name} has a ${run.kind} ${run.id} already.`);
    this.#runs.set(key, run);
    return run;
  }
}

interface Deleted {
  readonly run: Run;
  readonly at: Date;
}

function keyOf({
  kind,
  organization,
  project,
  id,
}: Pick<Run, 'kind' | 'organization' | 'project' | 'id'>): string {
  return [kind, organization.id, project.id, id].join('/');
}

function end(job: Job, result: JobResult, at: Date): void {
  Object.assign(job, { state: 'completed', result, startTime: job.startTime ?? at, finishTime: at });
}

function isOver(status: EnvironmentStatus): boolean {
  return ['succeeded', 'canceled', 'rejected', 'partiallySucceeded'].includes(status);
}
