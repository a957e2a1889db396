import { explained, asFailure, Failure } from '#advice/failure';
import { terminalEffects, type TerminalEffects } from './effects.js';
import { atTerminal } from './advice.js';
import { sayError, type Output } from './output.js';
import { Signals } from './signals.js';
import { realTerminal } from './terminal.js';

/** Exit codes, as --help and docs/troubleshooting.md list them. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/**
 * Runs one command: the only place where effects are made, errors are caught and the exit code is set. Ctrl+C ends what
 * is under way; the command then puts in order what it began, and a second Ctrl+C does not cut that short.
 */
export async function runCommand(
  options: { readonly debug: boolean; readonly version: string; readonly output: Output },
  story: (effects: TerminalEffects) => Promise<number>,
): Promise<never> {
  const stop = new AbortController();
  const terminal = realTerminal({ debug: options.debug, cancelled: stop.signal });
  const signals = new Signals(() => {
    if (!stop.signal.aborted && !terminal.asking)
      terminal.info('Stopping; what was begun is put in order first.');
    stop.abort();
  });
  let code: number;
  try {
    code = await story(terminalEffects(terminal, options.version, stop.signal, signals));
  } catch (caught) {
    const failure = asFailure(caught);
    code = codeOf(failure);
    if (failure.topic === 'cancelled') terminal.info('Stopped.');
    else terminal.error(`${atTerminal(failure).message} ${explained(failure.topic)}`);
    if (options.debug) terminal.say(stackOf(caught));
  }
  // A connection that hangs must not hold the command after its end.
  process.exit(await codeAfter(options.output, code));
}

/** The exit code, once everything is written: what nobody could be told is not done. */
export async function codeAfter(output: Output, code: number): Promise<number> {
  const fault = await output.written();
  if (fault === undefined) return code;
  sayError(`error: not all could be written: ${fault}`);
  await output.written();
  return code === EXIT.done ? EXIT.failed : code;
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
