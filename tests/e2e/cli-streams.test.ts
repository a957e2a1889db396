import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { builtCli } from '../../scripts/build-cli.js';
import { commandLineTool } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';
import { taskNode } from './packaged-extension.js';

describe("job-pat's streams", () => {
  const emulator = emulatorForEachTest();
  const organization = () => emulator().organizationUrl('contoso');

  before(commandLineTool);

  describe('output', () => {
    const write = (arguments_: string, target: string) =>
      promisify(execFile)('bash', [
        '-c',
        `'${taskNode}' '${builtCli}' ${arguments_} ${target}; echo "code $?" >&2`,
      ]);

    it('that the disk has no room for ends with an error', async () => {
      for (const arguments_ of ['scopes', 'scopes --json', '--help', 'connect --print-app-registration']) {
        const { stderr } = await write(arguments_, '> /dev/full');
        assert.match(stderr, /error: not all could be written: ENOSPC[^]*code 1/, arguments_);
      }
    });

    it('that nobody reads to its end ends with an error', async () => {
      const { stderr } = await write('scopes', '> >(exec true)');
      assert.match(stderr, /code 1/);
    });
  });

  describe('a secret that is awaited on standard input', () => {
    const waiting = (arguments_: readonly string[]) => {
      const child = spawn(taskNode, [builtCli, ...arguments_], {
        env: { PATH: process.env['PATH'] },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      return { child, said: () => said };
    };

    it('is announced when nobody writes it, and Ctrl+C ends the waiting', async () => {
      const { child, said } = waiting(['list', '-o', organization(), '--entra-token']);
      while (!said().includes('Waiting for a line on standard input. Entra access token is asked for'))
        await once(child.stderr, 'data');
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 130);
    });

    it('is its first line, though more may follow, and the next one is the next secret', async () => {
      const { clientId } = emulator().entra.registerApplication({
        clientSecret: 'Secret~of.the-application',
      });
      const { child, said } = waiting([
        ...['list', '-o', organization(), '-c', clientId, '--client-secret', '--refresh-token'],
      ]);
      child.stdin.write(`Secret~of.the-application\nnot-a-token\nmore`);
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 1, said());
      const request = emulator().requests.find(({ operation }) => operation === 'entra.token');
      const form = new URLSearchParams(request?.body);
      assert.equal(form.get('client_secret'), 'Secret~of.the-application');
      assert.equal(form.get('refresh_token'), 'not-a-token');
    });
  });
});
