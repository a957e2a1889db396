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
  /** Time of the whole step for pauses that a service asks for; without it they are part of the time until then. */
  readonly pauses?: { grants(wait: number): boolean };
  /** How often such a pause was made. */
  readonly pausesMade?: number;
}

/** One attempt: an outcome, or "later" with what to say when later never comes. */
export type RetryResult<T> =
  { readonly done: T } | { readonly later: Failure; readonly wait?: number | undefined };

const FIRST_WAIT = 500;
const LONGEST_OWN_WAIT = 8_000;

/** What is refused again and again, after every pause, has no more time than it was given. */
const MOST_PAUSES = 5;

/**
 * Repeats what may be repeated, as the server asks (`Retry-After`) or at doubling intervals, until it is done or
 * the time is up. This is the one place that waits for a server.
 *
 * @param attempt gets the policy as it stands: pauses do not count
 * @throws the Failure of the last attempt
 */
export async function retry<T>(
  policy: RetryPolicy,
  attempt: (within: RetryPolicy) => Promise<RetryResult<T>>,
): Promise<T> {
  let within = policy;
  let last: Failure | undefined;
  for (let ownWait = FIRST_WAIT; ; ownWait = Math.min(2 * ownWait, LONGEST_OWN_WAIT)) {
    if (millisecondsLeft(within) <= 0) throw last ?? outOfTime();
    const outcome = await attempt(within);
    if ('done' in outcome) return outcome.done;
    last = outcome.later;
    within = await waitOrGiveUp(within, outcome.later, outcome.wait, ownWait);
  }
}

/**
 * Waits as long as was asked for, else `ownWait` milliseconds.
 *
 * @returns the policy after that: with more time where it was a pause of the whole step
 * @throws the failure when nothing would be left after the wait
 */
export async function waitOrGiveUp(
  policy: RetryPolicy,
  failure: Failure,
  asked: number | undefined,
  ownWait: number,
): Promise<RetryPolicy> {
  const { clock, log, until, pauses, pausesMade = 0 } = policy;
  const wait = asked ?? ownWait;
  const isPause = asked !== undefined && failure.facts.status === 429 && pausesMade < MOST_PAUSES;
  if (isPause && pauses?.grants(wait) === true) {
    await clock.wait(wait);
    return { ...policy, until: new Date(until.getTime() + wait), pausesMade: pausesMade + 1 };
  }
  if (clock.now().getTime() + wait >= until.getTime()) throw failure;
  log.info(`${failure.what} Trying again in ${formatLifetime(Math.max(wait, 1000))}.`);
  await clock.wait(wait);
  return policy;
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
