import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, settled } from '../http/azure-devops.js';
import type { Effects } from '../agent/effects.js';
import { asFailure } from '../text/failure.js';
import { asGuid, asMoment, asObject, asText, objectsOf, type JsonObject } from '../text/json.js';
import { sameOrganization, type Organization } from '../inputs/organization.js';
import { atMost, patiently, remaining, type Patience } from '../http/patience.js';
import { httpDate, type Http } from '../http/http.js';
import type { NamedRun } from './run-name.js';

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

/** For one request with its repetitions; milliseconds. A run that nobody could ask about is asked about next time. */
const BUDGET = 45_000;

/** Asks the Build and Release APIs about runs, each run once, however many jobs and PATs it has. */
export class RunReader {
  readonly #effects: Effects;
  readonly #jobToken: string;
  readonly #patience: Patience;
  readonly #runs = new Map<string, Promise<RunState>>();
  /** How far the agent's clock is ahead of the service's, in milliseconds. */
  #ahead = 0;

  /** @param patience for all runs together: after it, each is asked about one last time */
  constructor(effects: Effects, jobToken: string, patience: Patience) {
    this.#effects = effects;
    this.#jobToken = jobToken;
    this.#patience = patience;
  }

  /** By the agent's clock or the service's, whichever shows the earlier time: nothing is older by either of them. */
  now(): Date {
    return new Date(this.#effects.clock.now().getTime() - this.#ahead);
  }

  /**
   * What cannot be read is `unreadable`, which is no failure.
   *
   * @param organization of the PAT; the run may be in another one, since one step can issue for several
   * @param home the organization whose runs the job's token can read; what it does not know may be elsewhere
   * @throws Failure `cancelled`
   */
  async stateOf(
    run: NamedRun,
    organization: Organization,
    home: Organization | undefined,
  ): Promise<JobState> {
    const here = await this.#once(run, organization);
    if (home === undefined || sameOrganization(home, organization) || isFound(here)) return here;
    const atHome = await this.#once(run, home);
    if (isFound(atHome)) return atHome;
    const mayBeAtHome = atHome.kind === 'unreadable' && atHome !== projectUnknown;
    return here === gone && mayBeAtHome ? atHome : here;
  }

  async #once(run: NamedRun, organization: Organization): Promise<JobState> {
    const key = `${organization.url.toLowerCase()} ${run.host}/${run.projectId}/${run.runId}`;
    const known = this.#runs.get(key) ?? this.#read(run, organization);
    this.#runs.set(key, known);
    const state = await known;
    return typeof state === 'function' ? state(run.jobId) : state;
  }

