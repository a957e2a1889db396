import pLimit from 'p-limit';
import { formatLifetime } from '#text/lifetime';
import type { Log } from '#text/log';
import type { Clock } from './clock.js';
import { pauseAskedBy, type Http } from './http.js';

/** At most so many requests are under way at once. */
export const MOST_IN_FLIGHT = 8;

/** How long a step pauses when the service asks for it; milliseconds. */
export interface PauseBudget {
  readonly longest: number;
  /** All pauses after a refusal together. */
  readonly all: number;
}

/**
 * Keeps all requests of a step within what Azure DevOps allows one user (facts: rate limits): at most eight in flight, and
 * none while an answer has asked for a pause, which may come with a 200. Who was refused waits in `retry`, and asks here
 * whether there is time for that beside its own budget.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #budget: PauseBudget;
  readonly #limit = pLimit(MOST_IN_FLIGHT);
  #resume = 0;
  #paused = 0;

  constructor(clock: Clock, log: Log, budget: PauseBudget) {
    this.#clock = clock;
    this.#log = log;
    this.#budget = budget;
  }

  /** The same HTTP, at this pace. */
  of(http: Http): Http {
    return request =>
      this.#limit(async () => {
        await this.#pauseOver();
        const answer = await http(request);
        const now = this.#now();
        const asked = answer.status === 429 ? 0 : (pauseAskedBy(answer, this.#clock.now()) ?? 0);
        if (asked > 0) this.#pauseUntil(now + Math.min(asked, this.#budget.longest));
        return answer;
      });
  }

  /**
   * Whether somebody who was refused may wait so many milliseconds beside their own budget; everybody waits then. A step
   * that would wait too long is to give up, and never to come back too early.
   */
  grants(wait: number): boolean {
    const until = this.#now() + wait;
    const longer = Math.max(0, until - Math.max(this.#resume, this.#now()));
    if (wait > this.#budget.longest || this.#paused + longer > this.#budget.all) return false;
    this.#paused += longer;
    this.#pauseUntil(until);
    return true;
  }

  async #pauseOver(): Promise<void> {
    for (let wait = this.#resume - this.#now(); wait > 0; wait = this.#resume - this.#now())
      await this.#clock.wait(wait);
  }

  #pauseUntil(moment: number): void {
    if (moment > this.#resume + NEWS_WORTHY)
      this.#log.info(`The service asks for a pause of ${formatLifetime(moment - this.#now())}.`);
    this.#resume = Math.max(this.#resume, moment);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

/** Eight requests in flight may all bring the same pause; it is told once. */
const NEWS_WORTHY = 2_000;

/** Does something with each, eight at a time: its time begins when its turn has come. Results are in this order. */
export function inTurn<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit(MOST_IN_FLIGHT);
  return Promise.all(items.map((item, index) => limit(() => work(item, index))));
}
