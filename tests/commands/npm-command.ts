import { spawn } from 'node:child_process';
import { root } from '../../scripts/paths.js';

export interface Ended {
  readonly code: number | null;
  /** What it printed, errors included. */
  readonly output: string;
}

/** Runs a command of the repository as a person types it. */
export function npmRun(name: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', name, '--', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', code => {
      resolve({ code, output });
    });
  });
}
