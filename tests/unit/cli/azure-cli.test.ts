import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenOfAzureCli } from '../../../cli/sign-in/azure-cli.js';
import { failureOf } from './commands-asked.js';
import { StandIn } from './stand-in.js';

describe('The Azure CLI', function () {
  let folder = '';
  let path: string | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'azure-cli-'));
    path = process.env['PATH'];
    process.env['PATH'] = `${folder}:${path ?? ''}`;
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  /** An `az` that does this, after it wrote down what it was asked. */
  function az(script: string): void {
    writeFileSync(join(folder, 'az'), `#!/bin/sh\nprintf '%s\\n' "$*" >'${folder}/asked'\n${script}\n`);
    chmodSync(join(folder, 'az'), 0o755);
  }

  it('gives the token of whoever is signed in, in the tenant that is known, and it is masked', async () => {
    az(`printf '%s' '{"accessToken":"ey.token.of.erika","tokenType":"Bearer"}'`);
    const world = new StandIn();
    assert.equal(await tokenOfAzureCli('contoso.onmicrosoft.com', world.effects()), 'ey.token.of.erika');
    assert.deepEqual(world.secrets, ['ey.token.of.erika']);
    assert.match(
      readFileSync(join(folder, 'asked'), 'utf8'),
      /^account get-access-token --resource 499b84ac-\S+ --output json --tenant contoso\.onmicrosoft\.com$/m,
    );
  });

  it('that refuses is told in its own last words, with its exit code', async () => {
    az(`echo 'WARNING: old' >&2\necho "ERROR: Please run 'az login' to setup account." >&2\nexit 1`);
    const { topic, message } = await failureOf(tokenOfAzureCli(undefined, new StandIn().effects()));
    assert.equal(topic, 'azure-cli-failed');
    assert.match(message, /gave no token \(exit code 1\): ERROR: Please run 'az login'.*az login/s);
    assert.doesNotMatch(message, /WARNING/);
  });

  it('that says nothing is told so', async () => {
    az('exit 3');
    const { message } = await failureOf(tokenOfAzureCli(undefined, new StandIn().effects()));
    assert.match(message, /exit code 3\): it said nothing/);
  });

  for (const said of ['', 'none', '{"accessToken":""}', '{"accessToken":"with a blank"}'])
    it(`gives no token where it says ${JSON.stringify(said)}`, async () => {
      az(`printf '%s' '${said}'`);
      const { message } = await failureOf(tokenOfAzureCli(undefined, new StandIn().effects()));
      assert.match(message, /answered without a token\. .*az version/);
    });

  it('that answers without end is ended', async () => {
    az('exec yes');
    const { message } = await failureOf(tokenOfAzureCli(undefined, new StandIn().effects()));
    assert.match(message, /gave no token: it answered too much/);
  });

  it('that is not there, or cannot be run, is told', async () => {
    process.env['PATH'] = folder;
    const effects = new StandIn().effects();
    assert.match((await failureOf(tokenOfAzureCli(undefined, effects))).message, /az is not on PATH/);
    writeFileSync(join(folder, 'az'), '');
    assert.match((await failureOf(tokenOfAzureCli(undefined, effects))).message, /az is not executable/);
  });

  it('ends with the command', async () => {
    az('exec sleep 600');
    const world = new StandIn();
    const started = new Promise<void>(resolve => {
      const watcher = watch(folder, () => {
        if (!existsSync(join(folder, 'asked'))) return;
        watcher.close();
        resolve();
      });
    });
    const asked = failureOf(tokenOfAzureCli(undefined, world.effects()));
    await started;
    world.stop.abort();
    assert.equal((await asked).topic, 'cancelled');
  });
});
