import { PassThrough } from 'node:stream';
import type { Streams } from '../../../cli/typed-line.js';

/** The three streams of a process, with what was written to two of them. */
export class FakeStreams {
  readonly stdin: PassThrough & { isTTY?: boolean };
  readonly #out = new PassThrough();
  readonly #err = new PassThrough();
  readonly #written = { out: '', err: '' };
  readonly #watchers = new Set<() => void>();

  /** @param columns undefined: standard error and output are no terminal */
  constructor(options: { readonly typedBy?: 'person'; readonly columns?: number } = {}) {
    this.stdin = Object.assign(new PassThrough(), options.typedBy === undefined ? {} : { isTTY: true });
    for (const [name, stream] of [
      ['out', this.#out],
      ['err', this.#err],
    ] as const) {
      if (options.columns !== undefined) Object.assign(stream, { isTTY: true, columns: options.columns });
      stream.on('data', (chunk: Buffer) => {
        this.#written[name] += chunk.toString();
        for (const look of this.#watchers) look();
      });
    }
  }

  get streams(): Streams {
    return { stdin: this.stdin, stdout: this.#out, stderr: this.#err } as unknown as Streams;
  }

  get out(): string {
    return this.#written.out;
  }

  get err(): string {
    return this.#written.err;
  }

  /** Resolves as soon as standard error shows this. */
  says(pattern: RegExp): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (!pattern.test(this.err)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  breakOutput(error: Error): void {
    this.#out.destroy(error);
    this.#out.on('error', () => undefined);
  }
}
