import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { isOperation, type Operation, type OperationFilter } from './router.js';

/** What became of the connection: still waiting, answered in full, or ended by one side before that. */
export type Connection = 'waiting' | 'answered' | 'cutByClient' | 'cutByServer';

/** One request as it was received, secrets included, so that a test can search it. */
export interface RequestRecord {
  /** 1 for the first request of the emulator. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  /** The query string without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly operation: Operation;
  /** The organization of the path, as it was written there. */
  readonly organization: string | undefined;
  /** When the request arrived, by the emulator's clock. */
  readonly time: Date;
  /** The body as text, once it was read. */
  body: string;
  /** The HTTP status sent, if any was. */
  status: number | undefined;
  connection: Connection;
  /** Milliseconds from arrival to the end, once it ended. */
  duration: number | undefined;
  /** The name of the fault that was played, if one was. */
  fault: string | undefined;
}

/** `arrival`: the request is read, its handling begins. `request`: it was answered or its connection ended. */
export type Phase = 'arrival' | 'request';

export interface WaitOptions {
  /** Which request of the operation to wait for, counted from the start; 1 is the first. */
  readonly nth?: number;
  /** Wait for its arrival only, or until it ended (default). */
  readonly phase?: Phase;
}

/** Every request, in order of arrival, and the moments at which they arrive and end. */
export class Journal {
  readonly #events = new EventEmitter();
  readonly records: RequestRecord[] = [];
  readonly #waiting = new Set<() => void>();
  #count = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #closed = false;

  constructor() {
    this.#events.setMaxListeners(0);
  }

  /** The largest number of requests that were being handled at the same moment. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  of(filter: OperationFilter): RequestRecord[] {
    return this.records.filter(record => isOperation(filter, record.operation));
  }

  /** Calls the listener at every such moment; returns what ends that. */
  on(phase: Phase, listener: (record: RequestRecord) => void): () => void {
    this.#events.on(phase, listener);
    return () => this.#events.off(phase, listener);
  }

  /** Resolves with the nth request of the operation, also when it is already there. Rejects when the emulator closes. */
  async waitFor(
    filter: OperationFilter,
    { nth = 1, phase = 'request' }: WaitOptions = {},
  ): Promise<RequestRecord> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const record = this.of(filter)[nth - 1];
        if (record && (phase === 'arrival' || record.connection !== 'waiting')) resolve(record);
        else if (this.#closed)
          reject(new Error(`The emulator closed before request ${nth} of ${filter} came.`));
        else return false;
        return true;
      };
      if (look()) return;
      const stop = [this.on('arrival', onEvent), this.on('request', onEvent)];
      this.#waiting.add(onEvent);
      const waiting = this.#waiting;
      function onEvent(): void {
        if (!look()) return;
        stop.forEach(end => {
          end();
        });
        waiting.delete(onEvent);
      }
    });
  }

  /** Writes down that a request came, and gives it its number. */
  begin(request: Omit<RequestRecord, 'number'>): RequestRecord {
    this.#count += 1;
    const record = { ...request, number: this.#count };
    this.records.push(record);
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    return record;
  }

  arrived(record: RequestRecord): void {
    this.#events.emit('arrival', record);
  }

  end(record: RequestRecord): void {
    this.#inFlight -= 1;
    this.#events.emit('request', record);
  }

  /** Forgets what was recorded; requests in flight still count. */
  clear(): void {
    this.records.length = 0;
    this.#maxInFlight = this.#inFlight;
  }

  close(): void {
    this.#closed = true;
    for (const look of [...this.#waiting]) look();
  }
}
