import { Connection, type Ways } from './connection.js';

/**
 * - `ended`: a connection carries one request
 * - `kept`: it is handed on to the next request to its host, unless it has been idle for seconds
 * - `shared`: the same in a step that keeps two hosts busy, so that each of them leaves room for the other
 */
export type AfterRequest = 'ended' | 'kept' | 'shared';

/** Open at once in a step of many requests, to all hosts together; idle ones and dialled ones are among them. */
export const MOST_CONNECTIONS = 12;
/** To one host: as many as there are requests in flight, or a little less than half of all. */
const MOST_TO_A_HOST = { kept: 8, shared: 5 } as const;

/** Opens the connections of a step, ahead of their requests where it is told to, and hands them out. */
export class Connections {
  readonly #open = new Set<Connection>();
  #waiting: (() => void)[] = [];

  constructor(
    private readonly ways: Ways,
    private readonly after: AfterRequest,
  ) {}

  /**
   * Opens a connection for a request to come, which carries nothing until then. One that fails, or that the server closes,
   * is forgotten without a word: the request opens its own.
   */
  dial(url: URL): void {
    if (!this.#hasRoom(url.origin)) return;
    this.#add(url).dial();
  }

  /** A connection for one request: one that rests or was dialled, or else one that opens with the request. */
  async take(url: URL): Promise<Connection> {
    if (this.#resting(url.origin) !== undefined) await closingsNoticed();
    for (;;) {
      const connection =
        this.#resting(url.origin) ?? (this.#hasRoom(url.origin) ? this.#add(url) : undefined);
      if (connection !== undefined) {
        connection.isTaken = true;
        return connection;
      }
      await this.#change(url.origin);
    }
  }

  #resting(origin: string): Connection | undefined {
    return [...this.#open].find(connection => connection.origin === origin && !connection.isTaken);
  }

  #hasRoom(origin: string): boolean {
    if (this.after === 'ended') return true;
    const toHost = [...this.#open].filter(connection => connection.origin === origin).length;
    return toHost < MOST_TO_A_HOST[this.after] && this.#open.size < MOST_CONNECTIONS;
  }

  #add(url: URL): Connection {
    const changed = () => {
      if (connection.isGone) this.#open.delete(connection);
      for (const look of this.#waiting.splice(0)) look();
    };
    const connection = new Connection(url, this.ways, this.after !== 'ended', changed);
    this.#open.add(connection);
    return connection;
  }

  /** Waits for a connection that rests, or for room. Where other hosts have it all, one that rests there is ended. */
  async #change(origin: string): Promise<void> {
    const changed = new Promise<void>(resolve => this.#waiting.push(resolve));
    const all = [...this.#open];
    if (all.every(connection => connection.origin !== origin)) all.find(({ isTaken }) => !isTaken)?.end();
    await changed;
  }
}

/** Lets what has arrived be read, such as the end of a connection that has been idle. */
function closingsNoticed(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
