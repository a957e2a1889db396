import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, settled } from './azure-devops.js';
import { patienceFor, type Effects } from './effects.js';
import { asMoment, asText, objectsOf, type JsonObject } from './json.js';
import { sameOrganization, type Organization } from './organization.js';
import { patiently, remaining } from './patience.js';
import type { NamedRun } from './run-name.js';
import { asFailure } from './failure.js';

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

/** For one question about a run, with its repetitions; milliseconds. */
const BUDGET = 60_000;

/** Asks the Build and Release APIs about runs, each run once, however many jobs and PATs it has. */
export class RunReader {
  readonly #effects: Effects;
  readonly #jobToken: string;
  readonly #runs = new Map<string, Promise<RunState>>();

  constructor(effects: Effects, jobToken: string) {
    this.#effects = effects;
    this.#jobToken = jobToken;
  }

  /**
   * Never throws: what cannot be read is `unreadable`.
   *
   * @param organization of the PAT; the run may be in another one, since one step can issue for several
   * @param home the organization whose runs the job's token can read; what it does not know may be elsewhere
   */
  async stateOf(
    run: NamedRun,
    organization: Organization,
    home: Organization | undefined,
  ): Promise<JobState> {
    const state = await this.#once(run, organization);
    if (state.kind !== 'unreadable' || home === undefined || sameOrganization(home, organization))
      return state;
    const atHome = await this.#once(run, home);
    return atHome === gone ? state : atHome;
  }

  async #once(run: NamedRun, organization: Organization): Promise<JobState> {
    const key = `${organization.url} ${run.host}/${run.projectId}/${run.runId}`;
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
      return { kind: 'unreadable', why: asFailure(error).what };
    }
  }

  async #readBuild({ projectId, runId }: NamedRun, organization: Organization): Promise<RunState> {
    const url = `${organization.url}/${projectId}/_apis/build/builds/${runId}`;
    const build = await this.#get(url, organization);
    if (build === undefined) return gone;
    if (asText(build['status'])?.toLowerCase() === 'completed') {
      return { kind: 'ended', at: asMoment(build['finishTime']), why: 'run ended' };
    }
    const timeline = await this.#get(`${url}/timeline`, organization);
    const jobs = objectsOf(timeline?.['records']).filter(record => asText(record['type']) === 'Job');
    return jobId => {
      const job = jobs.filter(record => asText(record['id'])?.toLowerCase().startsWith(jobId));
      const ended =
        job.length > 0 && job.every(record => asText(record['state'])?.toLowerCase() === 'completed');
      if (!ended) return { kind: 'running', why: 'run in progress' };
      return { kind: 'ended', at: latest(job.map(record => record['finishTime'])), why: 'job ended' };
    };
  }

  async #readRelease({ projectId, runId }: NamedRun, organization: Organization): Promise<RunState> {
    const url = `${organization.releasesUrl}/${projectId}/_apis/release/releases/${runId}`;
    const release = await this.#get(url, organization);
    if (release === undefined) return gone;
    const stages = objectsOf(release['environments']);
    const jobs = stages.flatMap(jobsOfStage);
    const over = stages.every(stage => !STAGE_ALIVE.has(asText(stage['status'])?.toLowerCase() ?? ''));
    return jobId => {
      const mine = jobs.filter(job => asText(job['timelineRecordId'])?.toLowerCase().startsWith(jobId));
      const ended =
        mine.length > 0 && mine.every(job => JOB_OVER.has(asText(job['status'])?.toLowerCase() ?? ''));
      if (ended) return { kind: 'ended', at: latest(mine.map(job => job['finishTime'])), why: 'job ended' };
      if (mine.length > 0 || !over) return { kind: 'running', why: 'release in progress' };
      return { kind: 'ended', at: asMoment(release['modifiedOn']), why: 'release ended' };
    };
  }

  /** @returns undefined for a 404 that is about the run itself @throws Failure */
  async #get(url: string, organization: Organization): Promise<JsonObject | undefined> {
    const { http, clock } = this.#effects;
    const patience = patienceFor(this.#effects, BUDGET);
    return patiently(patience, async () => {
      const reply = await ask(http, () => clock.now(), {
        method: 'GET',
        url: `${url}?api-version=7.1`,
        headers: azureDevOpsHeaders(`Bearer ${this.#jobToken}`),
        timeout: remaining(patience, REQUEST_TIMEOUT),
      });
      if (reply.kind === 'refused' && reply.status === 404 && !aboutProject(reply))
        return { done: undefined };
      const attempt = settled(reply, organization.name);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'json' ? attempt.done.value : {} };
    });
  }
}

/** A run whose jobs all fare alike, or a way to look one up. */
type RunState = JobState | ((jobId: string) => JobState);

const gone: JobState = { kind: 'ended', at: undefined, why: 'run deleted' };

/** Stages of a release that may still run a job. */
const STAGE_ALIVE = new Set(['inprogress', 'queued', 'scheduled']);
const JOB_OVER = new Set([
  'success',
  'failure',
  'canceled',
  'skipped',
  'succeeded',
  'failed',
  'partiallysucceeded',
]);

/** A project that does not exist here, or that the job's token may not see, is answered with 404 too. */
function aboutProject(reply: { readonly text: string; readonly typeKey: string }): boolean {
  return /project/i.test(reply.typeKey) || reply.text.includes('TF200016');
}

function jobsOfStage(stage: JsonObject): JsonObject[] {
  const phases = objectsOf(stage['deploySteps']).flatMap(attempt =>
    objectsOf(attempt['releaseDeployPhases']),
  );
  const deployed = phases.flatMap(phase => objectsOf(phase['deploymentJobs']));
  return objectsOf(deployed.map(entry => entry['job']));
}

/** Undefined when one is missing: then nobody knows how long ago it was. */
function latest(moments: readonly unknown[]): Date | undefined {
  const times = moments.map(moment => asMoment(moment)?.getTime() ?? NaN);
  const last = Math.max(...times);
  return Number.isNaN(last) ? undefined : new Date(last);
}
