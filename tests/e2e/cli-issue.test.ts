import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fault } from '#emulator/index';
import { builtCli } from '../../scripts/build-cli.js';
import { commandLineTool, run, start } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';
import { taskNode } from './packaged-extension.js';

describe('job-pat issue', () => {
  const emulator = emulatorForEachTest();
  before(commandLineTool);

  const organization = () => emulator().organizationUrl('contoso');
  const token = () => ({ JOB_PAT_ENTRA_TOKEN: emulator().entra.issueAccessToken().value });
  const issue = (...options: string[]) => run(['issue', '-o', organization(), ...options], token());

  it('prints the PAT, and nothing else, to standard output, and nowhere else', async () => {
    const { code, stdout, stderr } = await issue(
      '--purpose',
      'gitPush,packageRestore',
      '--scopes',
      'vso.wiki',
    );
    assert.equal(code, 0, stderr);
    const [pat] = emulator().pats.active();
    assert.equal(stdout, `${pat?.value ?? '?'}\n`);
    assert.deepEqual(pat?.scope.split(' ').sort(), ['vso.code_write', 'vso.packaging', 'vso.wiki']);
    assert.ok(!stderr.includes(pat.value), stderr);
    assert.match(stderr, /gitPush: may also edit branch policies/);
    assert.ok(stderr.includes(`${organization()} ${pat.authorizationId}`), stderr);
    const listed = await run(['list', '-o', organization(), '--job-pat', '--json'], token());
    assert.match(listed.stdout, /"madeByJobPat": true/);
  });

  it('keeps to a day, unless the person says otherwise', async () => {
    const refused = await issue('--purpose', 'gitClone', '--valid-for', '30d');
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /--valid-for: "30d" is longer than 1d. Say that you mean it: --max-lifetime 30d/,
    );
    assert.deepEqual(emulator().requests, []);
    const meant = await issue('--purpose', 'gitClone', '--valid-for', '30d', '--max-lifetime', '30d');
    assert.equal(meant.code, 0, meant.stderr);
  });

  it('revokes what nobody could be given', async () => {
    const command = `'${taskNode}' '${builtCli}' issue -o '${organization()}' --purpose gitClone >/dev/full; echo "code $?" >&2`;
    const env = { PATH: process.env['PATH'], ...token() };
    const { stderr } = await promisify(execFile)('bash', ['-c', command], { env });
    assert.match(stderr, /Standard output does not take it: ENOSPC[^]*\[not-handed-out\][^]*code 1/);
    assert.equal(emulator().pats.list().length, 1);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('revokes what does not work, and prints nothing', async () => {
    emulator().faults.add('connectionData', fault.unauthorized(), { times: 1_000 });
    const { code, stdout, stderr } = await issue('--purpose', 'gitClone');
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /\[pat-not-accepted\]/);
    assert.deepEqual(emulator().pats.active(), []);
  }).timeout(90_000);

  it('stopped while the PAT is made, revokes it and prints nothing', async () => {
    emulator().faults.add('pats.create', fault.slow(1_500));
    const { child, ended } = start(['issue', '-o', organization(), '--purpose', 'gitClone'], token());
    await emulator().waitFor('pats.create', { phase: 'arrival' });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stdout], [130, ''], stderr);
    assert.equal(emulator().pats.list().length, 1);
    assert.deepEqual(emulator().pats.active(), []);
  });
});
