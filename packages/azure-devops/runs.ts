import type { TeamProjectReference } from 'azure-devops-node-api/interfaces/CoreInterfaces.js';
import type { Build, BuildStatus } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import type {
  EnvironmentStatus,
  Release,
  ReleaseEnvironment,
} from 'azure-devops-node-api/interfaces/ReleaseInterfaces.js';
import { asFailure, type Failure } from '#advice/failure';
import { inTurn } from '#http/pace';
import {
  asGuid,
  asMoment,
  asObject,
  objectsOf,
  type JsonObject,
  type Unparsed,
  type WordOf,
} from '#text/json';
import { jobsOfRelease, jobsOnTimeline, latest, word } from './jobs-of-run.js';
import type { Organization } from './organization.js';
import type { NamedRun } from './run.js';
import type { Place, RunApi, Unknown } from './run-api.js';

/**
 * Whether the job of a PAT still lives.
 * - `ended`: at this moment by the service's clock, or unknown for a run that has been deleted
 * - `running`: or waiting to run
 * - `unreadable`: nobody can tell; the reason is a sentence
 */
export type JobState =
  | { readonly kind: 'ended'; readonly at: Date | undefined; readonly why: string }
  | { readonly kind: 'running'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The run of a PAT, and the organization of the PAT: the run may be in another one, since one step can issue for several. */
export interface AskedRun {
  readonly run: NamedRun;
  readonly organization: Organization;
}

/** Asks the Build and Release APIs about runs, each run once, however many jobs and PATs it has. */
export class RunReader {
  readonly #api: RunApi;
  readonly #runs = new Map<string, RunState>();

  constructor(api: RunApi) {
    this.#api = api;
  }

  /** See `RunApi.now`. */
  now(): Date {
    return this.#api.now();
  }

  /** See `RunApi.clocksDiffer`. */
  clocksDiffer(): Failure | undefined {
    return this.#api.clocksDiffer();
  }

  /**
   * The states of the jobs, in this order. What cannot be read is `unreadable`, which is no failure. A run that is not
   * found may be hidden from the job's token, so it has ended only when it is among the deleted ones.
   *
   * @param home the organization whose runs the job's token can read; what it does not know may be elsewhere
   * @param progress hears how many runs were asked about, out of how many
   * @throws Failure `cancelled`
   */
  async statesOf(
    asked: readonly AskedRun[],
    home: Organization | undefined,
    progress: (done: number, total: number) => void = () => undefined,
  ): Promise<JobState[]> {
    await this.#readAll(asked, progress);
    const atHome = (one: AskedRun): AskedRun => ({ ...one, organization: home ?? one.organization });
    await this.#readAll(asked.filter(one => !isFound(this.#known(one))).map(atHome), progress);
    return asked.map(one => {
      const here = this.#known(one);
      if (isFound(here)) return here;
      const there = this.#known(atHome(one));
      const saysMore = here === projectUnknown || (here === notFound && there !== projectUnknown);
      return isFound(there) || saysMore ? there : here;
    });
  }

  #known({ run, organization }: AskedRun): JobState {
    const state = this.#runs.get(keyOf(run, organization)) ?? answerUnusable;
    return typeof state === 'function' ? state(run.jobId) : state;
  }

  async #readAll(asked: readonly AskedRun[], progress: (done: number, total: number) => void): Promise<void> {
    const distinct = new Map(asked.map(one => [keyOf(one.run, one.organization), one]));
    const unread = [...distinct].filter(([key]) => !this.#runs.has(key));
    let done = 0;
    await inTurn(unread, async ([key, one]) => {
      this.#runs.set(key, await orUnreadable(() => this.#read(one)));
      done += 1;
      if (done % 100 === 0) progress(done, unread.length);
    });
    const missing = unread.filter(([key]) => this.#runs.get(key) === notFound).map(([, one]) => one);
    await inTurn(batchesOf(missing), batch => this.#lookAmongDeleted(batch));
  }

  #read({ run, organization }: AskedRun): Promise<RunState> {
    const place = { ...run, organization };
    return run.host === 'build' ? this.#readBuild(run, place) : this.#readRelease(run, place);
  }

  async #readBuild(run: NamedRun, place: Place): Promise<RunState> {
    const found = await this.#api.get(place, `/${run.runId}`);
    if (typeof found === 'string') return found === 'no run' ? notFound : projectUnknown;
    const build: Unparsed<Build> = found;
    if (word(build.status) === '' || !isAbout(run, build, build.project)) return answerUnusable;
    if (build.deleted === true) return deletedAt(build);
    if (isCompleted(build)) return { kind: 'ended', at: asMoment(build.finishTime), why: 'run ended' };
    const timeline = await this.#api.get(place, `/${run.runId}/timeline`);
    const jobs = typeof timeline === 'string' ? [] : jobsOnTimeline(timeline);
    return jobId => {
      const mine = jobs.filter(job => job.id.startsWith(jobId));
      if (mine.length === 0 || !mine.every(job => job.over))
        return { kind: 'running', why: 'run in progress' };
      return { kind: 'ended', at: latest(mine), why: 'job ended' };
    };
  }

  async #readRelease(run: NamedRun, place: Place): Promise<RunState> {
    const found = await this.#api.get(place, `/${run.runId}`);
    if (typeof found === 'string') return found === 'no run' ? notFound : projectUnknown;
    const release: Unparsed<Release> = found;
    const stages = objectsOf(release.environments);
    if (stages.length === 0 || !isAbout(run, release, release.projectReference)) return answerUnusable;
    const jobs = jobsOfRelease(release);
    const over = stages.every(({ status }: Unparsed<ReleaseEnvironment>) => STAGE_IDLE.has(word(status)));
    return jobId => {
      const mine = jobs.filter(job => job.id.startsWith(jobId));
      if (mine.length > 0 && mine.every(job => job.over))
        return { kind: 'ended', at: latest(mine), why: 'job ended' };
      if (mine.length > 0 || !over) return { kind: 'running', why: 'release in progress' };
      const modified = { at: asMoment(release.modifiedOn) };
      return { kind: 'ended', at: latest([...jobs, modified]), why: 'release ended' };
    };
  }

  /**
   * One request for many runs of one project that were not found (vsts-rest-api-specs, build 7.1 and release 7.1:
   * `buildIds` with `deletedFilter`, `releaseIdFilter` with `isDeleted`).
   */
  async #lookAmongDeleted(batch: Batch): Promise<void> {
    const ids = batch.runs.map(({ runId }) => runId).join(',');
    const query: Record<string, string> =
      batch.host === 'build'
        ? { buildIds: ids, deletedFilter: 'onlyDeleted' }
        : { releaseIdFilter: ids, isDeleted: 'true' };
    const list = await orUnreadable(async () => (await this.#api.list(batch, query)) ?? answerUnusable);
    for (const run of batch.runs) this.#runs.set(keyOf(run, batch.organization), amongDeleted(run, list));
  }
}

