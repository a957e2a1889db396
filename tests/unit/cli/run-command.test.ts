import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Runs a story of the program `command.ts` as a process, as `job-pat` runs a command. */
async function command(words: readonly string[], stopAt?: string): Promise<Ended> {
  const program = join('tests', 'unit', 'cli', 'programs', 'command.ts');
  const child = spawn(process.execPath, ['--import', 'tsx/esm', program, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const told = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    const before = told.out;
    told.out += chunk.toString();
    if (stopAt !== undefined && !before.includes(stopAt) && told.out.includes(stopAt)) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => (told.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, ...told };
}

describe('A command', function () {
  this.timeout(60_000);

  it('that is done ends with 0, and says nothing beside its result', async () => {
    const { code, out, err } = await command(['done']);
    assert.equal(code, 0);
    assert.match(out, /^[0-9a-f]{8}\n$/);
    assert.equal(err, '');
  });

  it('that is refused ends with 1: thing, repair and where there is more', async () => {
    const { code, err } = await command(['refused']);
    assert.equal(code, 1);
    assert.match(
      err,
      /^error: contoso said no\. Ask somebody\. \[access-denied\] https:\S+#access-denied\n$/,
    );
  });

  it('that is not used as it is meant ends with 2', async () => {
    assert.equal((await command(['misused'])).code, 2);
  });

  it('that breaks says how to find out more, and with --debug where it broke', async () => {
    const { code, err } = await command(['broken', 'debug']);
    assert.equal(code, 1);
    assert.match(err, /did not foresee: x is not a function\. Run again with --debug/);
    assert.match(err, /TypeError: x is not a function\n\s+at /);
  });

  it('that is told to stop puts in order what it began, and ends with 130', async () => {
    const { code, out, err } = await command(['waiting'], 'waiting\n');
    assert.equal(code, 130);
    assert.equal(out, 'waiting\nin order\n');
    assert.match(err, /Stopping; what was begun is put in order first\.\nStopped\.\n$/);
  });
});
