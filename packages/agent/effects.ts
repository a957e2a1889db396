import type { Agent } from './agent.js';
import type { Log, Masker } from '#text/log';
import type { Advice } from '#advice/situation';
import type { Clock } from '#http/clock';
import type { Http } from '#http/http';
import type { RetryPolicy } from '#http/retry';

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

/** A policy that retries for so many milliseconds from now. */
export function retryFor({ clock, agent }: Effects<Log>, milliseconds: number): RetryPolicy {
  return { clock, log: agent, until: new Date(clock.now().getTime() + milliseconds) };
}
