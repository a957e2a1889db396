import assert from 'node:assert/strict';
import { builtCli } from '../../scripts/build-cli.js';
import { commandLineTool } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';
import { taskNode } from './packaged-extension.js';
import { PseudoTerminal } from './pseudo-terminal.js';

describe('job-pat exec in a terminal', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  let terminal: PseudoTerminal | undefined;

  before(commandLineTool);
  beforeEach(() => {
    emulator().entra.deviceCodes.interval = 1;
  });
  afterEach(async () => {
    await terminal?.close().catch(() => undefined);
  });

  async function exec(script: string, sign: 'by code' | 'signed in' = 'signed in'): Promise<PseudoTerminal> {
    const { entra } = emulator();
    const token = sign === 'signed in' ? [`JOB_PAT_ENTRA_TOKEN=${entra.issueAccessToken().value}`] : [];
    const where = [
      '-o',
      emulator().organizationUrl('contoso'),
      '-c',
      entra.clientId,
      '--purpose',
      'gitClone',
    ];
    terminal = await PseudoTerminal.start([
      ...['env', ...token, taskNode, builtCli, 'exec', ...where],
      ...['--', 'sh', '-c', script],
    ]);
    return terminal;
  }
  const assertNothingAlive = () => {
    assert.deepEqual(emulator().pats.active(), []);
  };

  it('signs in by code, then lends the terminal to the command', async () => {
    const screen = await exec(
      `test -t 0 && test -t 1 && test -t 2 && printf 'name? ' && read -r name && echo "hello $name"`,
      'by code',
    );
    await screen.shows(/Waiting for the sign-in/);
    emulator().entra.deviceCodes.approve(emulator().entra.user);
    await screen.shows(/name\?/);
    await screen.type('Ann', 'Enter');
    await screen.shows(/hello Ann[^]*Revoked PAT "gitClone job-pat:terminal[^]*code 0/);
    assertNothingAlive();
  });

  it('lets Ctrl+C reach the command once, and revokes when it is over', async () => {
    const screen = await exec(
      `trap 'n=x$n; echo "got $n"' INT; echo ready; while test "$n" != x; do sleep 0.1; done; sleep 0.5; echo "in all $n"; exit 6`,
    );
    await screen.shows(/ready/);
    await screen.type('C-c');
    const end = await screen.shows(/code 6/);
    assert.match(end, /in all x$/m);
    assertNothingAlive();
  });

  it('ends with a command that Ctrl+C ends', async () => {
    const screen = await exec('echo ready; exec sleep 60');
    await screen.shows(/ready/);
    await screen.type('C-c');
    await screen.shows(/Revoked PAT[^]*code 130/);
    assertNothingAlive();
  });

  it('stops at Ctrl+C while it waits for the sign-in', async () => {
    const screen = await exec('echo ran', 'by code');
    await screen.shows(/Waiting for the sign-in/);
    await screen.type('C-c');
    const end = await screen.shows(/code 130/);
    assert.doesNotMatch(end, /ran/);
    assert.deepEqual(emulator().pats.list(), []);
  });

  it('revokes when the terminal is closed', async () => {
    const screen = await exec('echo ready; exec sleep 60');
    await screen.shows(/ready/);
    await screen.close();
    await emulator().waitFor('pats.revoke');
    assertNothingAlive();
  });

  it('revokes when the terminal is closed on a command that does not mind', async () => {
    const screen = await exec(`trap '' HUP; echo ready; sleep 15`);
    await screen.shows(/ready/);
    await screen.close();
    await emulator().waitFor('pats.revoke');
    assertNothingAlive();
  });
});
