import { constants } from 'node:os';
import spawn from 'cross-spawn';
import type { Clock } from '#http/clock';
import type { AskingSignal, Signals } from '../signals.js';
import { isAtTerminal } from '../terminal.js';

/** What became of a program: its exit code, or 128 and the number of the signal that ended it, as shells have it. */
export interface Ended {
  readonly code: number;
  /** Why it did not start; undefined when it did. */
  readonly fault?: string;
}

/** Exit codes of shells for a program that is not there, or cannot be run. */
export const NOT_FOUND = 127;
export const NOT_EXECUTABLE = 126;

/** For a program that was told to end, before its PAT is taken from it; milliseconds. */
const GRACE = 5_000;

/**
 * Runs a program on the terminal and the streams of this process, and hands signals on to it. Where there is a terminal,
 * Ctrl+C and Ctrl+\ come to the program from there: handed on, they would come twice.
 *
 * @param overdue called once when the program was told to end (SIGTERM, SIGHUP) and has not
 */
export async function runProgramOf(
  path: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signals: Signals,
  clock: Clock,
  overdue: () => Promise<void>,
): Promise<Ended> {
  const child = spawn(path, [...words], { stdio: 'inherit', env: environment, shell: false });
  let late: Promise<void> | undefined;
  const handOn = (signal: AskingSignal): void => {
    const ends = signal === 'SIGTERM' || signal === 'SIGHUP';
    if (mayBeHandedOn(signal)) child.kill(signal);
    if (ends) late ??= clock.wait(GRACE).then(() => (isOver() ? undefined : overdue()));
  };
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const giveBack = signals.handOver(handOn);
  try {
    return await new Promise<Ended>(resolve => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        // A signal that could not be sent is told here too; the program goes on.
        if (child.pid === undefined)
          resolve({ code: error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE, fault: error.message });
      });
      child.once('exit', (code, signal) => {
        resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
      });
    });
  } finally {
    giveBack();
  }
}

/** On Windows the console tells every program of it by itself, and there is no other way to tell it. */
function mayBeHandedOn(signal: AskingSignal): boolean {
  if (process.platform === 'win32') return false;
  const fromTerminal = signal === 'SIGINT' || signal === 'SIGQUIT';
  return !(fromTerminal && isAtTerminal());
}
