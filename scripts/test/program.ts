import { spawn } from 'node:child_process';
import { root } from '../paths.js';
import { whole, type Part, type Screen } from './part.js';

/** Runs a program in the repository; what it prints goes to the screen of its part. @returns its exit code */
export function runProgram(
  command: string,
  args: readonly string[],
  screen: Screen,
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...environment },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        screen.write(text);
      });
    }
    child.on('error', reject);
    child.on('close', code => {
      resolve(code ?? 1);
    });
  });
}

/** A program of node_modules that passes or fails as a whole. */
export function check(name: string, script: string, ...args: string[]): Part {
  return {
    name,
    run: async screen => whole(name, (await runProgram(process.execPath, [script, ...args], screen)) === 0),
  };
}
