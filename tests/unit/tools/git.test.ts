import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { organizationAt } from '#azure-devops/organization';
import { gitSettings } from '#tools/git';
import type { ToolContext } from '#tools/tool-settings';

function contextOf(urls: readonly string[], more: Partial<ToolContext> = {}): ToolContext {
  const pats = urls.map(url => {
    const organization = organizationAt(url) ?? assert.fail(url);
    return { organization, value: `pat-of-${organization.name}` };
  });
  return {
    pats,
    author: undefined,
    environment: {},
    folder: '/nowhere',
    sources: '/nowhere',
    readText: () => undefined,
    realPath: () => undefined,
    ...more,
  };
}

describe('What git is told', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'git-told-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** What the real git would send to this address; no request is made. */
  function credential(context: ToolContext, url: string): string | undefined {
    const settings = gitSettings(context);
    assert.ok(settings.kind === 'ready');
    const set = Object.fromEntries(settings.variables.map(({ name, value }) => [name, value]));
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: 'false',
      ...set,
    };
    const { stdout } = spawnSync('git', ['credential', 'fill'], {
      input: `url=${url}\n\n`,
      env,
      encoding: 'utf8',
    });
    return /^password=(.*)$/m.exec(stdout)?.[1];
  }

  const both = contextOf(['https://dev.azure.com/contoso', 'https://dev.azure.com/fabrikam']);
  for (const [url, password] of [
    ['https://dev.azure.com/contoso/Shop/_git/catalog', 'pat-of-contoso'],
    ['https://contoso@dev.azure.com/contoso/Shop/_git/catalog', 'pat-of-contoso'],
    ['https://dev.azure.com/contoso/Other%20Project/_git/lib', 'pat-of-contoso'],
    ['https://dev.azure.com/contoso/Shop/_git/catalog/info/lfs', 'pat-of-contoso'],
    ['https://contoso.visualstudio.com/Shop/_git/catalog', 'pat-of-contoso'],
    ['https://contoso.visualstudio.com/DefaultCollection/Shop/_git/catalog', 'pat-of-contoso'],
    ['https://me@contoso.visualstudio.com/_git/catalog', 'pat-of-contoso'],
    ['https://dev.azure.com/fabrikam/Shop/_git/catalog', 'pat-of-fabrikam'],
    ['https://dev.azure.com/contoso2/Shop/_git/catalog', undefined],
    ['https://dev.azure.com/northwind/contoso/_git/catalog', undefined],
    ['https://northwind.visualstudio.com/contoso/_git/catalog', undefined],
    ['https://dev.azure.com.evil.example/contoso/Shop/_git/catalog', undefined],
    ['http://dev.azure.com/contoso/Shop/_git/catalog', undefined],
    ['https://github.com/contoso/catalog', undefined],
  ] as const) {
    it(`${password === undefined ? 'sends no PAT' : `sends the ${password}`} to ${url}`, () => {
      assert.equal(credential(both, url), password);
    });
  }

  it('holds for the name as the run spells it, too', () => {
    const environment = { SYSTEM_COLLECTIONURI: 'https://dev.azure.com/Contoso/' };
    const context = contextOf(['https://dev.azure.com/CONTOSO'], { environment });
    for (const name of ['CONTOSO', 'contoso', 'Contoso'])
      assert.equal(credential(context, `https://dev.azure.com/${name}/Shop/_git/x`), 'pat-of-CONTOSO', name);
  });

  it('holds on loopback for its own address alone', () => {
    const context = contextOf(['http://127.0.0.1:8080/tfs/contoso']);
    assert.equal(credential(context, 'http://me@127.0.0.1:8080/tfs/contoso/Shop/_git/x'), 'pat-of-contoso');
    for (const url of ['http://127.0.0.1:8081/tfs/contoso/x', 'https://dev.azure.com/contoso/Shop/_git/x'])
      assert.equal(credential(context, url), undefined);
  });

  it('has no secret but in the variables that are meant for one, and no macro of the agent', () => {
    const settings = gitSettings({ ...both, author: { name: "Pat O'Brien!", email: 'pat@contoso.com' } });
    assert.ok(settings.kind === 'ready');
    for (const { name, value, isSecret } of settings.variables) {
      assert.equal(value.includes('pat-of-'), isSecret, name);
      assert.doesNotMatch(value, /\$\(/);
    }
  });

  it('bears any name of an author', () => {
    for (const name of ["Pat O'Brien!", 'Zoë "Z" \\ $HOME `x`', '李']) {
      const settings = gitSettings({ ...both, author: { name, email: 'pat@contoso.com' } });
      assert.ok(settings.kind === 'ready');
      const set = Object.fromEntries(settings.variables.map(({ name, value }) => [name, value]));
      const env = { PATH: process.env['PATH'], HOME: folder, ...set };
      const { stdout } = spawnSync('git', ['config', 'user.name'], { env, encoding: 'utf8' });
      assert.equal(stdout, `${name}\n`);
    }
  });

  it('is left out where it would not fit into a variable', () => {
    const many = Array.from({ length: 200 }, (_, index) => `https://dev.azure.com/organization-${index}`);
    const settings = gitSettings(contextOf(many));
    assert.equal(settings.kind, 'left out');
  });

  it('fits for as many organizations as a step may have', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => `https://dev.azure.com/organization-${index}`);
    assert.equal(gitSettings(contextOf(fifty)).kind, 'ready');
  });
});
