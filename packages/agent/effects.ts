import type { Agent } from './agent.js';
import type { Log, Masker } from '#text/log';
import type { Advice } from '#advice/situation';
import type { Clock } from '#http/clock';
import type { Http } from '#http/http';
import { Pace } from '#http/pace';
import type { RetryPolicy } from '#http/retry';
import { PAUSES } from './budgets.js';

/**
 * Everything a task does to the world, handed in at one place: `runTask` gives the real ones, a test its own.
 * Work that needs no agent, but somebody who listens, is content with less of a port.
 */
export interface Effects<Port extends Log = Agent> {
  readonly agent: Port;
  /** Waiting ends with Failure `cancelled` as soon as the agent tells this step to stop. */
  readonly clock: Clock;
  /** A request under way ends likewise. */
  readonly http: Http;
  /** Hears of further attempts in place of the agent's log. */
  readonly retryLog?: Log;
  /** Of a step of many requests. */
  readonly pace?: Pace;
  /** Eight random hex digits. */
  nonce(): string;
  /** The same for cleaning up, which goes on after the step was told to stop. */
  readonly cleanup: Effects<Port>;
}

/**
 * Effects for work that also goes on outside a task: it has something to say, and secrets to hide. Where there is a run,
 * its timeline hears of it too; where there is none, `advice` speaks to whoever is there in place of a pipeline.
 */
export type RedactingLogger = Log &
  Masker &
  Partial<Pick<Agent, 'timelineRecord'>> & { readonly advice?: Advice };
export type RedactingEffects = Effects<RedactingLogger>;

/** The same for a step of many requests: one pace for all of them. What is to be cleaned up does not wait for it. */
export function paced(effects: Effects): Effects {
  const pace = new Pace(effects.clock, effects.agent, PAUSES);
  return { ...effects, pace, http: pace.of(effects.http) };
}

/** A policy that retries for so many milliseconds from now. */
export function retryFor({ clock, agent, retryLog, pace }: Effects<Log>, milliseconds: number): RetryPolicy {
  const until = new Date(clock.now().getTime() + milliseconds);
  return { clock, log: retryLog ?? agent, until, ...(pace !== undefined && { pauses: pace }) };
}
