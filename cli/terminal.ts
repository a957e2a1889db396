import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import type { Advice } from '#advice/situation';
import { terminalAdvice } from '#advice/terminal';
import type { Log, Masker } from '#text/log';
import { Failure } from '#advice/failure';
import { rememberSecret, redact } from '#text/redact';
import { escapeLoggingCommands } from '#text/sanitize';
import { secretEncodings } from '#text/secret-encodings';
import { columnsOf, cutTo, wrapped } from './screen-text.js';
import { PipedLines, typedLine, type Streams } from './typed-line.js';

/**
 * The person at the other end: results go to standard output, everything else to standard error. Nothing that was
 * concealed is ever written.
 */
export interface Terminal extends Log, Masker {
  /** What to do, said to a person. */
  readonly advice: Advice;
  /** Whether somebody is there to answer a question. */
  readonly interactive: boolean;
  /** Whether a question is open, so that nothing else is under way. */
  readonly asking: boolean;
  /** Whether debug lines are shown. */
  readonly debugging: boolean;
  /** Colours of standard output, and of standard error; without effect where it is no terminal. */
  readonly colors: { readonly out: Colors; readonly err: Colors };
  /** Columns of standard output; wide when it is no terminal. */
  readonly width: number;
  /** Columns of standard error. */
  readonly sayWidth: number;
  /** A secret that the person asked for, on a line of its own and as it is: nothing else is ever written so. @throws Failure */
  handOut(secret: string): Promise<void>;
  /** A result, as it is. Text from outside has gone through `sanitize` before. */
  print(text: string): void;
  /** Something to read while the work goes on; the same care as for `print`. */
  say(text: string): void;
  /**
   * A line that changes in place, where standard error is a terminal that can do that; elsewhere its first text is
   * said once. Returns what ends it.
   */
  waiting(line: (second: number) => string): () => void;
  /** An answer typed by a person. @throws Failure when nobody is there */
  ask(question: string): Promise<string>;
  /** A secret, named without a mark at its end; it is not shown. Without a terminal, the next line of standard input. */
  askSecret(question: string): Promise<string>;
}

const PLAIN = pc.createColors(false);
/** Where nobody looks, a line may be as long as it wants. */
const WIDE = 10_000;
/** Of a terminal that does not tell its width. */
const USUAL = 80;

export function realTerminal(
  options: { readonly debug: boolean; readonly cancelled: AbortSignal },
  streams: Streams = process,
): Terminal {
  const { stdin, stdout, stderr } = streams;
  const out = colorsFor(stdout);
  const err = colorsFor(stderr);
  const interactive = stdin.isTTY && stderr.isTTY;
  const piped = new PipedLines(stdin);
  /** The line that changes in place; other lines are written above it. Blanks wipe it out: they need no escape. */
  let live = '';
  const erase = () => {
    if (live !== '') stderr.write(`\r${' '.repeat(columnsOf(live))}\r`);
  };
  const writeBelow = (line: string) => {
    erase();
    stderr.write(`${wrapped(line, widthOf(stderr))}\n`);
    if (live !== '') stderr.write(live);
  };
  let asking = false;
  const typed = async (question: string, hidden: boolean): Promise<string> => {
    asking = true;
    try {
      return await typedLine(question, hidden, options.cancelled, streams);
    } finally {
      asking = false;
    }
  };
  const clean = (text: string) => escapeLoggingCommands(redact(text).replace(/\r\n?/g, '\n'));

  const terminal: Terminal = {
    interactive,
    get asking() {
      return asking;
    },
    debugging: options.debug,
    advice: terminalAdvice,
    colors: { out, err },
    get width() {
      return widthOf(stdout);
    },
    get sayWidth() {
      return widthOf(stderr);
    },
    print: text => {
      stdout.write(`${redact(text)}\n`);
    },
    handOut: secret =>
      new Promise((resolve, reject) => {
        stdout.write(`${secret}\n`, error => {
          if (error) reject(notHandedOut(error));
          else resolve();
        });
      }),
    say: text => {
      writeBelow(redact(text));
    },
    info: text => {
      writeBelow(err.dim(clean(text)));
    },
    debug: text => {
      if (options.debug) writeBelow(err.dim(`debug: ${clean(text)}`));
    },
    warning: text => {
      writeBelow(`${err.yellow('warning:')} ${clean(text)}`);
    },
    error: text => {
      writeBelow(`${err.red('error:')} ${clean(text)}`);
    },
    mask: secret => {
      for (const form of secretEncodings(secret)) rememberSecret(form);
    },
    waiting: line => {
      if (!stderr.isTTY || process.env['TERM'] === 'dumb') {
        terminal.say(line(0));
        return () => undefined;
      }
      let second = 0;
      const draw = () => {
        erase();
        // A line that wraps could not be wiped out; the last column belongs to the cursor.
        live = cutTo(redact(line(second)), widthOf(stderr) - 1);
        stderr.write(live);
      };
      draw();
      const timer = setInterval(() => {
        second += 1;
        draw();
      }, 1_000);
      return () => {
        clearInterval(timer);
        erase();
        live = '';
      };
    },
    ask: question => {
      if (!interactive) throw nobodyThere(question);
      return typed(`${question} `, false);
    },
    askSecret: async question => {
      const awaited = () => {
        terminal.info(`Waiting for a line on standard input. ${question} is asked for.`);
      };
      const line = stdin.isTTY
        ? await typed(`${question}: `, true)
        : await piped.next(awaited, options.cancelled);
      const secret = line.trim();
      if (secret !== '') terminal.mask(secret);
      return secret;
    },
  };
  return terminal;
}

function widthOf(stream: NodeJS.WriteStream): number {
  if (!stream.isTTY) return WIDE;
  return stream.columns > 0 ? stream.columns : USUAL;
}

/** NO_COLOR, FORCE_COLOR and TERM=dumb count as everywhere. */
function colorsFor(stream: NodeJS.WriteStream): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return PLAIN;
  if (FORCE_COLOR === '0' || FORCE_COLOR === 'false') return PLAIN;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return pc.createColors(true);
  return stream.isTTY && TERM !== 'dumb' ? pc.createColors(true) : PLAIN;
}

function notHandedOut(error: Error): Failure {
  return new Failure(
    'not-handed-out',
    `Standard output does not take it: ${error.message}`,
    'It is revoked, since nobody has it. Run again with an output that can be written.',
    { cause: error },
  );
}

function nobodyThere(question: string): Failure {
  return new Failure(
    'input-not-valid',
    `There is no terminal to ask: ${question}`,
    'Say it with an option; --help shows them.',
  );
}

/** Whether a terminal is at any end: then its Ctrl+C reaches every program that runs in it by itself. */
export function isAtTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
