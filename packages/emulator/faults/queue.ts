import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { isOperation, type Operation, type OperationFilter } from '../http/router.js';

/** What a fault may do with the request it was matched with. */
export interface FaultContext {
  readonly call: Call;
  /** Handles the request as if there were no fault, optionally with another body than the one received. */
  readonly proceed: (body?: Buffer) => Promise<Reply>;
  /** Resets the connection now; what the fault does afterwards is not seen by the client. */
  readonly cut: () => void;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly gone: () => Promise<void>;
  /** Waits real milliseconds. Rejects when the emulator closes. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** A misbehaviour of the service, played once for each request it is matched with. */
export interface Fault {
  readonly name: string;
  /** Resolves with the answer to send, or with `cut` when the connection is to be reset. */
  act(context: FaultContext): Promise<Reply | 'cut'>;
}

export interface FaultOptions {
  /** How many matching requests it spoils; 1 by default, Infinity for all. */
  readonly times?: number;
  /** Only requests that this accepts. */
  readonly when?: (call: Call) => boolean;
}

/** Faults in the order they were added: a request takes the first that matches it. */
export class FaultQueue {
  readonly #entries: {
    filter: OperationFilter;
    fault: Fault;
    left: number;
    when: (call: Call) => boolean;
  }[] = [];

  add(filter: OperationFilter, fault: Fault, { times = 1, when = () => true }: FaultOptions = {}): void {
    this.#entries.push({ filter, fault, left: times, when });
  }

  /** How many plays are still to come; Infinity while one has no end. */
  get pending(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.left, 0);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** Takes the fault for this request, if there is one. */
  take(operation: Operation, call: Call): Fault | undefined {
    const index = this.#entries.findIndex(entry => isOperation(entry.filter, operation) && entry.when(call));
    const entry = this.#entries[index];
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#entries.splice(index, 1);
    return entry.fault;
  }
}
