import { spawn } from 'node:child_process';
import { parseLoggingCommand } from '#local-agent/logging-command';

export type Environment = Readonly<Record<string, string>>;

/** A process that has ended well. */
export interface EndedProcess {
  /** From its start to its end. */
  readonly milliseconds: number;
  readonly output: string;
}

/**
 * Runs a process to its end, its output read as it comes.
 * @throws Error when it fails, or tells an agent that it did
 */
export function runProcess(
  program: string,
  args: readonly string[],
  environment: Environment,
): Promise<EndedProcess> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(program, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', code => {
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      if (code !== 0 || output.includes('task.complete result=Failed'))
        reject(new Error(`The measured process failed:\n${output.slice(-2000)}`));
      else resolve({ milliseconds, output });
    });
  });
}

/** What a stage left for the next one of its step, as the agent hands it on. */
export function taskVariablesIn(output: string): Record<string, string> {
  const left: Record<string, string> = {};
  for (const line of output.split('\n')) {
    const command = parseLoggingCommand(line);
    if (command?.area !== 'task' || command.event !== 'settaskvariable') continue;
    const name = command.properties.get('variable') ?? '';
    left[`VSTS_TASKVARIABLE_${name.replace(/[. ]/g, '_').toUpperCase()}`] = command.data;
  }
  return left;
}
