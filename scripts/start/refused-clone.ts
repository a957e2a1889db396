import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Clones with a PAT that should be dead.
 *
 * @param basic base64 of `:PAT`
 * @returns what git said when it was refused
 * @throws Error when the clone succeeds
 */
export async function tryToClone(url: string, basic: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-clone-'));
  try {
    const { code, output } = await git(['clone', '--quiet', url, join(folder, 'clone')], {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${url}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: 'true',
    });
    if (code === 0) throw new Error('The PAT still works after the job.');
    return output.trim().split('\n').at(-1) ?? '';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function git(
  args: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', code => {
      resolve({ code, output });
    });
  });
}
