import { spawn } from 'node:child_process';
import type { Timing } from './job-options.js';
import { LineSplitter, OutputQueue } from './output-lines.js';

export interface ProcessStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timing: Timing;
  readonly random: (() => number) | undefined;
  readonly onLine: (line: string) => void;
}

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
  /** SIGINT, then SIGTERM, then SIGKILL, each after its delay, to this process alone. */
  stop(): void;
  /** SIGKILL; its last output is not waited for. */
  kill(): void;
  /** Takes the step for finished although the process runs on; its later output is dropped. */
  abandon(): void;
}

export function startProcess(start: ProcessStart): StepProcess {
  const child = spawn(start.file, start.args, {
    cwd: start.cwd,
    env: start.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => timers.add(setTimeout(act, ms));
  const raw: Buffer[] = [];
  let listening = true;
  const queue = new OutputQueue(line => {
    if (listening) start.onLine(line);
  }, start.random);

  let openStreams = 2;
  let exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  let finish: (code: number | null, signal: NodeJS.Signals | null) => void = () => undefined;

  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    finish = (exitCode, signal) => {
      if (!listening) return;
      queue.drain();
      listening = false;
      for (const timer of timers) clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
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

  const running = () => exit === undefined;
  return {
    ended,
    send: signal => {
      if (running()) child.kill(signal);
    },
    stop: () => {
      if (!running()) return;
      child.kill('SIGINT');
      later(start.timing.sigintMs, () => {
        if (!running()) return;
        child.kill('SIGTERM');
        later(start.timing.sigtermMs, () => {
          if (running()) child.kill('SIGKILL');
        });
      });
    },
    kill: () => {
      killed = true;
      if (exit === undefined) child.kill('SIGKILL');
      else finish(exit.code, exit.signal);
    },
    abandon: () => {
      finish(null, null);
    },
  };
}