/** A run whose jobs all fare alike, or a way to look one up. */
type RunState = JobState | ((jobId: string) => JobState);

/** Runs of one project. */
interface Batch extends Place {
  readonly runs: readonly NamedRun[];
}

/** As many ids as a URL holds everywhere, and no more than a list shows without being asked for more. */
const MOST_IN_BATCH = 50;

const notFound = unreadable("its run is not found: it is hidden from this job's token, or deleted for good");
const projectUnknown = unreadable("its project is unknown here, or closed to this job's token");
const answerUnusable = unreadable('the answer about its run cannot be understood');

function unreadable(why: string): JobState & { readonly kind: 'unreadable' } {
  return { kind: 'unreadable', why };
}

async function orUnreadable<T>(reading: () => Promise<T>): Promise<T | (JobState & { kind: 'unreadable' })> {
  try {
    return await reading();
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'cancelled') throw failure;
    // What to do hangs on whose credential was refused: here it is the job's.
    return unreadable(failure.message);
  }
}

/** Whether somebody knows the run, as opposed to not knowing it or not saying. */
function isFound(state: JobState): boolean {
  return state.kind !== 'unreadable';
}

function keyOf(run: NamedRun, organization: Organization): string {
  return `${organization.url.toLowerCase()} ${run.host}/${run.projectId}/${run.runId}`;
}

function batchesOf(asked: readonly AskedRun[]): Batch[] {
  const places = new Map<string, Batch & { readonly runs: NamedRun[] }>();
  const batches: Batch[] = [];
  for (const { run, organization } of asked) {
    const key = keyOf({ ...run, runId: '' }, organization);
    const open = places.get(key);
    if (open !== undefined && open.runs.length < MOST_IN_BATCH) {
      open.runs.push(run);
      continue;
    }
    const batch = { host: run.host, projectId: run.projectId, organization, runs: [run] };
    places.set(key, batch);
    batches.push(batch);
  }
  return batches;
}

/** An entry of a list of builds or of releases. */
type ListedRun = Unparsed<Build> & Unparsed<Release>;

function isCompleted({ status }: Unparsed<Build>): boolean {
  return word(status) === ('completed' satisfies WordOf<typeof BuildStatus>);
}

/** What the list of deleted runs says of one; the service may show others too. */
function amongDeleted(run: NamedRun, list: readonly ListedRun[] | Unknown | JobState): JobState {
  if (list === 'no run') return notFound;
  if (list === 'no project') return projectUnknown;
  if ('kind' in list)
    return list === answerUnusable
      ? list
      : unreadable(`its run is not found, and deleted ones cannot be listed: ${list.why}`);
  const found = list.find(entry => isAbout(run, entry, entry.project ?? entry.projectReference));
  if (found === undefined) return notFound;
  // A build that does not say that it is deleted may be one that runs.
  const isDeleted = run.host === 'release' || found.deleted === true || isCompleted(found);
  return isDeleted ? deletedAt(found) : answerUnusable;
}

/** Its end, where it tells one: that of a release is not told. */
function deletedAt(run: Unparsed<Build>): JobState {
  return {
    kind: 'ended',
    at: asMoment(run.finishTime) ?? asMoment(run.deletedDate),
    why: 'run deleted',
  };
}

/** Stages of a release that run no job. One that waits for an approval is in progress. */
const STAGE_IDLE: ReadonlySet<string> = new Set<WordOf<typeof EnvironmentStatus>>([
  'notstarted',
  'succeeded',
  'partiallysucceeded',
  'canceled',
  'rejected',
]);

/** An answer that names another run or project, or no run, decides nothing. */
function isAbout({ runId, projectId }: NamedRun, answer: JsonObject, project: unknown): boolean {
  const { id } = answer;
  const told = typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  const reference: Unparsed<TeamProjectReference> = asObject(project) ?? {};
  return told === runId && (asGuid(reference.id) ?? projectId) === projectId;
}