  async #read(run: NamedRun, organization: Organization): Promise<RunState> {
    try {
      return run.host === 'build'
        ? await this.#readBuild(run, organization)
        : await this.#readRelease(run, organization);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.topic === 'cancelled') throw failure;
      return unreadable(failure.what);
    }
  }

  async #readBuild(run: NamedRun, organization: Organization): Promise<RunState> {
    const url = `${organization.url}/${run.projectId}/_apis/build/builds/${run.runId}`;
    const build = await this.#get(url, organization);
    if (build === 'no run') return gone;
    if (build === 'no project') return projectUnknown;
    const status = word(build['status']);
    if (status === '' || !isAbout(run, build, build['project'])) return answerUnusable;
    if (status === 'completed') {
      return { kind: 'ended', at: asMoment(build['finishTime']), why: 'run ended' };
    }
    const timeline = await this.#get(`${url}/timeline`, organization);
    const records = typeof timeline === 'string' ? [] : objectsOf(timeline['records']);
    const jobs = records.filter(record => word(record['type']) === 'job').flatMap(attemptsOnTimeline);
    return jobId => {
      const mine = jobs.filter(job => job.id.startsWith(jobId));
      if (mine.length === 0 || !mine.every(job => job.over))
        return { kind: 'running', why: 'run in progress' };
      return { kind: 'ended', at: latest(mine), why: 'job ended' };
    };
  }

  async #readRelease(run: NamedRun, organization: Organization): Promise<RunState> {
    const url = `${organization.releasesUrl}/${run.projectId}/_apis/release/releases/${run.runId}`;
    const release = await this.#get(url, organization);
    if (release === 'no run') return gone;
    if (release === 'no project') return projectUnknown;
    const stages = objectsOf(release['environments']);
    if (stages.length === 0 || !isAbout(run, release, release['projectReference'])) return answerUnusable;
    const jobs = stages.flatMap(jobsOfStage);
    const over = stages.every(stage => STAGE_IDLE.has(word(stage['status'])));
    return jobId => {
      const mine = jobs.filter(job => job.id.startsWith(jobId));
      if (mine.length > 0 && mine.every(job => job.over))
        return { kind: 'ended', at: latest(mine), why: 'job ended' };
      if (mine.length > 0 || !over) return { kind: 'running', why: 'release in progress' };
      const modified = { at: asMoment(release['modifiedOn']) };
      return { kind: 'ended', at: latest([...jobs, modified]), why: 'release ended' };
    };
  }

  async #get(url: string, organization: Organization): Promise<JsonObject | 'no run' | 'no project'> {
    const { http, clock } = this.#effects;
    const patience = atMost(this.#patience, BUDGET);
    return patiently<JsonObject | 'no run' | 'no project'>(patience, async () => {
      const reply = await ask(
        this.#watchingTheClock(http),
        () => clock.now(),
        {
          method: 'GET',
          url: `${url}?api-version=7.1`,
          headers: azureDevOpsHeaders(`Bearer ${this.#jobToken}`),
          timeout: remaining(patience, REQUEST_TIMEOUT),
        },
        'job',
      );
      if (reply.kind === 'refused' && isAboutProject(reply)) return { done: 'no project' };
      if (reply.kind === 'refused' && reply.status === 404) return { done: 'no run' };
      const attempt = settled(reply, organization.name);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'json' ? attempt.done.value : {} };
    });
  }

  /** Ends of runs are told by the service's clock, so that is the one to count from. */
  #watchingTheClock(http: Http): Http {
    return async request => {
      const answer = await http(request);
      // The header tells whole seconds only.
      const told = httpDate(answer.headers['date']);
      if (told !== undefined)
        this.#ahead = Math.max(0, this.#effects.clock.now().getTime() - told.getTime() - 999);
      return answer;
    };
  }
}

/** A run whose jobs all fare alike, or a way to look one up. */
type RunState = JobState | ((jobId: string) => JobState);

/** A job as its run tells it. */
interface Job {
  readonly id: string;
  readonly over: boolean;
  readonly at: Date | undefined;
}

const gone: JobState = { kind: 'ended', at: undefined, why: 'run deleted' };
const projectUnknown = unreadable("its project is unknown here, or closed to this job's token");
const answerUnusable = unreadable('the answer about its run cannot be understood');

function unreadable(why: string): JobState & { readonly kind: 'unreadable' } {
  return { kind: 'unreadable', why };
}

/** Whether somebody knows the run, as opposed to not knowing it or not saying. */
function isFound(state: JobState): boolean {
  return state.kind !== 'unreadable' && state !== gone;
}

/** Stages of a release that run no job. One that waits for an approval is in progress. */
const STAGE_IDLE = new Set(['notstarted', 'succeeded', 'partiallysucceeded', 'canceled', 'rejected']);
const JOB_OVER = new Set([
  'success',
  'failure',
  'canceled',
  'skipped',
  'succeeded',
  'failed',
  'partiallysucceeded',
]);

/**
 * A project that does not exist here, or that the job's token may not see, is answered with 404 too, or with 400. A
 * message that names the run first is about the run.
 */
function isAboutProject(reply: { readonly status: number; readonly text: string; readonly typeKey: string }) {
  if (reply.status !== 404 && reply.status !== 400) return false;
  if (/TF200016|VS800075/.test(reply.text) || /project/i.test(reply.typeKey)) return true;
  return PROJECT_UNKNOWN.test(reply.text);
}

const PROJECT_UNKNOWN =
  /^(?:(?!\b(?:build|release|run)\b).)*\bproject\b.*\b(?:not exist|not found|not be found)\b/i;

/** An answer that names another run or project decides nothing. */
function isAbout({ runId, projectId }: NamedRun, answer: JsonObject, project: unknown): boolean {
  const { id } = answer;
  const told = typeof id === 'number' || typeof id === 'string' ? String(id) : runId;
  return told === runId && (asGuid(asObject(project)?.['id']) ?? projectId) === projectId;
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

function jobsOfStage(stage: JsonObject): Job[] {
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
function word(value: unknown): string {
  return asText(value)?.toLowerCase() ?? '';
}

/** Undefined when none is told: then nobody knows how long ago it was. */
function latest(ends: readonly Pick<Job, 'at'>[]): Date | undefined {
  const times = ends.flatMap(({ at }) => at?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}
