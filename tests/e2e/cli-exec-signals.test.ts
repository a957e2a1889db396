import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '#emulator/index';
import { commandLineTool, start, type Running } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';

/** Resolves as soon as the command has written this. */
async function writes(running: Running, text: string): Promise<void> {
  const { child, ended } = running;
  assert.ok(child.stdout && child.stderr);
  while (!running.output().includes(text)) {
    const over = ended.then(() => assert.fail(`it ended without "${text}": ${running.output()}`));
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), over]);
  }
}

describe('job-pat exec, told to end', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  before(commandLineTool);

  const exec = (script: string, environment: Record<string, string> = {}, ...more: string[]): Running => {
    const token = { JOB_PAT_ENTRA_TOKEN: emulator().entra.issueAccessToken().value };
    const where = ['-o', emulator().organizationUrl('contoso'), '--purpose', 'gitClone', ...more];
    return start(['exec', ...where, '--', 'sh', '-c', script], { ...token, ...environment });
  };
  const made = () => emulator().pats.list();
  const assertNothingAlive = () => {
    assert.deepEqual(emulator().pats.active(), []);
  };

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const) {
    it(`hands ${signal} to the command, waits for it, and revokes`, async () => {
      const name = signal.slice(3);
      const running = exec(
        `trap 'echo got ${name}; exit ${code}' ${name}; echo ready; while :; do sleep 0.1; done`,
      );
      await writes(running, 'ready');
      assert.equal(emulator().pats.active().length, 1);
      running.child.kill(signal);
      const ended = await running.ended;
      assert.equal(ended.code, code, ended.stderr);
      assert.equal(ended.stdout, `ready\ngot ${name}\n`);
      assertNothingAlive();
    });
  }

  it('takes the PAT from a command that does not end, and goes on waiting for it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'job-pat-signals-'));
    const goal = join(folder, 'over');
    const running = exec(`trap '' TERM; echo ready; while test ! -e '${goal}'; do sleep 0.1; done; exit 7`);
    await writes(running, 'ready');
    running.child.kill('SIGTERM');
    await emulator().waitFor('pats.revoke');
    await writes(running, 'goes on; its PAT is revoked now');
    await writeFile(goal, '');
    assert.equal((await running.ended).code, 7);
    await rm(folder, { recursive: true });
    assertNothingAlive();
  });

  it('leaves an interactive command its Ctrl+C, and the PAT', async () => {
    const running = exec(`trap 'echo again' INT; echo ready; for i in 1 2 3 4; do sleep 0.3; done; exit 5`);
    await writes(running, 'ready');
    running.child.kill('SIGINT');
    await writes(running, 'again');
    assert.equal(emulator().pats.active().length, 1);
    const { code, stderr } = await running.ended;
    assert.equal(code, 5);
    assert.doesNotMatch(stderr, /Stopping/);
    assertNothingAlive();
  });

  describe('at any other moment,', () => {
    it('while somebody should sign in, has made nothing', async () => {
      const running = exec('echo ran', { JOB_PAT_ENTRA_TOKEN: '' }, '-c', emulator().entra.clientId);
      await emulator().waitFor('entra.deviceCode');
      running.child.kill('SIGINT');
      const { code, stdout } = await running.ended;
      assert.deepEqual([code, stdout], [130, '']);
      assert.deepEqual(made(), []);
    });

    for (const [what, prepare] of [
      ['is slow to answer', fault.slow(1_500)],
      ['makes the PAT and never answers', fault.hangAfter()],
      ['makes the PAT and cuts the connection', fault.resetAfter()],
    ] as const) {
      it(`while a service that ${what} makes the PAT, revokes it`, async () => {
        emulator().faults.add('pats.create', prepare);
        const running = exec('echo ran');
        await emulator().waitFor('pats.create', { phase: 'arrival' });
        running.child.kill('SIGTERM');
        const { code, stdout, stderr } = await running.ended;
        assert.deepEqual([code, stdout], [130, ''], stderr);
        assert.equal(made().length, 1);
        assertNothingAlive();
      }).timeout(120_000);
    }

    it('while the PAT is proved, revokes it and starts nothing', async () => {
      emulator().faults.add('connectionData', fault.hang());
      const running = exec('echo ran');
      await emulator().waitFor('connectionData', { phase: 'arrival' });
      running.child.kill('SIGINT');
      const { code, stdout } = await running.ended;
      assert.deepEqual([code, stdout], [130, '']);
      assertNothingAlive();
    });

    it('while it revokes, revokes all the same', async () => {
      emulator().faults.add('pats.revoke', fault.unavailable(503, 1));
      const running = exec('exit 3');
      await emulator().waitFor('pats.revoke');
      running.child.kill('SIGINT');
      running.child.kill('SIGTERM');
      assert.equal((await running.ended).code, 3);
      assertNothingAlive();
    });
  });
});
