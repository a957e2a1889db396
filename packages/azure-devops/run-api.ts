import type { Effects } from '#agent/effects';
import { send, azureDevOpsHeaders, REQUEST_TIMEOUT, unwrap } from './client.js';
import { httpDate, type Http } from '#http/http';
import { withTimeout, retry, timeLeft, type RetryPolicy } from '#http/retry';
import type { Organization } from './organization.js';
import { Failure } from '#advice/failure';
import { asText, type JsonObject } from '#text/json';
import { MINUTE, formatLifetime } from '#text/lifetime';
import type { Run } from './run.js';

/** For one request with its repetitions; milliseconds. A run that nobody could ask about is asked about next time. */
const BUDGET = 45_000;

/** A clock that is further off than this tells nothing; milliseconds. */
const FURTHEST_APART = 10 * MINUTE;

export interface Page {
  readonly value: JsonObject;
  readonly continuation: string | undefined;
}

/** Where the runs of a project are. */
export interface Place {
  readonly host: Run['host'];
  readonly projectId: string;
  readonly organization: Organization;
}

/** Reads from the Build and Release APIs with the job's token, and minds the clock of the service. */
export class RunApi {
  readonly #effects: Effects;
  readonly #jobToken: string;
  readonly #policy: RetryPolicy;
  /** How far the agent's clock is ahead of the service's at most, in milliseconds. */
  #ahead = 0;
  #disagreement: { readonly organization: Organization; readonly apart: number } | undefined;

  constructor(effects: Effects, jobToken: string, policy: RetryPolicy) {
    this.#effects = effects;
    this.#jobToken = jobToken;
    this.#policy = policy;
  }

  /**
   * By the agent's clock or the service's, whichever shows the earlier time: nothing is older by either of them. A
   * service's clock that is far behind does not count, since nothing would ever get old by it.
   */
  now(): Date {
    return new Date(this.#effects.clock.now().getTime() - this.#ahead);
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
   * @param path below the project, with its query
   * @returns nothing of the run where the service says that it does not know this very run or project
   * @throws Failure for every other answer that is no JSON
   */
  get(place: Place, path: string): Promise<Page | 'no run' | 'no project'> {
    const { http, clock } = this.#effects;
    const { host, organization, projectId } = place;
    const policy = withTimeout(this.#policy, BUDGET);
    const base = host === 'build' ? organization.url : organization.releasesUrl;
    const area = host === 'build' ? 'build/builds' : 'release/releases';
    const join = path.includes('?') ? '&' : '?';
    return retry<Page | 'no run' | 'no project'>(policy, async () => {
      const reply = await send(
        this.#watchingTheClock(http, organization),
        () => clock.now(),
        {
          method: 'GET',
          url: `${base}/${projectId}/_apis/${area}${path}${join}api-version=7.1`,
          headers: azureDevOpsHeaders(`Bearer ${this.#jobToken}`),
          timeout: timeLeft(policy, REQUEST_TIMEOUT),
        },
        'job',
      );
      if (reply.kind === 'refused' && isAboutRun(reply)) return { done: 'no run' };
      if (reply.kind === 'refused' && isAboutProject(reply)) return { done: 'no project' };
      const attempt = unwrap(reply, organization.name);
      if ('later' in attempt) return attempt;
      if (attempt.done.kind !== 'json') return { done: { value: {}, continuation: undefined } };
      return { done: { value: attempt.done.value, continuation: asText(attempt.done.continuation) } };
    });
  }

  /** Ends of runs are told by the service's clock, so that is the one to count from. */
  #watchingTheClock(http: Http, organization: Organization): Http {
    return async request => {
      const answer = await http(request);
      const told = httpDate(answer.headers['date']);
      if (told === undefined) return answer;
      const apart = this.#effects.clock.now().getTime() - told.getTime();
      // The header tells whole seconds only.
      if (Math.abs(apart) <= FURTHEST_APART) this.#ahead = Math.max(this.#ahead, apart - 999);
      else this.#disagreement = { organization, apart };
      return answer;
    };
  }
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
