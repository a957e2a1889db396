import type { Log } from '#text/log';
import type { Clock } from './clock.js';
import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import { formatLifetime } from '#text/lifetime';

/** How long to go on trying, and with what. */
export interface RetryPolicy {
  readonly clock: Clock;
  readonly log: Log;
  /** No attempt starts after this moment, and none lasts beyond it. */
  readonly until: Date;
}

/** One attempt: an outcome, or "later" with what to say when later never comes. */
export type RetryResult<T> =
  { readonly done: T } | { readonly later: Failure; readonly wait?: number | undefined };

const FIRST_WAIT = 500;
const LONGEST_OWN_WAIT = 8_000;

/**
 * Repeats what may be repeated, as the server asks (`Retry-After`) or at doubling intervals, until it is done or
 * the time is up.
 * @throws the Failure of the last attempt
 */
export async function retry<T>(policy: RetryPolicy, attempt: () => Promise<RetryResult<T>>): Promise<T> {
  let last: Failure | undefined;
  for (let ownWait = FIRST_WAIT; ; ownWait = Math.min(2 * ownWait, LONGEST_OWN_WAIT)) {
    if (millisecondsLeft(policy) <= 0) throw last ?? outOfTime();
    const outcome = await attempt();
    if ('done' in outcome) return outcome.done;
    last = outcome.later;
    await waitOrGiveUp(policy, outcome.later, outcome.wait ?? ownWait);
  }
}

/** Waits, or throws the failure when nothing would be left after the wait. */
export async function waitOrGiveUp(policy: RetryPolicy, failure: Failure, wait: number): Promise<void> {
  if (policy.clock.now().getTime() + wait >= policy.until.getTime()) throw failure;
  policy.log.info(`${failure.what} Trying again in ${formatLifetime(Math.max(wait, 1000))}.`);
  await policy.clock.wait(wait);
}

/** The same policy, but for no longer than so many milliseconds from now. */
export function withTimeout(policy: RetryPolicy, milliseconds: number): RetryPolicy {
  const end = policy.clock.now().getTime() + milliseconds;
  return { ...policy, until: new Date(Math.min(policy.until.getTime(), end)) };
}

/** What is left for one request, in milliseconds, at most `longest`. @throws Failure `out-of-time` */
export function timeLeft(policy: RetryPolicy, longest: number): number {
  const left = millisecondsLeft(policy);
  if (left <= 0) throw outOfTime();
  return Math.min(longest, left);
}

/** Milliseconds until no request is sent any more; none when negative. */
export function millisecondsLeft({ clock, until }: RetryPolicy): number {
  return until.getTime() - clock.now().getTime();
}

function outOfTime(): Failure {
  return advised('out-of-time', 'The time for this was used up before it could be asked for.', {
    about: 'request',
    code: 'out-of-time',
  });
}
