import type {
  TaskReference,
  Timeline,
  TimelineRecord,
  TimelineReference,
} from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { sameOrganization, type Organization } from '#azure-devops/organization';
import { readPatEvent } from '#pat/pat-event';
import type { Place, RunApi } from '#azure-devops/run-api';
import type { NamedRun } from '#azure-devops/run';
import { isCompleted, isJob, jobsOfRelease, jobsOnTimeline, word, type Job } from '#azure-devops/jobs-of-run';
import { asGuid, asObject, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import { notCancelled } from './missing.js';

/**
 * Whether the run that a name tells knows the PAT. A name is a claim that anybody can make.
 * - `known`: the run has that job, and where its steps of IssuePat tell of PATs, of this one too
 * - `run unknown`, `project unknown`: it has not; the reason is a sentence about the PAT
 * - `unreadable`: nobody can tell
 */
export type Claim =
  | { readonly kind: 'known' }
  | { readonly kind: 'run unknown' | 'project unknown' | 'unreadable'; readonly why: string };

/** As published, and in the development flavour. */
const ISSUE_PAT = new Set(['5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', '90e8069f-c6b2-4568-a8ab-3a5b00b77b59']);
/** Timelines below steps are one request each, for all runs of an audit together. */
const MOST_DETAILS = 200;

const known: Claim = { kind: 'known' };

/** Asks runs whether they know PATs: each run once, with two requests, and one for each of its steps of IssuePat. */
export class NamedRuns {
  readonly #answers = new Map<string, Promise<JsonObject | Claim>>();
  readonly #details = new Map<string, Promise<JsonObject | Claim>>();

  readonly #api: RunApi;

  constructor(api: RunApi) {
    this.#api = api;
  }

  /**
   * @param home the organization whose runs the job's token can read, which can be another than the PAT's
   * @throws Failure `cancelled`
   */
  async claimOf(
    displayName: string,
    run: NamedRun,
    organization: Organization,
    home: Organization | undefined,
  ): Promise<Claim> {
    const here = await this.#claimIn(organization, displayName, run);
    if (here.kind === 'known' || home === undefined || sameOrganization(home, organization)) return here;
    const atHome = await this.#claimIn(home, displayName, run);
    return atHome.kind === 'known' || here.kind !== 'unreadable' ? atHome : here;
  }

  async #claimIn(organization: Organization, displayName: string, run: NamedRun): Promise<Claim> {
    const place: Place = { host: run.host, projectId: run.projectId, organization };
    const path = `/${run.runId}`;
    const found = await this.#once(this.#answers, place, path, run);
    if (isClaim(found)) return found;
    if (run.host === 'release') return jobClaim(run, jobsOfRelease(found));
    const timeline = await this.#once(this.#answers, place, `${path}/timeline`, run);
    // The run is there; a timeline that cannot be read proves nothing against the PAT.
    if (isClaim(timeline)) return known;
    const claim = jobClaim(run, jobsOnTimeline(timeline));
    return claim.kind === 'known' ? this.#claimOfSteps(timeline, place, displayName, run) : claim;
  }

  /** Steps of IssuePat name each PAT that they issued, in a timeline below their record. */
  async #claimOfSteps(
    timeline: Unparsed<Timeline>,
    place: Place,
    displayName: string,
    run: NamedRun,
  ): Promise<Claim> {
    const records = recordsOf(timeline);
    const job = records.find(record => isJob(record) && word(record.id).startsWith(run.jobId));
    const steps = records.filter(
      record => job !== undefined && word(record.parentId) === word(job.id) && taskOf(record) !== undefined,
    );
    if (steps.length === 0) return known;
    const issuing = steps.filter(step => ISSUE_PAT.has(taskOf(step) ?? ''));
    if (issuing.length === 0) return unknown(`build ${run.runId} has no step of IssuePat@1 in that job`);
    let told = false;
    for (const step of issuing) {
      const below: Unparsed<TimelineReference> | undefined = asObject(step.details);
      const id = asGuid(below?.id);
      // A step that goes on may tell later; one without details has told nothing, or nobody keeps it.
      if (id === undefined || !isCompleted(step) || this.#details.size >= MOST_DETAILS) return known;
      const details = await this.#once(this.#details, place, `/${run.runId}/timeline/${id}`, run);
      if (isClaim(details)) return known;
      for (const record of recordsOf(details)) {
        const event = readPatEvent(asText(record.type) ?? '', asText(record.name) ?? '');
        if (event?.pat.displayName === displayName) return known;
        told ||= event !== undefined;
      }
    }
    return told ? unknown(`the steps of build ${run.runId} that issued PATs did not issue this one`) : known;
  }

  #once(
    asked: Map<string, Promise<JsonObject | Claim>>,
    place: Place,
    path: string,
    run: NamedRun,
  ): Promise<JsonObject | Claim> {
    const key = `${place.organization.url} ${place.host} ${place.projectId} ${path}`;
    const answer = asked.get(key) ?? this.#get(place, path, run);
    asked.set(key, answer);
    return answer;
  }

  async #get(place: Place, path: string, run: NamedRun): Promise<JsonObject | Claim> {
    try {
      const page = await this.#api.get(place, path);
      if (page === 'no project') return projectUnknown;
      if (page === 'no run')
        return unknown(`there is no ${run.host} ${run.runId} that the token of this job may see`);
      return Object.keys(page).length === 0 ? unreadable('the answer is empty') : page;
    } catch (error) {
      return unreadable(notCancelled(error).what);
    }
  }
}

const projectUnknown: Claim = {
  kind: 'project unknown',
  why: 'there is no such project that the token of this job may see',
};

function unknown(why: string): Claim {
  return { kind: 'run unknown', why };
}

function unreadable(why: string): Claim {
  return { kind: 'unreadable', why };
}

function isClaim(answer: JsonObject | Claim): answer is Claim {
  return CLAIMS.has(answer.kind);
}

const CLAIMS: ReadonlySet<unknown> = new Set(['known', 'run unknown', 'project unknown', 'unreadable']);

/** A run that tells of no job at all proves nothing. */
function jobClaim({ host, runId, jobId }: NamedRun, jobs: readonly Job[]): Claim {
  return jobs.length === 0 || jobs.some(({ id }) => id.startsWith(jobId))
    ? known
    : unknown(`${host} ${runId} has no such job`);
}

function recordsOf({ records }: Unparsed<Timeline>): Unparsed<TimelineRecord>[] {
  return objectsOf(records);
}

function taskOf(record: Unparsed<TimelineRecord>): string | undefined {
  const task: Unparsed<TaskReference> | undefined = asObject(record.task);
  return asGuid(task?.id);
}
