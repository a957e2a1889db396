import { StringDecoder } from 'node:string_decoder';

/** Cuts a byte stream into lines at LF, CR and CRLF, wherever the chunks end. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #afterReturn = false;

  /** Returns the lines that are complete with this chunk. */
  push(chunk: Buffer): string[] {
    return this.#take(this.#decoder.write(chunk));
  }

  /** Returns what is left: a last line without its end counts as a line. */
  end(): string[] {
    const lines = this.#take(this.#decoder.end());
    if (this.#rest !== '') lines.push(this.#rest);
    this.#rest = '';
    return lines;
  }

  #take(text: string): string[] {
    if (text === '') return [];
    const fresh = this.#afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterReturn = text.endsWith('\r');
    const lines = (this.#rest + fresh).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}

/**
 * The lines of both streams of a process in the order the agent handles them: of what is waiting, stderr
 * comes first. With a random source the streams are mixed by chance, each keeping its own order.
 */
export class OutputQueue {
  readonly #waiting = { stderr: [] as string[], stdout: [] as string[] };
  readonly #deliver: (line: string) => void;
  readonly #random: (() => number) | undefined;
  #scheduled = false;

  constructor(deliver: (line: string) => void, random?: () => number) {
    this.#deliver = deliver;
    this.#random = random;
  }

  add(stream: 'stdout' | 'stderr', lines: readonly string[]): void {
    this.#waiting[stream].push(...lines);
    if (this.#scheduled || lines.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.drain();
    });
  }

  drain(): void {
    for (let line = this.#next(); line !== undefined; line = this.#next()) this.#deliver(line);
  }

  #next(): string | undefined {
    const { stderr, stdout } = this.#waiting;
    const stdoutFirst = this.#random !== undefined && this.#random() < 0.5;
    return stdoutFirst ? (stdout.shift() ?? stderr.shift()) : (stderr.shift() ?? stdout.shift());
  }
}

/** A repeatable random source (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
