import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, type Environment } from './stage-process.js';

export interface Pair {
  /** Of the task's process, in milliseconds. */
  readonly median: number;
  /** Task to empty process, over the pairs: median, tenth and ninetieth percentile. */
  readonly ratio: number;
  readonly tenth: number;
  readonly ninetieth: number;
  readonly warmups: number;
  /** Of the script to the other one, over the pairs: median. */
  readonly toOther?: number;
}

const WARMUPS = 2;

/**
 * Runs an empty Node process, a script and perhaps another one in turn, in the same small environment, and compares each pair: the machine's
 * speed may drift, but hardly within one pair.
 */
export async function pairedRuns(
  script: string,
  prepare: () => Promise<Environment>,
  runs: number,
  other?: string,
): Promise<Pair> {
  const times: number[] = [];
  const toOther: number[] = [];
  const ratios: number[] = [];
  for (let run = -WARMUPS; run < runs; run++) {
    const environment = await prepare();
    const empty = await timed(['-e', '0'], environment);
    const task = await timed([script], environment);
    const beside = other === undefined ? undefined : await timed([other], environment);
    if (run < 0) continue;
    if (beside !== undefined) toOther.push(task / beside);
    times.push(task);
    ratios.push(task / empty);
  }
  return {
    median: percentile(times, 0.5),
    ratio: percentile(ratios, 0.5),
    tenth: percentile(ratios, 0.1),
    ninetieth: percentile(ratios, 0.9),
    warmups: WARMUPS,
    ...(other === undefined ? {} : { toOther: percentile(toOther, 0.5) }),
  };
}

/** Peak resident memory of both, in kilobytes. */
export async function measureMemory(
  script: string,
  environment: Environment,
): Promise<{ task: number; empty: number }> {
  const empty = await probedRun(['-e', '0'], environment);
  const task = await probedRun([script], environment);
  return { empty: empty.peak, task: task.peak };
}

/** A single run of a script: its time in milliseconds, and its peak resident memory in kilobytes. */
export function measuredRun(script: string, environment: Environment): Promise<ProbedRun> {
  return probedRun([script], environment);
}

export interface ProbedRun {
  readonly milliseconds: number;
  readonly peak: number;
}

/** Memory as Linux counts it (VmHWM). */
export async function probedRun(args: readonly string[], environment: Environment): Promise<ProbedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-bench-'));
  try {
    const probe = join(folder, 'probe.cjs');
    const report = join(folder, 'peak');
    await writeFile(
      probe,
      // Not resourceUsage(): its peak starts with that of the process this one was forked from.
      `process.on('exit', () => {
        const { readFileSync, writeFileSync } = require('fs');
        const status = readFileSync('/proc/self/status', 'utf8');
        writeFileSync(${JSON.stringify(report)}, /VmHWM:\\s+(\\d+)/.exec(status)[1]);
      });`,
    );
    const milliseconds = await timed(['--require', probe, ...args], environment);
    return { milliseconds, peak: Number(await readFile(report, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds from start to end of a Node process. @throws Error when it does not end well */
async function timed(args: readonly string[], environment: Environment): Promise<number> {
  return (await runProcess(process.execPath, args, environment)).milliseconds;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}
