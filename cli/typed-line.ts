import { createInterface } from 'node:readline';
import { Failure } from '#advice/failure';

/** Longest line that is read; no secret is longer. */
const LONGEST_LINE = 64 * 1024;
/** Somebody who writes into a pipe does it at once; after so many milliseconds a person is told what is awaited. */
const SILENCE = 1_000;

/** The three streams of a process. */
export type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

/** Where a person is asked: the screen that is there, else standard error, which may be a file. */
function screen({ stdout, stderr }: Streams): NodeJS.WriteStream {
  return !stderr.isTTY && stdout.isTTY ? stdout : stderr;
}

/**
 * A line typed by a person. A hidden one is not shown, wherever standard error goes; a visible one is edited by the
 * terminal itself, without an escape sequence.
 * @throws Failure `cancelled`
 */
export function typedLine(
  question: string,
  hidden: boolean,
  cancelled: AbortSignal,
  streams: Streams,
): Promise<string> {
  const shown = screen(streams);
  // The terminal shows what is typed until there is a reader, so the question comes after it.
  const reader = createInterface({ input: streams.stdin, terminal: hidden, historySize: 0 });
  shown.write(question);
  return new Promise((resolve, reject) => {
    let answered = false;
    const stop = () => {
      reader.close();
    };
    reader.once('line', line => {
      answered = true;
      if (hidden) shown.write('\n');
      reader.close();
      resolve(line.trim());
    });
    reader.once('SIGINT', stop);
    reader.once('close', () => {
      cancelled.removeEventListener('abort', stop);
      if (answered) return;
      shown.write('\n');
      reject(stoppedAtQuestion());
    });
    cancelled.addEventListener('abort', stop);
    if (cancelled.aborted) stop();
  });
}

/** The lines of standard input, where it is no terminal, one after the other. */
export class PipedLines {
  #text = '';
  #ended = false;
  readonly #stdin: NodeJS.ReadStream;

  constructor(stdin: NodeJS.ReadStream) {
    this.#stdin = stdin;
  }

  /**
   * The next line as soon as it is there; empty when there is none.
   *
   * @param silent is called when nobody has written for a while
   * @throws Failure `cancelled`
   */
  async next(silent: () => void, cancelled: AbortSignal): Promise<string> {
    const timer = setTimeout(silent, SILENCE);
    try {
      while (!this.#text.includes('\n') && !this.#ended && this.#text.length <= LONGEST_LINE)
        await this.#more(cancelled);
    } finally {
      clearTimeout(timer);
      this.#stdin.pause();
    }
    const end = this.#text.indexOf('\n');
    const line = end < 0 ? this.#text : this.#text.slice(0, end);
    this.#text = end < 0 ? '' : this.#text.slice(end + 1);
    return line.length > LONGEST_LINE ? '' : line;
  }

  #more(cancelled: AbortSignal): Promise<void> {
    const stdin = this.#stdin;
    if (cancelled.aborted) return Promise.reject(stoppedAtQuestion());
    if (stdin.readableEnded || stdin.destroyed) {
      this.#ended = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const forget = () => {
        stdin.off('data', data).off('end', end).off('error', end);
        cancelled.removeEventListener('abort', stop);
      };
      const data = (chunk: Buffer | string) => {
        forget();
        this.#text += chunk.toString();
        resolve();
      };
      const end = () => {
        forget();
        this.#ended = true;
        resolve();
      };
      const stop = () => {
        forget();
        reject(stoppedAtQuestion());
      };
      cancelled.addEventListener('abort', stop);
      stdin.on('data', data).on('end', end).on('error', end);
      stdin.resume();
    });
  }
}

function stoppedAtQuestion(): Failure {
  return new Failure('cancelled', 'Stopped at a question.', '');
}
