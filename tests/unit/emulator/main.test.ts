import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findSpecs } from '#emulator/contract';
import { NO_DOCUMENTS, notHere } from '../../not-here.js';
import { jsonOf, usualScope } from './client.js';
import { ASSERTION_TYPE } from './proving-job.js';

const program = fileURLToPath(new URL('../../../scripts/emulator.ts', import.meta.url));

describe('the emulator as a program', function () {
  this.timeout(30_000);
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  function start(...args: string[]): {
    child: ChildProcess;
    lines: AsyncIterator<string, undefined>;
    errors: () => string;
  } {
    const env = { PATH: process.env['PATH'], JOB_PAT_SPECS: process.env['JOB_PAT_SPECS'], NO_COLOR: '1' };
    const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    return {
      child,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      errors: () => errors,
    };
  }

  async function until(lines: AsyncIterator<string, undefined>, fits: RegExp): Promise<string[]> {
    const read: string[] = [];
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw new Error(`The output ended before ${String(fits)}:\n${read.join('\n')}`);
      read.push(next.value);
      if (fits.test(next.value)) return read;
    }
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`prints what to use, then a line for each request, and ends well at ${signal}`, async () => {
      const { child, lines } = start('-o', 'northwind');
      const sheet = (await until(lines, /time +status/)).join('\n');
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(sheet, /\x1b/);
      for (const label of ['Tenant id', 'Client id', 'Refresh token', 'Organization URL', 'Git repository']) {
        assert.match(sheet, new RegExp(`${label}\\s+\\S`));
      }
      const url = /Organization URL +(\S+)/.exec(sheet)?.[1] ?? '';
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/northwind$/);
      assert.equal((await fetch(`${url}/_apis/connectionData`)).status, 203);
      const line = (await until(lines, /connectionData/)).at(-1) ?? '';
      assert.match(line, /^ {2}\d\d:\d\d:\d\d +203 +connectionData +northwind +\d+ ms$/);
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });
  }

  it('shows the client secret and sets the policy that it was given', async () => {
    const { lines } = start('--client-secret', 'correct-horse', '--max-lifespan', '7');
    const sheet = (await until(lines, /time +status/)).join('\n');
    assert.match(sheet, /Client secret +correct-horse/);
  });

  it('shows what a job needs whose connection proves the application, and an agent identity', async () => {
    const { lines } = start('--federated', '--agent-user');
    const sheet = (await until(lines, /time +status/)).join('\n');
    const told = (label: string): string => new RegExp(`${label}\\s+(\\S.*)`).exec(sheet)?.[1] ?? '';
    assert.equal(told('Client proof'), 'federation');
    for (const label of ['Issuer', 'Subject', 'Blueprint', 'Agent identity'])
      assert.notEqual(told(label), '');
    const query = `api-version=7.1&serviceConnectionId=${told('Connection id')}`;
    const headers = { Authorization: `Bearer ${told('Job token')}` };
    const given = await fetch(`${told('OIDC request URI')}?${query}`, { method: 'POST', headers });
    const { oidcToken } = await jsonOf(given);
    const form = {
      grant_type: 'refresh_token',
      client_id: told('Client id'),
      refresh_token: told('Refresh token'),
      scope: usualScope,
    };
    const redeem = async (proof: Record<string, string>): Promise<number> =>
      (
        await fetch(told('Entra tokens'), {
          method: 'POST',
          body: new URLSearchParams({ ...form, ...proof }),
        })
      ).status;
    assert.equal(await redeem({}), 401);
    const proof = { client_assertion_type: ASSERTION_TYPE, client_assertion: String(oidcToken) };
    assert.equal(await redeem(proof), 200);
  });

  it('takes one way for the application to prove itself', async () => {
    const { child, errors } = start('--federated', '--client-secret', 'x');
    assert.deepEqual(await once(child, 'exit'), [1, null]);
    assert.match(errors(), /^Give either --federated or --client-secret/);
  });

  it('ends well when nobody reads its output any more', async () => {
    const { child, lines } = start();
    const sheet = (await until(lines, /time +status/)).join('\n');
    child.stdout?.destroy();
    const url = /Organization URL +(\S+)/.exec(sheet)?.[1] ?? '';
    await fetch(`${url}/_apis/connectionData`);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('notes below a request what it has against the contract', async function () {
    if (findSpecs(undefined) === undefined) notHere(this, NO_DOCUMENTS);
    const { lines } = start();
    const sheet = (await until(lines, /time +status/)).join('\n');
    const url = /Organization URL +(\S+)/.exec(sheet)?.[1] ?? '';
    await fetch(`${url}/_apis/tokens/pats`);
    await until(lines, /request against the contract: .*api-version/);
  });

  it('explains a wrong option in one line', async () => {
    const { child, errors } = start('--port', '70000');
    assert.deepEqual(await once(child, 'exit'), [1, null]);
    assert.match(errors(), /^error: .*A port is a number from 0 to 65535\.\n$/);
  });

  it('explains a bad organization name and a taken port in one line', async () => {
    const name = start('-o', 'not/one');
    assert.deepEqual(await once(name.child, 'exit'), [1, null]);
    assert.match(name.errors(), /^The emulator cannot start: "not\/one" is no organization name.*\n$/);
    const first = start();
    const sheet = (await until(first.lines, /time +status/)).join('\n');
    const port = /127\.0\.0\.1:(\d+)/.exec(sheet)?.[1] ?? '';
    const second = start('--port', port);
    assert.deepEqual(await once(second.child, 'exit'), [1, null]);
    assert.match(
      second.errors(),
      /^The emulator cannot start: port \d+ is taken\. Choose another with --port\.\n$/,
    );
  });
});
