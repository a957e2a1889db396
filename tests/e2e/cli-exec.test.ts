import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '#emulator/index';
import { commandLineTool, run, type Outcome } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';

describe('job-pat exec', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  let folder = '';

  before(commandLineTool);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job-pat-exec-test-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const organization = () => emulator().organizationUrl('contoso');
  const token = () => ({ JOB_PAT_ENTRA_TOKEN: emulator().entra.issueAccessToken().value });
  const exec = (
    options: readonly string[],
    command: readonly string[],
    environment: Record<string, string> = {},
    input = '',
  ): Promise<Outcome> =>
    run(
      ['exec', '-o', organization(), ...options, '--', ...command],
      { HOME: folder, TMPDIR: folder, ...token(), ...environment },
      input,
    );
  const made = () => emulator().pats.list();
  const assertNothingAlive = () => {
    assert.deepEqual(emulator().pats.active(), []);
  };

  it('hands a PAT to the command, and revokes it when the command is over', async () => {
    const script = `printf %s "$JOB_PAT"; test -z "$JOB_PAT_ENTRA_TOKEN" || echo 'has the token'`;
    const { code, stdout, stderr } = await exec(['--purpose', 'gitClone'], ['sh', '-c', script]);
    assert.equal(code, 0, stderr);
    const [pat, ...more] = made();
    assert.ok(pat);
    assert.deepEqual([stdout, more], [pat.value, []]);
    assert.equal(pat.scope, 'vso.code');
    assert.equal(pat.validTo.getTime() - pat.validFrom.getTime() <= 15 * 60_000, true);
    assert.match(
      pat.displayName,
      /^gitClone job-pat:terminal\/[\w.-]+\/\d{4}-\d\d-\d\dT[\d:]{8}Z\/[0-9a-f]{8}$/,
    );
    assert.ok(!stderr.includes(pat.value), stderr);
    assertNothingAlive();
  });

  for (const [what, script, expected] of [
    ['success', 'exit 0', 0],
    ['a code', 'exit 3', 3],
    ['a signal', 'kill -TERM $$', 143],
    ['a crash', 'kill -SEGV $$', 139],
  ] as const) {
    it(`passes on ${what} of the command`, async () => {
      const { code, stderr } = await exec(['--purpose', 'gitClone'], ['sh', '-c', script]);
      assert.equal(code, expected, stderr);
      assert.equal(made().length, 1);
      assertNothingAlive();
    });
  }

  it('leaves the streams to the command, byte for byte', async () => {
    const text = 'a line that is counted\n'.repeat(20_000);
    const { code, stdout } = await exec(['--scopes', 'vso.code'], ['cat'], {}, text);
    assert.equal(code, 0);
    assert.ok(stdout === text);
    assertNothingAlive();
  });

  it('issues nothing for a command that is not there, or cannot be run', async () => {
    const file = join(folder, 'script');
    await writeFile(file, '#!/bin/sh\n');
    assert.equal((await exec(['--purpose', 'gitClone'], ['no-such-program'])).code, 127);
    assert.equal((await exec(['--purpose', 'gitClone'], [file])).code, 126);
    assert.deepEqual(emulator().requests, []);
    await chmod(file, 0o755);
    assert.equal((await exec(['--purpose', 'gitClone'], [file])).code, 0);
  });

  it('revokes for a command that the system cannot start after all', async () => {
    const file = join(folder, 'broken');
    await writeFile(file, '#!/no/such/interpreter\n', { mode: 0o755 });
    const { code, stderr } = await exec(['--purpose', 'gitClone'], [file]);
    assert.equal(code, 127);
    assert.match(stderr, /did not start/);
    assert.equal(made().length, 1);
    assertNothingAlive();
  });

  it('tells all faults of the command line at once, and sends nothing', async () => {
    const { code, stderr } = await exec(
      ['--purpose', 'gitClon', '--valid-for', '2d', '--configure', 'gti'],
      [],
    );
    assert.equal(code, 2);
    for (const told of [
      /Nearest: gitClone/,
      /longer than 1d/,
      /"gti" is not a tool/,
      /<command...>: is required/,
    ])
      assert.match(stderr, told);
    assert.deepEqual(emulator().requests, []);
  });

  it('does not read a secret from what belongs to the command', async () => {
    const options = ['--purpose', 'gitClone', '--entra-token'];
    const { code, stderr } = await exec(options, ['cat'], { JOB_PAT_ENTRA_TOKEN: '' }, 'for cat\n');
    assert.equal(code, 2);
    assert.match(stderr, /--entra-token: standard input belongs to the command/);
  });

  it('says which PAT stays alive until when, and does not end green with it', async () => {
    const refusal = { status: 403, typeKey: 'AccessCheckException', message: 'Not from here.' };
    emulator().faults.add('pats.revoke', fault.error(refusal), { times: 1_000 });
    const { code, stderr } = await exec(['--purpose', 'gitClone', '--valid-for', '5m'], ['true']);
    const [pat] = made();
    assert.equal(code, 1, stderr);
    assert.ok(stderr.includes(`PAT "${pat?.displayName ?? ''}"`), stderr);
    assert.match(stderr, /stays alive in contoso until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  });

  it('signs in anew where the first sign-in has ended before the command has', async () => {
    const { clientId, refreshToken } = emulator().entra;
    emulator().faults.add('pats.revoke', fault.signIn(), { times: 1 });
    const environment = { JOB_PAT_ENTRA_TOKEN: '', JOB_PAT_REFRESH_TOKEN: refreshToken };
    const { code, stderr } = await exec(['-c', clientId, '--purpose', 'gitClone'], ['true'], environment);
    assert.equal(code, 0, stderr);
    assert.equal(emulator().requestsOf('entra.token').length, 2);
    assertNothingAlive();
  });

  describe('makes ready', () => {
    const clone = () => ['git', 'clone', '--quiet', emulator().gitUrl('contoso'), join(folder, 'clone')];

    it('git, by the purpose, and leaves no file', async () => {
      const before = await readdir(folder);
      const { code, stderr } = await exec(['--purpose', 'gitClone'], clone());
      assert.equal(code, 0, stderr);
      assert.match(await readFile(join(folder, 'clone', 'README.md'), 'utf8'), /contoso/);
      const config = await readFile(join(folder, 'clone', '.git', 'config'), 'utf8');
      assert.ok(!config.includes(made()[0]?.value ?? '?') && !config.includes('credential'), config);
      assert.deepEqual(await readdir(folder), [...before, 'clone']);
      assertNothingAlive();
    });

    it('no tool with --configure none', async () => {
      const environment = { GIT_TERMINAL_PROMPT: '0' };
      const { code } = await exec(['--purpose', 'gitClone', '--configure', 'none'], clone(), environment);
      assert.notEqual(code, 0);
    });

    it('npm, by the purpose', async () => {
      await mkdir(join(folder, 'shop'));
      await writeFile(
        join(folder, 'shop', '.npmrc'),
        `registry=${emulator().npmRegistryUrl('contoso')}\naudit=false\n`,
      );
      await writeFile(join(folder, 'shop', 'package.json'), '{}');
      const install = ['npm', 'install', '--prefix', join(folder, 'shop'), emulator().packageName];
      const { code, stdout, stderr } = await exec(
        ['--purpose', 'packageRestore'],
        ['sh', '-c', `cd "${folder}/shop" && ${install.join(' ')}`],
      );
      assert.equal(code, 0, stdout + stderr);
      assert.ok((await readdir(join(folder, 'shop', 'node_modules'))).includes(emulator().packageName));
      assertNothingAlive();
    });

    it('a tool that is asked for by name and cannot be, and says why', async () => {
      const { stderr } = await exec(['--purpose', 'packageRestore', '--configure', 'nuget'], ['true']);
      assert.match(stderr, /warning: nuget is left out: /);
    });
  });

  describe('with --az', () => {
    async function azureCli(script: string): Promise<Record<string, string>> {
      const programs = join(folder, 'programs');
      await mkdir(programs, { recursive: true });
      await writeFile(join(programs, 'az'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return { PATH: `${programs}:${process.env['PATH'] ?? ''}`, JOB_PAT_ENTRA_TOKEN: '' };
    }

    it('takes the token of the Azure CLI for Azure DevOps', async () => {
      const answer = JSON.stringify({ accessToken: token().JOB_PAT_ENTRA_TOKEN, tokenType: 'Bearer' });
      const environment = await azureCli(
        `echo "$*" >"$HOME/asked"; echo 'WARNING: old' >&2; echo '${answer}'`,
      );
      const { code, stderr } = await exec(['--az', '--purpose', 'gitClone'], ['true'], environment);
      assert.equal(code, 0, stderr);
      assert.equal(
        await readFile(join(folder, 'asked'), 'utf8'),
        'account get-access-token --resource 499b84ac-1321-427f-aa17-267ca6975798 --output json\n',
      );
      assertNothingAlive();
    });

    for (const [what, script, told] of [
      [
        'is not signed in',
        `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`,
        /exit code 1\): ERROR: Please run 'az login'/,
      ],
      ['answers nonsense', 'echo "<html>"', /answered without a token/],
      [
        'answers without end',
        'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done',
        /it answered too much/,
      ],
    ] as const) {
      it(`says so when it ${what}`, async () => {
        const { code, stderr } = await exec(
          ['--az', '--purpose', 'gitClone'],
          ['true'],
          await azureCli(script),
        );
        assert.equal(code, 1);
        assert.match(stderr, told);
        assert.match(stderr, /\[azure-cli-failed\]/);
        assert.deepEqual(emulator().requests, []);
      });
    }

    it('takes no other sign-in beside it', async () => {
      const { code, stderr } = await exec(
        ['--az', '-c', emulator().entra.clientId, '--purpose', 'gitClone'],
        ['true'],
      );
      assert.equal(code, 2);
      assert.match(stderr, /--az: signs in with the Azure CLI alone: leave --client-id away/);
    });
  });
});
