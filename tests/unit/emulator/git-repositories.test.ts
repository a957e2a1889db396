import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basic, issue, useEmulator } from './client.js';
import { needs, runTool, type Done } from './real-tools.js';

describe("the emulator's repositories", function () {
  this.timeout(60_000);
  const emulator = useEmulator();
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repositories-test-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function git(pat: string, ...words: string[]): Promise<string> {
    const header = `Authorization: ${basic(pat)['Authorization'] ?? ''}`;
    const done: Done = await runTool(['git', ...words], folder, {
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: header,
      GIT_CONFIG_KEY_1: 'user.name',
      GIT_CONFIG_VALUE_1: 'Test',
      GIT_CONFIG_KEY_2: 'user.email',
      GIT_CONFIG_VALUE_2: 'test@contoso.example',
    });
    assert.equal(done.failed, false, done.text);
    return done.text;
  }
  const patWith = async (scope: string) => (await issue(emulator(), { scope })).value;

  it('can be many, in many projects, and point to each other as submodules', async () => {
    const shared = emulator().repositories.add('contoso', {
      project: 'Shared Library',
      name: 'parts',
      files: { 'part.txt': 'a part\n' },
    });
    const submodules = [{ path: 'parts', url: '../../../Shared%20Library/_git/parts', of: shared }];
    const app = emulator().repositories.add('contoso', { name: 'app', submodules });
    await git(await patWith('vso.code'), 'clone', '--recurse-submodules', emulator().gitUrl(app), 'app');
    assert.equal(await readFile(join(folder, 'app', 'parts', 'part.txt'), 'utf8'), 'a part\n');
    assert.throws(() => emulator().repositories.add('contoso', { name: 'App' }), /already/);
  });

  it('are not in a project that they do not belong to', async () => {
    emulator().repositories.add('contoso', { project: 'Library', name: 'parts' });
    const headers = basic(await patWith('vso.code'));
    const status = async (place: string) =>
      (
        await fetch(`${emulator().organizationUrl('contoso')}/${place}/info/refs?service=git-upload-pack`, {
          headers,
        })
      ).status;
    assert.deepEqual(
      [await status('library/_git/Parts'), await status('sample/_git/parts'), await status('_git/parts')],
      [200, 404, 404],
    );
  });

  it('keep large files, with the same scopes', async function () {
    needs(this, 'git-lfs');
    const address = emulator().gitUrl('contoso');
    const pat = await patWith('vso.code_write');
    await git(pat, 'clone', address, 'mine');
    await git(pat, '-C', 'mine', 'lfs', 'install', '--local');
    await git(pat, '-C', 'mine', 'lfs', 'track', '*.bin');
    await writeFile(join(folder, 'mine', 'large.bin'), Buffer.alloc(100_000, 7));
    await git(pat, '-C', 'mine', 'add', '.');
    await git(pat, '-C', 'mine', 'commit', '-m', 'Large');
    await git(pat, '-C', 'mine', 'push');
    const reader = await patWith('vso.code');
    await git(reader, 'clone', address, 'yours');
    await git(reader, '-C', 'yours', 'lfs', 'install', '--local');
    await git(reader, '-C', 'yours', 'lfs', 'pull');
    assert.equal((await readFile(join(folder, 'yours', 'large.bin'))).length, 100_000);
    const upload = { operation: 'upload', objects: [{ oid: 'a'.repeat(64), size: 1 }] };
    const batch = { method: 'POST', headers: basic(reader), body: JSON.stringify(upload) };
    assert.equal((await fetch(`${address}.git/info/lfs/objects/batch`, batch)).status, 401);
  });
});
