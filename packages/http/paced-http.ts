import pLimit from 'p-limit';
import type { Log } from '#text/log';
import type { Clock } from './clock.js';
import { retryAfter, type Http, type HttpAnswer } from './http.js';
import { MINUTE, formatLifetime } from '#text/lifetime';

/** At most so many requests are under way at once. */
export const MOST_IN_FLIGHT = 8;
const LONGEST_PAUSE = 5 * MINUTE;
/** All pauses after a refusal together: whatever is asked for, a step ends well within the hour that a job has. */
const MOST_PAUSING = 15 * MINUTE;

/** A request that is refused again and again with 429 is given up. */
const MOST_REFUSALS = 5;

/**
 * Keeps many requests within what Azure DevOps allows one user (facts: rate limits): at most eight in flight, and a
 * pause for all of them when an answer asks for one with `Retry-After`, which may come with a 200, or when
 * `X-RateLimit-Remaining` is used up. A request refused with 429 is sent again after the pause, so this is for requests
 * that may be repeated. One that is to come back later than such a step can wait keeps its 429, and its caller decides.
 */
export function pacedHttp(http: Http, clock: Clock, log: Log): Http {
  const limit = pLimit(MOST_IN_FLIGHT);
  let resume = 0;
  let paused = 0;

  const pauseOver = async () => {
    for (let wait = resume - clock.now().getTime(); wait > 0; wait = resume - clock.now().getTime()) {
      await clock.wait(wait);
    }
  };
  const obey = (answer: HttpAnswer) => {
    const asked = pauseAskedBy(answer, clock.now());
    const now = clock.now().getTime();
    const until = now + Math.min(asked, LONGEST_PAUSE);
    const longer = until - Math.max(resume, now);
    if (asked <= 0) return false;
    if (answer.status === 429) {
      if (asked > LONGEST_PAUSE || paused + longer > MOST_PAUSING) return false;
      paused += Math.max(0, longer);
    }
    if (until > resume + NEWS_WORTHY)
      log.info(`The service asks for a pause of ${formatLifetime(until - now)}.`);
    resume = Math.max(resume, until);
    return true;
  };

  return request =>
    limit(async () => {
      for (let refusals = 0; ; refusals++) {
        await pauseOver();
        const answer = await http(request);
        const pausing = obey(answer);
        if (answer.status !== 429 || !pausing || refusals >= MOST_REFUSALS) return answer;
      }
    });
}

/** Eight requests in flight may all bring the same pause; it is told once. */
const NEWS_WORTHY = 2_000;

/** Milliseconds. */
function pauseAskedBy(answer: HttpAnswer, now: Date): number {
  const asked = retryAfter(answer, now) ?? 0;
  const left = answer.headers['x-ratelimit-remaining'];
  const reset = Number(answer.headers['x-ratelimit-reset']);
  const usedUp = left !== undefined && Number(left) <= 0 && Number.isFinite(reset);
  return Math.max(asked, usedUp ? reset * 1000 - now.getTime() : 0);
}
