import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { basic, issue, jsonOf, objectOf, useEmulator } from './client.js';

const execute = promisify(execFile);

describe('what a PAT opens in the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  let folder = '';
  beforeEach(async () => {
    now = new Date('2026-03-01T10:00:00Z');
    folder = await mkdtemp(join(tmpdir(), 'emulator-test-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const validTo = '2026-03-01T11:00:00Z';

  async function patWith(scope: string): Promise<string> {
    return (await issue(emulator(), { scope, validTo })).value;
  }

  async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${emulator().organizationUrl('contoso')}/${path}`, { headers, redirect: 'manual' });
  }

  it('is not needed to learn the tenant of an organization, whose page does not exist', async () => {
    const { status, headers } = await fetch(emulator().organizationUrl('contoso'), { method: 'HEAD' });
    assert.deepEqual([status, headers.get('x-tfs-serviceerror')], [404, 'Page%20not%20found.']);
    const { tenantId } = emulator().entra;
    assert.equal(headers.get('x-vss-resourcetenant'), tenantId);
    assert.match(
      headers.get('www-authenticate') ?? '',
      new RegExp(`^Bearer authorization_uri=.*${tenantId}`),
    );
    const unknown = await fetch(`${emulator().url}/nowhere`, { method: 'HEAD' });
    assert.deepEqual([unknown.status, unknown.headers.get('x-vss-resourcetenant')], [404, null]);
  });

  it('changes nothing about a route that this host does not know', async () => {
    const response = await get('_apis/release/nonsense');
    assert.equal(response.status, 404);
    assert.match(await response.text(), /^The controller for path '.*nonsense' was not found/);
  });

  it('opens nothing where the sign-in page is suppressed: 401 without body and type', async () => {
    const { status, headers } = await get('_apis/connectionData', {
      ...basic('no PAT'),
      'X-TFS-FedAuthRedirect': 'Suppress',
    });
    assert.deepEqual([status, headers.get('content-type')], [401, null]);
    assert.match(headers.get('www-authenticate') ?? '', /^Basic realm="[^"]+"$/);
  });

  describe('connectionData', () => {
    it('tells the user of the PAT, whatever its scope and whatever user name goes with it', async () => {
      const pat = await patWith('vso.wiki');
      for (const user of ['', 'anything']) {
        const response = await get('_apis/connectionData', basic(pat, user));
        const { authenticatedUser, authorizedUser } = await jsonOf(response);
        assert.equal(objectOf(authenticatedUser)['id'], emulator().entra.user.id);
        assert.equal(objectOf(authorizedUser)['providerDisplayName'], 'PAT issuer');
      }
    });

    it('tells the user of an Entra token', async () => {
      const { value } = emulator().entra.issueAccessToken();
      assert.equal((await get('_apis/connectionData', { Authorization: `Bearer ${value}` })).status, 200);
    });

    it('is offered as a preview', async () => {
      const pat = await patWith('vso.wiki');
      assert.equal((await get('_apis/connectionData?api-version=7.1-preview.1', basic(pat))).status, 200);
      assert.equal((await get('_apis/connectionData?api-version=7.1', basic(pat))).status, 400);
    });

    it('shows a sign-in page to nobody, a mistyped PAT, one of another organization and one not in base64', async () => {
      const pat = await patWith('vso.code');
      assert.equal((await get('_apis/connectionData')).status, 203);
      assert.equal((await get('_apis/connectionData', basic(`${pat}x`))).status, 203);
      assert.equal((await get('_apis/connectionData', { Authorization: `Basic :${pat}` })).status, 203);
      assert.equal((await get('_apis/connectionData', { Authorization: `Bearer ${pat}` })).status, 203);
      const elsewhere = `${emulator().organizationUrl('fabrikam')}/_apis/connectionData`;
      assert.equal((await fetch(elsewhere, { headers: basic(pat) })).status, 203);
    });

    it('shows a sign-in page to a revoked PAT, and tells an expired one so', async () => {
      const { value, id } = await issue(emulator(), { validTo });
      const other = await patWith('vso.code');
      emulator().pats.revoke(id);
      assert.equal((await get('_apis/connectionData', basic(value))).status, 203);
      now = new Date('2026-03-01T11:00:00Z');
      const response = await get('_apis/connectionData', basic(other));
      assert.equal(response.status, 401);
      assert.equal(
        (await jsonOf(response))['message'],
        'Access Denied: The Personal Access Token used has expired.',
      );
    });
  });

  it('lists projects with vso.project, or a scope that includes it, only', async () => {
    const status = async (scope: string): Promise<number> =>
      (await get('_apis/projects', basic(await patWith(scope)))).status;
    assert.equal(await status('vso.project'), 200);
    assert.equal(await status('vso.project_manage'), 200);
    assert.equal(await status('app_token'), 200);
    assert.equal(await status('vso.code_full'), 401);
  });

  describe('git', () => {
    /** What git says after a 401, with and without a user name in the URL. */
    const noEntry = /Authentication failed|could not read Username/;

    async function git(args: readonly string[], pat?: string): Promise<{ failed: boolean; text: string }> {
      const credential =
        pat === undefined
          ? []
          : ['-c', `http.extraHeader=Authorization: ${basic(pat)['Authorization'] ?? ''}`];
      const env = {
        PATH: process.env['PATH'],
        HOME: folder,
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_NOSYSTEM: '1',
      };
      const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@contoso.example'];
      try {
        const { stdout, stderr } = await execute('git', [...identity, ...credential, ...args], {
          env,
          cwd: folder,
        });
        return { failed: false, text: stdout + stderr };
      } catch (error) {
        return { failed: true, text: error instanceof Error ? error.message : String(error) };
      }
    }

    it('clones with vso.code', async () => {
      const clone = await git(['clone', emulator().gitUrl('contoso'), 'clone'], await patWith('vso.code'));
      assert.equal(clone.failed, false, clone.text);
      assert.match(await readFile(join(folder, 'clone', 'README.md'), 'utf8'), /organization contoso/);
    });

    it('clones with the PAT in the URL, after the challenge', async () => {
      const url = new URL(emulator().gitUrl('contoso'));
      url.username = 'anything';
      url.password = await patWith('vso.code');
      assert.equal((await git(['clone', url.href, 'clone'])).failed, false);
      assert.deepEqual(
        emulator()
          .requestsOf('git.fetch')
          .map(request => request.status)
          .slice(0, 2),
        [401, 200],
      );
    });

    it('pushes with vso.code_write, and the commit is there for the next clone', async () => {
      const pat = await patWith('vso.code_write');
      await git(['clone', emulator().gitUrl('contoso'), 'clone'], pat);
      await writeFile(join(folder, 'clone', 'new.txt'), 'new');
      await git(['-C', 'clone', 'add', 'new.txt']);
      await git(['-C', 'clone', 'commit', '-m', 'new']);
      const push = await git(['-C', 'clone', 'push'], pat);
      assert.equal(push.failed, false, push.text);
      await git(['clone', emulator().gitUrl('contoso'), 'again'], pat);
      assert.deepEqual((await readdir(join(folder, 'again'))).sort(), ['.git', 'README.md', 'new.txt']);
    });

    it('does not push with vso.code', async () => {
      const pat = await patWith('vso.code');
      await git(['clone', emulator().gitUrl('contoso'), 'clone'], pat);
      const push = await git(['-C', 'clone', 'push', 'origin', 'HEAD:refs/heads/other'], pat);
      assert.equal(push.failed, true);
      assert.match(push.text, noEntry);
      assert.deepEqual(
        emulator()
          .requestsOf('git.push')
          .map(request => request.status),
        [401],
      );
    });

    it('does not clone with a wrong scope, a revoked PAT or none', async () => {
      const { value, id } = await issue(emulator(), { scope: 'vso.code', validTo });
      emulator().pats.revoke(id);
      for (const pat of [await patWith('vso.work'), value]) {
        const clone = await git(['clone', emulator().gitUrl('contoso'), 'clone'], pat);
        assert.equal(clone.failed, true);
        assert.match(clone.text, noEntry);
      }
      assert.equal((await git(['clone', emulator().gitUrl('contoso'), 'clone'])).failed, true);
    });

    it('challenges with Basic, and tells what is missing', async () => {
      const path = 'sample/_git/sample/info/refs?service=git-upload-pack';
      const nobody = await get(path);
      assert.deepEqual(
        [nobody.status, nobody.headers.get('www-authenticate')],
        [401, `Basic realm="${emulator().url}/"`],
      );
      const response = await get(path, basic(await patWith('vso.work')));
      assert.deepEqual([response.status, (await response.text()).startsWith('TF401019: ')], [401, true]);
    });

    it('does not show files of a repository, nor one that does not exist', async () => {
      const headers = basic(await patWith('vso.code'));
      for (const path of [
        'sample/_git/sample/HEAD',
        'sample/_git/sample/..%2F..%2Fetc',
        'sample/_git/other/info/refs',
      ]) {
        assert.equal((await get(path, headers)).status, 404, path);
      }
    });
  });

  describe('npm', () => {
    async function npm(args: readonly string[], pat: string): Promise<string> {
      const registry = emulator().npmRegistryUrl('contoso');
      const host = registry.replace(/^http:/, '');
      const settings = [
        `registry=${registry}`,
        `${host}:username=anything`,
        `${host}:_password=${Buffer.from(pat).toString('base64')}`,
        `${host}:email=anything`,
        'update-notifier=false',
        'audit=false',
        'fund=false',
        'fetch-retries=0',
        `cache=${join(folder, 'cache')}`,
      ];
      await writeFile(join(folder, '.npmrc'), settings.join('\n'));
      const env = { PATH: process.env['PATH'], HOME: folder };
      return (await execute('npm', args, { env, cwd: folder })).stdout;
    }

    it('shows and installs the package with vso.packaging', async () => {
      const pat = await patWith('vso.packaging');
      assert.equal((await npm(['view', emulator().packageName, 'version'], pat)).trim(), '1.0.0');
      await npm(['install', emulator().packageName], pat);
      const module = join(folder, 'node_modules', emulator().packageName, 'index.js');
      assert.equal(await readFile(module, 'utf8'), "module.exports = 'hello from the feed';\n");
    }).timeout(30_000);

    it('shows nothing with another scope', async () => {
      const pat = await patWith('vso.code');
      await assert.rejects(npm(['view', emulator().packageName], pat), /E401/);
    }).timeout(30_000);

    it('does not know other packages or feeds', async () => {
      const headers = basic(await patWith('vso.packaging'));
      assert.equal((await get('_packaging/sample/npm/registry/left-pad', headers)).status, 404);
      assert.equal(
        (await get(`_packaging/other/npm/registry/${emulator().packageName}`, headers)).status,
        404,
      );
    });
  });

  it('leaves nothing on disk', async () => {
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    try {
      await get('sample/_git/sample/info/refs?service=git-upload-pack', basic(await patWith('vso.code')));
      assert.equal((await readdir(folder)).length, 1);
      await emulator().close();
      assert.deepEqual(await readdir(folder), []);
    } finally {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
    }
  });
});
