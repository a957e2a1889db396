import { asFailure, Failure } from '../tasks/common/text/failure.js';
import { terminalEffects, type TerminalEffects } from './effects.js';
import { atTerminal } from './advice.js';
import { realTerminal } from './terminal.js';

/** Exit codes, as --help and docs/troubleshooting.md list them. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/**
 * Runs one command: the only place where effects are made, errors are caught and the exit code is set. Ctrl+C ends what
 * is under way; the command then puts in order what it began, and a second Ctrl+C does not cut that short.
 */
export async function runCommand(
  options: { readonly debug: boolean; readonly version: string },
  story: (effects: TerminalEffects) => Promise<number>,
): Promise<never> {
  const stop = new AbortController();
  const terminal = realTerminal({ debug: options.debug, cancelled: stop.signal });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) terminal.info('Stopping; what was begun is put in order first.');
      stop.abort();
    });
  }
  // Nobody reads on, as behind `| head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let code: number;
  try {
    code = await story(terminalEffects(terminal, options.version, stop.signal));
  } catch (caught) {
    const failure = asFailure(caught);
    code = codeOf(failure);
    if (failure.topic === 'cancelled') terminal.info('Stopped.');
    else terminal.error(`${atTerminal(failure).message} [${failure.topic}]`);
    if (options.debug) terminal.say(stackOf(caught));
  }
  // A connection that hangs must not hold the command after its end.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

function codeOf({ topic }: Failure): number {
  if (topic === 'cancelled') return EXIT.stopped;
  const usage = topic === 'input-not-valid' || topic === 'connection-not-usable';
  return usage ? EXIT.usage : EXIT.failed;
}

function stackOf(caught: unknown): string {
  const stack = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
  const cause = caught instanceof Failure && caught.cause instanceof Error ? caught.cause.stack : undefined;
  return cause === undefined ? stack : `${stack}\ncaused by ${cause}`;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => {
      resolve();
    });
  });
}
