/** Something that happens at a moment. */
interface Appointment {
  readonly at: number;
  /** Breaks ties: what was arranged first happens first. */
  readonly order: number;
  readonly happen: () => void;
  cancelled: boolean;
}

/** 2026-03-01T10:00:00Z; any moment would do, as long as it is always the same. */
const BEGINNING = Date.UTC(2026, 2, 1, 10);

/**
 * Time that jumps from one appointment to the next. Between two of them everything that follows from the last one has
 * happened: what is simulated waits for nothing but this time.
 */
export class VirtualTime {
  #now = BEGINNING;
  #arranged = 0;
  readonly #heap: Appointment[] = [];

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** Arranges that something happens so many milliseconds from now. @returns what calls it off */
  after(milliseconds: number, happen: () => void): () => void {
    const at = this.#now + Math.max(0, milliseconds);
    const appointment: Appointment = { at, order: this.#arranged++, happen, cancelled: false };
    this.#push(appointment);
    return () => {
      appointment.cancelled = true;
    };
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      this.after(milliseconds, resolve);
    });
  }

  /**
   * Lets time pass until the work is done. @returns its outcome
   * @throws Error when the work waits for something that never comes
   */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const ended = work.finally(() => {
      done = true;
    });
    ended.catch(() => undefined);
    await settled();
    for (;;) {
      // Read through a function: the promise above changes it.
      if (((): boolean => done)()) return ended;
      const next = this.#pop();
      if (next === undefined) throw new Error('Everybody waits, and nothing is arranged any more.');
      if (next.cancelled) continue;
      this.#now = next.at;
      next.happen();
      await settled();
    }
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let at = heap.push(appointment) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(appointment, heap[parent])) break;
      heap[at] = heap[parent] ?? appointment;
      at = parent;
    }
    heap[at] = appointment;
  }

  #pop(): Appointment | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const least = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      const child = heap[least];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Appointment | undefined, other: Appointment | undefined): boolean {
  if (one === undefined) return false;
  if (other === undefined) return true;
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

/** Resolves when every promise that can be settled is: the event loop turns only then. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
