import type { HttpRequest } from '#http/http';
import type { PlannedFault, Stop } from './faults.js';
import type { Random } from './random.js';

/** What befalls one stage of a step. */
export interface StagePlan {
  readonly faults: readonly PlannedFault[];
  readonly stop: Stop | undefined;
  /** How far its clock is ahead of the service's; milliseconds. */
  readonly clock: number;
}

/** What becomes of work under way when the process is told to stop; cleaning up goes on. */
export type AfterCancel = 'ends' | 'goes on';

/** What a call of the process meets: its end before it is made, or right after it was sent. */
export interface CallFate {
  readonly end: 'before' | undefined;
  sent(): void;
}

/** Hears of every request of a process. */
export interface Watch {
  /** When it leaves. @returns what is to be remembered of that moment */
  sent(request: HttpRequest): number;
  /** Before and after the services did what was asked. */
  carriedOut(request: HttpRequest, when: 'before' | 'after', sent: number, lag: number): void;
}

/** A process, as the network knows it. */
export interface Sender {
  readonly name: string;
  readonly plan: StagePlan;
  readonly random: Random;
  readonly alive: boolean;
  readonly isCancelled: boolean;
  readonly watch: Watch | undefined;
  requests: number;
  calls(): CallFate;
  enters(): void;
  leaves(): void;
  onCancel(stopped: () => void): () => void;
}
