import type { Agent } from '#agent/agent';
import type { Clock } from '#http/clock';
import type { Effects } from '#agent/effects';
import { Failure } from '#advice/failure';
import type { Stop } from './faults.js';
import { networkOf } from './network.js';
import { Random } from './random.js';
import type { AfterCancel, CallFate, Sender, StagePlan, Watch } from './sender.js';
import type { World } from './world.js';

/** The agent sends SIGTERM after 7.5 s, and kills 2.5 s later. */
const KILLED_AFTER = 10_000;

/** The process of one stage: what it can do to the world, until it is stopped. A killed one hears of nothing any more. */
export class Process implements Sender {
  alive = true;
  /** A killed process never answers: this resolves then, and where the agent stops waiting for one that it cannot reach. */
  readonly killed: Promise<void>;
  /** As the operating system counts them. */
  readonly id: number;
  requests = 0;
  mostInFlight = 0;
  readonly random: Random;
  /** Somebody who looks at what it does; see `Watch`. */
  watch: Watch | undefined;
  #isCancelled = false;
  /** What a cancelled process calls off. */
  readonly #stopped = new Set<() => void>();
  #endsNow: () => void = () => undefined;
  #calls = 0;
  #inFlight = 0;
  #nonces = 0;

  /** @param signalled false: in a container, which no signal of the agent reaches */
  constructor(
    readonly world: World,
    readonly name: string,
    readonly plan: StagePlan,
    seed: readonly (string | number)[],
    private readonly signalled = true,
  ) {
    this.id = world.register(this);
    this.random = new Random(...seed, name);
    this.killed = new Promise(resolve => {
      this.#endsNow = resolve;
    });
  }

  effects(agent: Agent): Effects {
    const nonce = () => this.random.stream('nonce', this.#nonces++).bytes(4).toString('hex');
    const cleanup: Effects = {
      agent,
      clock: this.#clock('goes on'),
      http: networkOf(this.world, this, 'goes on'),
      nonce,
      get cleanup() {
        return cleanup;
      },
    };
    return {
      agent,
      clock: this.#clock('ends'),
      http: networkOf(this.world, this, 'ends'),
      nonce,
      cleanup,
    };
  }

  /** Counts a call to the outside; the plan may end the process there. */
  calls(): CallFate {
    const { stop } = this.plan;
    const isHere = stop?.call === this.#calls++;
    if (!this.alive) return { end: 'before', sent: () => undefined };
    if (isHere && stop.moment === 'before') {
      this.stop(stop.how);
      return { end: this.isAlive() ? undefined : 'before', sent: () => undefined };
    }
    return {
      end: undefined,
      sent: () => {
        if (isHere) this.stop(stop.how);
      },
    };
  }

  isAlive(): boolean {
    return this.alive;
  }

  stop(how: Stop['how']): void {
    if (!this.alive) return;
    if (how === 'kill') this.kill();
    else this.cancel();
  }

  /** SIGINT now, SIGKILL ten seconds later. */
  cancel(): void {
    this.world.tell(this.name, this.signalled ? 'SIGINT' : 'cancelled, but no signal reaches a container');
    this.world.tally.count('cancelled');
    this.world.tally.count(`cancelled: ${kindOf(this.name)}`);
    if (!this.signalled) {
      this.#endsNow();
      return;
    }
    this.world.time.after(KILLED_AFTER, () => {
      if (this.alive) this.kill();
    });
    this.#isCancelled = true;
    for (const stopped of this.#stopped) stopped();
    this.#stopped.clear();
  }

  kill(): void {
    this.world.tell(this.name, 'SIGKILL');
    this.world.tally.count('killed');
    this.world.tally.count(`killed: ${kindOf(this.name)}`);
    this.alive = false;
    this.#endsNow();
  }

  /** Its story is over: nothing is left to stop. */
  ended(): void {
    this.alive = false;
  }

  enters(): void {
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
  }

  leaves(): void {
    this.#inFlight -= 1;
  }

  /** Resolves never for a process that does not live any more: it does not hear of anything. */
  hears<T>(value: T): Promise<T> {
    return this.alive ? Promise.resolve(value) : new Promise(() => undefined);
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** @param stopped hears that the process was cancelled. @returns what ends that */
  onCancel(stopped: () => void): () => void {
    this.#stopped.add(stopped);
    return () => void this.#stopped.delete(stopped);
  }

  #clock(afterCancel: AfterCancel): Clock {
    const { world } = this;
    return {
      now: () => new Date(world.time.now + this.plan.clock),
      wait: milliseconds =>
        new Promise((resolve, reject) => {
          const call = this.calls();
          if (call.end === 'before') return;
          const stopped = () => {
            reject(new Failure('cancelled', 'The step was cancelled.', ''));
          };
          if (afterCancel === 'ends' && this.#isCancelled) {
            stopped();
            return;
          }
          world.tell(this.name, () => `waits ${(milliseconds / 1000).toFixed(1)} s`);
          world.tally.count('waits');
          const listens = afterCancel === 'ends' ? this.onCancel(stopped) : undefined;
          world.time.after(milliseconds, () => {
            listens?.();
            if (this.alive) resolve();
          });
          call.sent();
        }),
    };
  }
}

/** `job 0 post` and `job 3 post` are of one kind. */
function kindOf(name: string): string {
  return name.replace(/ \d+/, '');
}
