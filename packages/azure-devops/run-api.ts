import { Failure } from '#advice/failure';
import { httpDate, type Http } from '#http/http';
import { withTimeout, type RetryPolicy, type RetryResult } from '#http/retry';
import { objectsOf, type JsonObject } from '#text/json';
import { formatLifetime, MINUTE } from '#text/lifetime';
import { AzureDevOpsClient, type ApiRequest, type Page, type Wire } from './client.js';
import type { Identity } from './identity.js';
import type { Organization } from './organization.js';
import { unwrap, type ApiResponse, type WireList } from './responses.js';
import type { Run } from './run.js';

/** For one request with its repetitions; milliseconds. A run that nobody could ask about is asked about next time. */
const BUDGET = 45_000;

/** A clock that is further off than this tells nothing; milliseconds. */
const FURTHEST_APART = 10 * MINUTE;

/** Where the runs of a project are. */
export interface Place {
  readonly host: Run['host'];
  readonly projectId: string;
  readonly organization: Organization;
}

/** Reads from the Build and Release APIs, and minds the clock of the service. */
export class RunApi {
  readonly #identity: Identity;
  readonly #wire: Wire;
  readonly #policy: RetryPolicy;
  readonly #clients = new Map<string, AzureDevOpsClient>();
  /** How far the agent's clock is ahead of the service's at most, in milliseconds. */
  #ahead = 0;
  #disagreement: { readonly organization: Organization; readonly apart: number } | undefined;

  /** @param policy for all runs together */
  constructor(identity: Identity, wire: Wire, policy: RetryPolicy) {
    this.#identity = identity;
    this.#wire = wire;
    this.#policy = policy;
  }

  /**
   * By the agent's clock or the service's, whichever shows the earlier time: nothing is older by either of them. A
   * service's clock that is far behind does not count, since nothing would ever get old by it.
   */
  now(): Date {
    return new Date(this.#wire.clock.now().getTime() - this.#ahead);
  }

  /** Why nobody knows how long ago runs ended, when the clocks differ by more than clocks do. */
  clocksDiffer(): Failure | undefined {
    if (this.#disagreement === undefined) return undefined;
    const { organization, apart } = this.#disagreement;
    const by = `${formatLifetime(Math.abs(apart))} ${apart > 0 ? 'behind' : 'ahead of'}`;
    return new Failure(
      'clock-differs',
      `The clock of ${organization.name} is ${by} that of this agent, which counts; so nobody knows for sure how long ago runs ended.`,
      'Set the clock of the agent; if it is right, look for a proxy that answers in place of the service.',
    );
  }

  /**
   * @param path below the builds or releases of the project
   * @returns nothing of the run where the service says that it does not know this very run or project
   * @throws Failure for every other answer that is no JSON
   */
  async get(place: Place, path: string): Promise<JsonObject | Unknown> {
    const client = this.#client(place.organization);
    const page = await client.repeat(requestFor(place, path), withTimeout(this.#policy, BUDGET), reply =>
      readable(reply, place.organization),
    );
    return typeof page === 'string' ? page : page.value;
  }

  /**
   * The entries of a list, which may be cut into pages; no more than a few of them are read.
   * @returns undefined when the answer is no list
   * @throws Failure as `get`
   */
  async list(
    place: Place,
    query: Readonly<Record<string, string>>,
  ): Promise<JsonObject[] | Unknown | undefined> {
    const found: JsonObject[] = [];
    let other: Unknown | 'no list' | undefined;
    await this.#client(place.organization).pages(
      { ...requestFor(place, ''), query },
      this.#policy,
      reply => {
        const attempt = readable(reply, place.organization);
        if (!('done' in attempt) || typeof attempt.done !== 'string') return attempt as RetryResult<Page>;
        other = attempt.done;
        return { done: NOTHING };
      },
      page => {
        const { value: list }: WireList = page.value;
        if (Array.isArray(list)) found.push(...objectsOf(list));
        else other ??= 'no list';
        return other !== undefined;
      },
      { most: MOST_PAGES, budget: BUDGET },
    );
    return other === 'no list' ? undefined : (other ?? found);
  }

  #client(organization: Organization): AzureDevOpsClient {
    const wire = { clock: this.#wire.clock, http: this.#watchingTheClock(organization) };
    const client =
      this.#clients.get(organization.url) ?? new AzureDevOpsClient(this.#identity, organization, wire);
    this.#clients.set(organization.url, client);
    return client;
  }

  /** Ends of runs are told by the service's clock, so that is the one to count from. */
  #watchingTheClock(organization: Organization): Http {
    return async request => {
      const answer = await this.#wire.http(request);
      const told = httpDate(answer.headers['date']);
      if (told === undefined) return answer;
      const apart = this.#wire.clock.now().getTime() - told.getTime();
      // The header tells whole seconds only.
      if (Math.abs(apart) <= FURTHEST_APART) this.#ahead = Math.max(this.#ahead, apart - 999);
      else this.#disagreement = { organization, apart };
      return answer;
    };
  }
}

/** What the service does not know: this very run, or its project. */
export type Unknown = 'no run' | 'no project';

const MOST_PAGES = 5;
const NOTHING: Page = { value: {}, continuation: undefined };

function requestFor({ host, projectId }: Place, path: string): ApiRequest {
  const area = host === 'build' ? 'build/builds' : 'release/releases';
  return {
    host: host === 'build' ? 'organization' : 'releases',
    path: `${projectId}/_apis/${area}${path}`,
    version: '7.1',
  };
}

function readable(reply: ApiResponse, organization: Organization): RetryResult<Page | Unknown> {
  if (reply.kind === 'refused' && isAboutRun(reply)) return { done: 'no run' };
  if (reply.kind === 'refused' && isAboutProject(reply)) return { done: 'no project' };
  const attempt = unwrap(reply, organization.name);
  if ('later' in attempt) return attempt;
  return { done: attempt.done.kind === 'json' ? attempt.done : NOTHING };
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly typeKey: string;
}

/**
 * Only an error whose typeKey says so is about a run that is not there. A 404 without one comes from a host that does
 * not know the path, or from something in between (facts: 404 comes in forms that say nothing).
 */
function isAboutRun({ status, typeKey }: Refusal): boolean {
  return status === 404 && /^(?:Build|Release)(?:NotFound|Deleted)Exception$/i.test(typeKey);
}

/** A project that does not exist here, or that the job's token may not see, is answered with 404 too, or with 400. */
function isAboutProject({ status, text, typeKey }: Refusal): boolean {
  if (status !== 404 && status !== 400) return false;
  return /TF200016|VS800075/.test(text) || /project/i.test(typeKey) || PROJECT_UNKNOWN.test(text);
}

const PROJECT_UNKNOWN =
  /^(?:(?!\b(?:build|release|run)\b).)*\bproject\b.*\b(?:not exist|not found|not be found)\b/i;
