import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Timing } from './job-options.js';
import { LineSplitter, OutputQueue } from './output-lines.js';

export interface ProcessStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timing: Timing;
  readonly random: (() => number) | undefined;
  readonly stopping: Stopping;
  readonly onLine: (line: string) => void;
}

/**
 * How the agent stops a process.
 * - `signals`: SIGINT, SIGTERM, SIGKILL, to it alone, each after its delay.
 * - `patient`: SIGINT alone, and then it is waited for (`USE_GRACEFUL_PROCESS_SHUTDOWN`).
 * - `console`: Ctrl+C and Ctrl+Break to all processes of its console, then their tree is killed (Windows).
 * - `container`: the docker client is signalled, which ends; the process inside runs on.
 */
export type Stopping = 'signals' | 'patient' | 'console' | 'container';

export interface ProcessEnd {
  /** Null if a signal ended it, or if the step was finished while it still ran. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly rawOutput: string;
}

/** A process of a step: its lines go to the agent, and it can be ended the way the agent does. */
export interface StepProcess {
  /** Rejects if the process could not be started. */
  readonly ended: Promise<ProcessEnd>;
  send(signal: NodeJS.Signals): void;
  stop(): void;
  /** SIGKILL; its last output is not waited for. */
  kill(): void;
  /** Takes the step for finished although the process runs on; its later output is dropped. */
  abandon(): void;
  /** Resolves once it has ended, at the latest after this time, when it is ended. */
  remove(afterMs: number): Promise<void>;
}

/** What stands for Ctrl+Break where there is no console: `console-break.cjs` makes `SIGBREAK` of it. */
const consoleBreak = 'SIGUSR2';

export function startProcess(start: ProcessStart): StepProcess {
  const child = spawn(start.file, start.args, {
    cwd: start.cwd,
    env: start.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // A console of its own has all processes below it; a signal reaches them together.
    detached: start.stopping === 'console',
  });
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => timers.add(setTimeout(act, ms));
  const raw: Buffer[] = [];
  let listening = true;
  const queue = new OutputQueue(line => {
    if (listening) start.onLine(line);
  }, start.random);

  const running = () => exit === undefined;
  let openStreams = 2;
  let exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  let finish: (code: number | null, signal: NodeJS.Signals | null) => void = () => undefined;

  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    finish = (exitCode, signal) => {
      if (!listening) return;
      queue.drain();
      listening = false;
      for (const timer of timers) clearTimeout(timer);
      if (start.stopping === 'container' && running()) drop(child);
      else release(child);
      resolve({ exitCode, signal, rawOutput: Buffer.concat(raw).toString('utf8') });
    };
    child.on('error', error => {
      if (child.pid === undefined) reject(error);
    });
  });
  const finishWhenClosed = () => {
    if (exit !== undefined && openStreams === 0) finish(exit.code, exit.signal);
  };

  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter();
    child[name].on('data', (chunk: Buffer) => {
      raw.push(chunk);
      queue.add(name, splitter.push(chunk));
    });
    child[name].on('end', () => {
      queue.add(name, splitter.end());
      openStreams -= 1;
      finishWhenClosed();
    });
  }
  let killed = false;
  child.on('exit', (code, signal) => {
    exit = { code, signal };
    if (killed) finish(code, signal);
    finishWhenClosed();
    // A grandchild may hold the pipes open.
    if (listening)
      later(start.timing.pipeMs, () => {
        finish(code, signal);
      });
  });

  const signal = (name: NodeJS.Signals) => {
    if (!running()) return;
    if (start.stopping === 'console' && child.pid !== undefined) process.kill(-child.pid, name);
    else child.kill(name);
  };
  const stop = () => {
    if (start.stopping === 'container') finish(null, 'SIGINT');
    else signal('SIGINT');
    if (start.stopping !== 'signals' && start.stopping !== 'console') return;
    later(start.timing.sigintMs, () => {
      signal(start.stopping === 'console' ? consoleBreak : 'SIGTERM');
      later(start.timing.sigtermMs, () => {
        signal('SIGKILL');
      });
    });
  };
  return {
    ended,
    send: name => {
      if (running()) child.kill(name);
    },
    stop: () => {
      if (running()) stop();
    },
    kill: () => {
      killed = true;
      if (exit === undefined) child.kill('SIGKILL');
      else finish(exit.code, exit.signal);
    },
    abandon: () => {
      finish(null, null);
    },
    remove: afterMs =>
      new Promise(resolve => {
        if (!running()) {
          resolve();
          return;
        }
        const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
        child.once('exit', () => {
          clearTimeout(timer);
          release(child);
          resolve();
        });
      }),
  };
}

/** Nobody reads its output any more, and it keeps nobody from ending. */
function release(child: Child): void {
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

/** In a container somebody goes on reading, so that it can go on writing. */
function drop(child: Child): void {
  for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners('data').resume();
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
