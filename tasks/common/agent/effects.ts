import type { Agent, Log } from './agent.js';
import type { Clock } from './clock.js';
import type { Http } from '../http/http.js';
import type { Patience } from '../http/patience.js';

/** Everything a task does to the world, handed in at one place: `runTask` gives the real ones, a test its own. */
export interface Effects {
  readonly agent: Agent;
  /** Waiting ends with Failure `cancelled` as soon as the agent tells this step to stop. */
  readonly clock: Clock;
  /** A request under way ends likewise. */
  readonly http: Http;
  /** Eight random hex digits. */
  nonce(): string;
  /** The same for cleaning up, which goes on after the step was told to stop. */
  readonly cleanup: Effects;
}

/** What issuing and revoking need of the world. Whoever has no agent, such as a command line, has these too. */
export interface PatEffects extends Pick<Effects, 'clock' | 'http' | 'nonce'> {
  readonly agent: Log & Pick<Agent, 'conceal'>;
  readonly cleanup: PatEffects;
}

/** Patience for so many milliseconds from now. */
export function patienceFor(
  { clock, agent }: { readonly clock: Clock; readonly agent: Log },
  milliseconds: number,
): Patience {
  return { clock, log: agent, until: new Date(clock.now().getTime() + milliseconds) };
}
