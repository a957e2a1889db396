import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import type { Log, Masker } from '../tasks/common/agent/agent.js';
import { Failure } from '../tasks/common/text/failure.js';
import { rememberSecret, withoutSecrets } from '../tasks/common/text/known-secrets.js';
import { defused } from '../tasks/common/text/outside-text.js';
import { secretForms } from '../tasks/common/text/secret-forms.js';

/**
 * The person at the other end: results go to standard output, everything else to standard error. Nothing that was
 * concealed is ever written.
 */
export interface Terminal extends Log, Masker {
  /** Whether somebody is there to answer a question. */
  readonly interactive: boolean;
  /** Colours of standard output, and of standard error; without effect where it is no terminal. */
  readonly colors: { readonly out: Colors; readonly err: Colors };
  /** Columns of standard output; wide when it is no terminal. */
  readonly width: number;
  /** A result. Text from outside has gone through `outsideText` before. */
  print(text: string): void;
  /** Something to read while the work goes on; the same care as for `print`. */
  say(text: string): void;
  /** A line that changes in place, on a terminal; elsewhere it is silent. Returns what ends it. */
  waiting(line: (second: number) => string): () => void;
  /** An answer typed by a person. @throws Failure when nobody is there */
  ask(question: string): Promise<string>;
  /** The same without showing what is typed; without a terminal, the first line of standard input. */
  askSecret(question: string): Promise<string>;
}

const PLAIN = pc.createColors(false);
const WIDE = 160;

export function realTerminal(options: {
  readonly debug: boolean;
  readonly cancelled: AbortSignal;
}): Terminal {
  const { stdin, stdout, stderr } = process;
  const out = colorsFor(stdout);
  const err = colorsFor(stderr);
  const interactive = stdin.isTTY && stderr.isTTY;
  /** The line that changes in place; other lines are written above it. */
  let live = '';
  const erase = () => {
    if (live !== '') stderr.write('\r\u001B[2K');
  };
  const writeBelow = (line: string) => {
    erase();
    stderr.write(`${line}\n`);
    if (live !== '') stderr.write(live);
  };
  const clean = (text: string) => defused(withoutSecrets(text).replace(/\r\n?/g, '\n'));

  const terminal: Terminal = {
    interactive,
    colors: { out, err },
    width: stdout.isTTY ? stdout.columns : WIDE,
    print: text => {
      stdout.write(`${withoutSecrets(text)}\n`);
    },
    say: text => {
      writeBelow(withoutSecrets(text));
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
    conceal: secret => {
      for (const form of secretForms(secret)) rememberSecret(form);
    },
    waiting: line => {
      if (!stderr.isTTY) return () => undefined;
      let second = 0;
      const draw = () => {
        erase();
        live = withoutSecrets(line(second));
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
      return lineFrom(`${question} `, false, options.cancelled);
    },
    askSecret: async question => {
      const typed = interactive
        ? await lineFrom(`${question} `, true, options.cancelled)
        : ((await textOf(stdin)).split(/\r?\n/)[0] ?? '');
      const secret = typed.trim();
      if (secret !== '') terminal.conceal(secret);
      return secret;
    },
  };
  return terminal;
}

/** NO_COLOR, FORCE_COLOR and TERM=dumb count as everywhere. */
function colorsFor(stream: NodeJS.WriteStream): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return PLAIN;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return pc.createColors(true);
  return stream.isTTY && TERM !== 'dumb' ? pc.createColors(true) : PLAIN;
}

function nobodyThere(question: string): Failure {
  return new Failure(
    'input-not-valid',
    `There is no terminal to ask: ${question}`,
    'Say it with an option; --help shows them.',
  );
}

/** A hidden answer is not echoed: readline writes into nothing. */
function lineFrom(question: string, hidden: boolean, cancelled: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const reader = createInterface({
    input: process.stdin,
    ...(hidden ? {} : { output: process.stderr }),
    terminal: true,
    historySize: 0,
  });
  return new Promise((resolve, reject) => {
    let answered = false;
    reader.once('line', line => {
      answered = true;
      if (hidden) process.stderr.write('\n');
      reader.close();
      resolve(line.trim());
    });
    reader.once('SIGINT', () => {
      reader.close();
    });
    reader.once('close', () => {
      if (answered) return;
      process.stderr.write('\n');
      reject(new Failure('cancelled', 'Stopped at a question.', ''));
    });
    cancelled.addEventListener('abort', () => {
      reader.close();
    });
  });
}
