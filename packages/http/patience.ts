import type { Log } from '#agent/agent';
import type { Clock } from './clock.js';
import { advised } from '#advice/situation';
import type { Failure } from '#advice/failure';
import { spokenLifetime } from '#pat/lifetime';

/** How long to go on trying, and with what. */
export interface Patience {
  readonly clock: Clock;
  readonly log: Log;
  /** No attempt starts after this moment, and none lasts beyond it. */
  readonly until: Date;
}

/** One attempt: an outcome, or "later" with what to say when later never comes. */
export type Attempt<T> =
  { readonly done: T } | { readonly later: Failure; readonly wait?: number | undefined };

const FIRST_WAIT = 500;
const LONGEST_OWN_WAIT = 8_000;

/**
 * Repeats what may be repeated, as the server asks (`Retry-After`) or at doubling intervals, until it is done or
 * the time is up.
 * @throws the Failure of the last attempt
 */
export async function patiently<T>(patience: Patience, attempt: () => Promise<Attempt<T>>): Promise<T> {
  let last: Failure | undefined;
  for (let ownWait = FIRST_WAIT; ; ownWait = Math.min(2 * ownWait, LONGEST_OWN_WAIT)) {
    if (timeLeft(patience) <= 0) throw last ?? outOfTime();
    const outcome = await attempt();
    if ('done' in outcome) return outcome.done;
    last = outcome.later;
    await waitOrGiveUp(patience, outcome.later, outcome.wait ?? ownWait);
  }
}

/** Waits, or throws the failure when nothing would be left after the wait. */
export async function waitOrGiveUp(patience: Patience, failure: Failure, wait: number): Promise<void> {
  if (patience.clock.now().getTime() + wait >= patience.until.getTime()) throw failure;
  patience.log.info(`${failure.what} Trying again in ${spokenLifetime(Math.max(wait, 1000))}.`);
  await patience.clock.wait(wait);
}

/** The same patience, but for no longer than so many milliseconds from now. */
export function atMost(patience: Patience, milliseconds: number): Patience {
  const end = patience.clock.now().getTime() + milliseconds;
  return { ...patience, until: new Date(Math.min(patience.until.getTime(), end)) };
}

/** What is left of the patience for one request, in milliseconds, at most `longest`. @throws Failure `out-of-time` */
export function remaining(patience: Patience, longest: number): number {
  const left = timeLeft(patience);
  if (left <= 0) throw outOfTime();
  return Math.min(longest, left);
}

/** Milliseconds until no request is sent any more; none when negative. */
export function timeLeft({ clock, until }: Patience): number {
  return until.getTime() - clock.now().getTime();
}

function outOfTime(): Failure {
  return advised('out-of-time', 'The time for this was used up before it could be asked for.', {
    about: 'request',
    code: 'out-of-time',
  });
}
