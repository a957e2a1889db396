import assert from 'node:assert/strict';
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
    const { clientId } = emulator().entra;
    const where = ['-o', `${store.url}/contoso`, '-c', clientId];
    terminal = await PseudoTerminal.start([taskNode, builtCli, command, ...where, ...more]);
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
