import assert from 'node:assert/strict';
import { commandLineTool, run, start, type Outcome, type Running } from './cli-process.js';
import { ConnectionStore } from './connection-store.js';
import { emulatorForEachTest } from './issuing-job.js';

describe('job-pat, once it is set up,', () => {
  const emulator = emulatorForEachTest();
  let store: ConnectionStore;

  before(commandLineTool);
  beforeEach(async () => {
    store = await ConnectionStore.start(emulator());
    emulator().entra.deviceCodes.interval = 1;
  });
  afterEach(() => store.close());

  const organization = () => `${store.url}/contoso`;
  const connectArguments = (...more: string[]) => [
    'connect',
    ...['-o', organization(), '-p', 'sample', '--client-id', emulator().entra.clientId],
    ...more,
  ];

  /** Starts the command, and lets the issuing user do something as soon as the code is shown. */
  async function signingIn(
    arguments_: readonly string[],
    person: () => void = () => {
      emulator().entra.deviceCodes.approve(emulator().entra.user);
    },
  ): Promise<Running> {
    const command = start(arguments_);
    await emulator().waitFor('entra.deviceCode');
    person();
    return command;
  }

  const alive = () => emulator().pats.active();

  function assertNoSecrets({ stdout, stderr }: Outcome): void {
    const { refreshTokens, accessTokens, deviceCodes } = emulator().entra;
    const secrets = [
      ...refreshTokens.map(({ value }) => value),
      ...accessTokens.map(({ value }) => value),
      ...deviceCodes.all.map(({ deviceCode }) => deviceCode),
      ...emulator()
        .pats.list()
        .map(({ value }) => value),
    ];
    for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret), 'a secret was printed');
  }

  describe('doctor', () => {
    it('calls a project that does not exist an error', async () => {
      const outcome = await run(
        ['doctor', '-o', organization(), '-p', 'nowhere', '-c', emulator().entra.clientId],
        { JOB_PAT_REFRESH_TOKEN: emulator().entra.refreshToken },
      );
      assert.equal(outcome.code, 2, outcome.stdout);
      assert.match(
        outcome.stdout,
        /fail {2}connection +contoso has no project "nowhere" that the user who signed in may see/,
      );
      assert.deepEqual(alive(), []);
    });

    it('finds nothing wrong with a good set-up, and leaves no PAT', async () => {
      const outcome = await run(['doctor', '-o', organization(), '-c', emulator().entra.clientId], {
        JOB_PAT_REFRESH_TOKEN: emulator().entra.refreshToken,
      });
      assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
      assert.deepEqual(alive(), []);
      assertNoSecrets(outcome);
    });

    it('tells a policy that allows packages only, as JSON too', async () => {
      emulator().policies.set({ creation: 'packagingOnly' });
      const outcome = await run(['doctor', '-o', organization(), '-c', emulator().entra.clientId, '--json'], {
        JOB_PAT_REFRESH_TOKEN: emulator().entra.refreshToken,
      });
      assert.equal(outcome.code, 1, outcome.stdout);
      const { checks } = JSON.parse(outcome.stdout) as {
        checks: { name: string; level: string; text: string }[];
      };
      assert.match(checks.find(({ name }) => name === 'PAT creation')?.text ?? '', /packages only/);
      assert.deepEqual(alive(), []);
    });

    it('tells that nobody may create PATs', async () => {
      emulator().policies.set({ creation: 'blocked' });
      const outcome = await run(['doctor', '-o', organization(), '-c', emulator().entra.clientId], {
        JOB_PAT_REFRESH_TOKEN: emulator().entra.refreshToken,
      });
      assert.equal(outcome.code, 2);
      assert.match(outcome.stdout, /fail {2}PAT creation .*allow list/);
    });

    it('looks at the service connection: ceilings and age', async () => {
      await (
        await signingIn(connectArguments('--allowed-scopes', 'vso.code'))
      ).ended;
      const outcome = await run(
        ['doctor', '-o', organization(), '-p', 'sample', '-c', emulator().entra.clientId],
        { JOB_PAT_REFRESH_TOKEN: emulator().entra.refreshToken },
      );
      assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
      assert.match(outcome.stdout, /ok {4}age +the stored refresh token is 0 days old/);
    });
  });

  describe('list and revoke', () => {
    const token = () => ({ JOB_PAT_ENTRA_TOKEN: emulator().entra.issueAccessToken().value });

    it('show own PATs and end one by its name', async () => {
      emulator().pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann', scope: 'vso.code' }]);
      const listed = await run(['list', '-o', organization()], token());
      assert.match(listed.stdout, /laptop of Ann +vso\.code/);
      const revoked = await run(['revoke', '-o', organization(), 'laptop of Ann', '--yes'], token());
      assert.equal(revoked.code, 0, revoked.stderr);
      assert.deepEqual(alive(), []);
    });

    it('ask nobody without a terminal', async () => {
      const outcome = await run(['revoke', '-o', organization(), 'x'], token());
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, /--yes/);
    });
  });
});
