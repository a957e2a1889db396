import assert from 'node:assert/strict';
import { program, runProgram } from '../../../cli/program.js';
import { mayBeSecret, typedText } from '../../../cli/typed-text.js';

const PAT = '5Hq2wbN8rTz1LkV9sXcY4dPmGfJ3uAoE7iRtQyWnBvCxZlKjHgFdSaMq0987JQQJ99CKACAAAAAAAAAAAAAASAZDO1aB';
const REFRESH_TOKEN = `0.AXoA${'bC3_x-'.repeat(20)}`;
const JWT = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiI0OTliODRhYyJ9.c2lnbmF0dXJl';
const CLIENT_SECRET = 'k5W8Q~Zr9xTn-2yLbVcMdPfGhJkLqWeRtYuIoP1a';
const OLD_PAT = 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst';
const SECRETS = [PAT, REFRESH_TOKEN, JWT, CLIENT_SECRET, OLD_PAT];

/** What a command line that cannot be used is answered with. No story runs. */
async function answerTo(...argv: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const real = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: string | Uint8Array) => {
    text += chunk.toString();
    return true;
  };
  try {
    const command = program('1.0.0', () => Promise.reject(new Error('a story ran')));
    return { code: await runProgram(command, argv), text };
  } finally {
    process.stderr.write = real;
  }
}

describe('what was typed', () => {
  it('is shown in part where it may be a secret', () => {
    for (const secret of SECRETS) {
      assert.ok(mayBeSecret(secret), secret);
      assert.ok(typedText(`x ${secret}`).length < 8);
    }
  });

  it('is shown whole where it is an id or a name', () => {
    for (const name of [
      '4ab5b9e5-1111-4222-8333-9f0a1e6b7c21',
      'laptop of Ann',
      'Nightly mirror job-pat:rotated/3f9c01ab/00112233',
      'https://dev.azure.com/contoso',
      'vso.memberentitlementmanagement_write',
      'release-pipeline-of-the-shop',
    ])
      assert.equal(typedText(name), name);
  });

  for (const secret of SECRETS) {
    it(`is never repeated in an error of usage (${secret.slice(0, 6)})`, async () => {
      for (const argv of [
        ['list', `--token=${secret}`],
        ['list', `--token`, secret],
        ['list', `--${secret}`],
        ['list', `-t${secret}`],
        ['list', secret],
        ['doctor', `--pat=${secret}`],
        [secret],
        [`--${secret}`],
        ['revoke', '--refresh-token', secret],
        ['revoke', `--refresh-token=${secret}`],
        ['revoke', '--entra-token', secret],
        ['connect', '--client-secret', secret],
        ['connect', `--client-secret=${secret}`],
        ['scopes', '--secret', secret],
      ]) {
        const { code, text } = await answerTo(...argv);
        assert.equal(code, 2, argv.join(' '));
        assert.notEqual(text, '');
        const part = secret.slice(4, 12);
        assert.ok(!text.includes(part), `${argv[0] ?? ''}: ${text}`);
      }
    });
  }

  it('is repeated as far as it is the name of an option', async () => {
    assert.match((await answerTo('list', '--organisation=contoso')).text, /unknown option '--organisation'/);
    assert.match((await answerTo('lst')).text, /unknown command 'lst'\n\(Did you mean list\?\)/);
    assert.match((await answerTo('list', '--organization')).text, /'-o, --organization <name>'/);
  });

  it('may be an id behind an option for a secret', async () => {
    const id = '4ab5b9e5-1111-4222-8333-9f0a1e6b7c21';
    await assert.rejects(answerTo('revoke', '-o', 'contoso', '--refresh-token', id), /a story ran/);
  });
});
