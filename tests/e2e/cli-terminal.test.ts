import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtCli } from '../../scripts/build-cli.js';
import { commandLineTool } from './cli-process.js';
import { ConnectionStore } from './connection-store.js';
import { emulatorForEachTest } from './issuing-job.js';
import { taskNode } from './packaged-extension.js';
import { PseudoTerminal } from './pseudo-terminal.js';

describe('job-pat in a terminal', () => {
  const emulator = emulatorForEachTest();
  let store: ConnectionStore;
  let terminal: PseudoTerminal;

  before(commandLineTool);
  beforeEach(async () => {
    store = await ConnectionStore.start(emulator());
    emulator().entra.deviceCodes.interval = 1;
  });
  afterEach(async () => {
    await terminal.close();
    await store.close();
  });

  async function start(command: string, ...more: string[]): Promise<void> {
    await startAt({}, command, ...more);
  }

  async function startAt(
    screen: { columns?: number; redirection?: string; output?: string; environment?: readonly string[] },
    command: string,
    ...more: string[]
  ): Promise<void> {
    const { clientId } = emulator().entra;
    const where = ['-o', `${store.url}/contoso`, '-c', clientId];
    const environment = screen.environment ?? [];
    terminal = await PseudoTerminal.start(
      ['env', ...environment, taskNode, builtCli, command, ...where, ...more],
      screen,
    );
  }

  const approve = () => {
    emulator().entra.deviceCodes.approve(emulator().entra.user);
  };

  it('shows code and address, waits, and tells what was made', async () => {
    await start('connect', '-p', 'sample');
    const screen = await terminal.shows(/Waiting for the sign-in \(the code is good for/);
    assert.ok(screen.includes(`${emulator().url}/devicelogin`));
    assert.ok(screen.includes(emulator().entra.deviceCodes.newest().userCode));
    approve();
    const end = await terminal.shows(/code 0/);
    assert.doesNotMatch(end, /Waiting for the sign-in/);
    assert.match(end, /✓ Service connection PAT issuer made\./);
  });

  it('stops at Ctrl+C and leaves nothing', async () => {
    await start('connect', '-p', 'sample');
    await terminal.shows(/Waiting for the sign-in/);
    await terminal.type('C-c');
    await terminal.shows(/code 130/);
    assert.deepEqual(emulator().pats.active(), []);
    assert.equal(store.connections.size, 0);
  });

  it('asks before it revokes, and takes nothing but yes for an answer', async () => {
    emulator().pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann' }]);
    await start('revoke', 'laptop of Ann');
    await terminal.shows(/Waiting for the sign-in/);
    approve();
    await terminal.shows(/Revoke this PAT\? \[y\/N\]/);
    await terminal.type('n', 'Enter');
    await terminal.shows(/Nothing was revoked\.\s+code 1/);
    assert.equal(emulator().pats.active().length, 1);
  });

  it('waits on one line of a narrow screen, and wipes it out', async () => {
    await startAt({ columns: 40 }, 'list');
    await terminal.shows(/Waiting for the sign-in/);
    await terminal.shows(/Waiting for the sign-in[^\n]*…\n/);
    approve();
    const end = await terminal.shows(/code 0/);
    assert.doesNotMatch(end, /Waiting|Ctrl\+C/);
  });

  it('breaks no id over two lines of a narrow screen', async () => {
    const displayName = 'Nightly build of the shop and everything around it, main';
    emulator().pats.seed([{ organization: 'contoso', displayName, scope: 'vso.code_write vso.packaging' }]);
    const [pat] = emulator().pats.list();
    await startAt({ columns: 60 }, 'revoke', displayName);
    await terminal.shows(/Waiting for the sign-in/);
    approve();
    const screen = await terminal.shows(/Revoke this PAT\?/);
    assert.ok(screen.includes(pat?.authorizationId ?? '?'), screen);
    await terminal.type('y', 'Enter');
    const end = await terminal.shows(/code 0/);
    assert.ok(end.includes(`(${pat?.authorizationId ?? '?'})`), end);
  });

  for (const variable of ['TERM=dumb', 'NO_COLOR=1']) {
    it(`writes no escape sequence with ${variable}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'job-pat-terminal-'));
      const output = join(folder, 'output');
      emulator().pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann' }]);
      await startAt({ output, environment: [variable] }, 'revoke', 'laptop of Ann');
      await terminal.shows(/Waiting for the sign-in/);
      approve();
      await terminal.shows(/Revoke this PAT\? \[y\/N\]/);
      await terminal.type('n', 'Enter');
      await terminal.shows(/code 1/);
      const written = await readFile(output, 'utf8');
      await rm(folder, { recursive: true });
      assert.match(written, /Nothing was revoked/);
      assert.ok(!written.includes('\u001B'), JSON.stringify(written));
    });
  }

  it('shows no secret that is typed while standard error goes to a file', async () => {
    const { clientId } = emulator().entra.registerApplication({ clientSecret: 'Secret~of.the-application' });
    const where = ['-o', `${store.url}/contoso`, '-c', clientId, '--client-secret'];
    terminal = await PseudoTerminal.start([taskNode, builtCli, 'list', ...where], {
      redirection: '2>/dev/null',
    });
    await terminal.shows(/Client secret:/);
    await terminal.type('Secret~of.the-application', 'Enter');
    await emulator().waitFor('entra.deviceCode');
    approve();
    const end = await terminal.shows(/code 0/);
    assert.ok(!end.includes('Secret~of'), end);
  });

  it('asks for a client secret without showing it', async () => {
    const { clientId } = emulator().entra.registerApplication({ clientSecret: 'Secret~of.the-application' });
    const where = ['-o', `${store.url}/contoso`, '-c', clientId, '--client-secret'];
    terminal = await PseudoTerminal.start([taskNode, builtCli, 'list', ...where]);
    await terminal.shows(/Client secret:/);
    await terminal.type('Secret~of.the-application', 'Enter');
    await terminal.shows(/Waiting for the sign-in/);
    approve();
    const end = await terminal.shows(/code 0/);
    assert.ok(!end.includes('Secret~of'));
  });
});
