import { spawn, type ChildProcess } from 'node:child_process';
import { buildCli, builtCli } from '../../scripts/build-cli.js';
import { taskNode } from './packaged-extension.js';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** What was written so far, to both streams. */
  output(): string;
}

/** Builds the tool unless `npm test` just did. */
export async function commandLineTool(): Promise<string> {
  return process.env['JOB_PAT_CLI'] ?? buildCli();
}

/** Starts the tool without a terminal, with a small environment and nothing else. */
export function start(
  arguments_: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Running {
  const child = spawn(taskNode, [builtCli, ...arguments_], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  const ended = new Promise<Outcome>(resolve => {
    child.on('close', code => {
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended, output: () => stdout + stderr };
}

export function run(
  arguments_: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Outcome> {
  return start(arguments_, environment, input).ended;
}
