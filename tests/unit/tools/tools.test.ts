import assert from 'node:assert/strict';
import { organizationAt } from '#azure-devops/organization';
import { gitAuthor } from '#tools/git-author';
import { settingsOfTool } from '#tools/settings-of-tool';
import { parseTools, toolNames, type ToolName } from '#tools/tool-names';
import type { ToolContext } from '#tools/tool-settings';
import { readProduct } from '../../../scripts/product.js';
import { readTaskDefinition } from '../../../scripts/task-definition.js';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';

const PAT = 'the-pat-itself';

function told(
  tool: ToolName,
  files: Readonly<Record<string, string>> = {},
  environment: ToolContext['environment'] = {},
  links: Readonly<Record<string, string>> = {},
) {
  const organization = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
  return settingsOfTool(tool, {
    pats: [{ organization, value: PAT }],
    author: undefined,
    environment,
    folder: '/temp/job-pat-1',
    sources: '/sources',
    readText: path => files[path.replaceAll('\\', '/')],
    realPath: path => links[path.replaceAll('\\', '/')],
  });
}

const FILES = {
  '/sources/nuget.config':
    '<configuration><packageSources><add key="shop" value="https://pkgs.dev.azure.com/contoso/_packaging/shop/nuget/v3/index.json" /><!-- <add key="old" value="https://pkgs.dev.azure.com/contoso/x" /> --><add key="nuget.org" value="https://api.nuget.org/v3/index.json" /></packageSources></configuration>',
  '/sources/pom.xml':
    '<project><repositories><repository><id>shop</id><url>https://contoso.pkgs.visualstudio.com/_packaging/shop/maven/v1</url></repository><repository><id>central</id><url>https://repo.maven.apache.org/maven2</url></repository></repositories></project>',
};

describe('A tool that is made ready', () => {
  for (const tool of toolNames) {
    it(`${tool}: no file holds the PAT, and only variables that are meant for it do`, () => {
      const settings = told(tool, FILES);
      assert.ok(settings.kind === 'ready', JSON.stringify(settings));
      const holds = (text: string) =>
        text.includes(PAT) || text.includes(Buffer.from(PAT).toString('base64'));
      for (const { text } of settings.files) assert.equal(holds(text), false);
      for (const { name, value, isSecret } of settings.variables) assert.equal(holds(value), isSecret, name);
      assert.ok(settings.variables.some(({ isSecret }) => isSecret));
    });
  }

  it('are the ones that the editor offers', async () => {
    const { inputs } = await readTaskDefinition(join(root, 'tasks/IssuePat/IssuePatV1'), await readProduct());
    assert.deepEqual(Object.keys(inputs.find(({ name }) => name === 'configure')?.options ?? {}), [
      ...toolNames,
    ]);
  });

  it('nuget: gives credentials to the sources of the organization alone, under their own names', () => {
    const settings = told('nuget', FILES);
    assert.ok(settings.kind === 'ready');
    assert.deepEqual(
      settings.variables.map(({ name, keepsCase }) => [name, keepsCase]),
      [['NuGetPackageSourceCredentials_shop', true]],
    );
  });

  it('nuget and maven are left out, with what to do, where no file names a feed of the organization', () => {
    for (const tool of ['nuget', 'maven'] as const) {
      const settings = told(tool);
      assert.ok(settings.kind === 'left out');
      assert.match(settings.reason, /Check the repository out before this step/);
    }
  });

  it('npm: settings of the installation stay, unless they hold a secret', () => {
    const path = { PATH: '/usr/bin:/opt/node/bin' };
    const kept = told('npm', { '/opt/node/etc/npmrc': 'fund=false\n//x/:_authToken=${TOKEN}' }, path);
    assert.ok(kept.kind === 'ready');
    assert.match(
      kept.files[0]?.text ?? '',
      /^fund=false\n\/\/x\/:_authToken=\$\{TOKEN\}\n\/\/pkgs\.dev\.azure\.com\/contoso\//,
    );
    const secret = told('npm', { '/opt/node/etc/npmrc': '//x/:_authToken=abc' }, path);
    assert.equal(secret.kind, 'left out');
  });

  it('pnpm: from version 11 on what the user says stands in the file that is named in its place, unless it holds a secret', () => {
    const named = (files: Readonly<Record<string, string>>, environment: ToolContext['environment'] = {}) => {
      const settings = told('npm', files, { HOME: '/home/me', ...environment });
      assert.ok(settings.kind === 'ready');
      const variable = settings.variables.find(({ name }) => name === 'PNPM_CONFIG_NPMRC_AUTH_FILE');
      return { ...settings, text: settings.files.find(({ path }) => path === variable?.value)?.text };
    };
    const OURS = '//pkgs.dev.azure.com/contoso/:_password=${JOBPAT_NPM_CONTOSO}\n';
    const users = named({ '/home/me/.npmrc': 'fund=false\n//x/:_authToken=${TOKEN}\n' });
    assert.ok(users.text?.includes(OURS));
    assert.match(users.text ?? '', /\nfund=false\n\/\/x\/:_authToken=\$\{TOKEN\}\n$/);
    const another = named({ '/mine': 'fund=true' }, { NPM_CONFIG_USERCONFIG: '/mine' });
    assert.match(another.text ?? '', /\nfund=true$/);
    for (const secret of ['//x/:_authToken=abc', '_auth = abc', 'https-proxy=http://me:word@proxy:8080']) {
      const without = named({ '/home/me/.npmrc': secret });
      assert.equal(without.text, undefined, secret);
      assert.match(without.told, /pnpm 11 and later are left out/);
      assert.ok(without.files.every(({ text }) => !text.includes(secret)));
    }
  });

  it('uv: gives credentials to the indexes of the organization alone, under their own names', () => {
    const feed = 'https://pkgs.dev.azure.com/contoso/_packaging/shop/pypi/simple/';
    const project = `[project]\nname = "url"\nurl = "${feed}"\n
[[tool.uv.index]]\nurl = '${feed}' # ours\nname = 'my-shop.1'\n
[[tool.uv.index]]\nname = "pypi"\nurl = "https://pypi.org/simple"\n
[[tool.uv.index]]\nname = "near"\nurl = "https://pkgs.dev.azure.com/contoso2/_packaging/shop/pypi/simple/"\n`;
    const settings = told('pip', {
      '/sources/pyproject.toml': project,
      '/sources/uv.toml': `[[index]]\nname = "other"\nurl = "${feed}"`,
    });
    assert.ok(settings.kind === 'ready');
    assert.deepEqual(
      settings.variables.filter(({ name }) => name.startsWith('UV_')).map(({ name, value }) => [name, value]),
      [
        ['UV_INDEX_OTHER_USERNAME', 'job-pat'],
        ['UV_INDEX_OTHER_PASSWORD', PAT],
        ['UV_INDEX_MY_SHOP_1_USERNAME', 'job-pat'],
        ['UV_INDEX_MY_SHOP_1_PASSWORD', PAT],
      ],
    );
    assert.match(settings.told, /uv for the indexes other, my-shop\.1;/);
    const none = told('pip');
    assert.ok(none.kind === 'ready');
    assert.match(none.told, /uv for none, since no pyproject\.toml or uv\.toml in \/sources/);
  });

  it('maven: what the settings of the installation say stays, unless they hold a secret; so do servers of an earlier step', () => {
    const home = { MAVEN_HOME: '/opt/maven' };
    const place = '/opt/maven/conf/settings.xml';
    const settingsFor = (settings: string, environment: ToolContext['environment'] = home) =>
      told('maven', { ...FILES, [place]: settings, '/temp/a.xml': settings }, environment);
    const textFor = (settings: string, environment?: ToolContext['environment']) => {
      const made = settingsFor(settings, environment);
      assert.ok(made.kind === 'ready', JSON.stringify(made));
      return made.files[0]?.text ?? '';
    };
    const OURS =
      '<server><id>shop</id><username>job-pat</username><password>${env.JOBPAT_MAVEN_CONTOSO}</password></server>';
    const mirrors = '<mirrors><mirror><id>m</id></mirror></mirrors>';
    const commented = '<!-- <servers><server><password>x</password></server></servers> -->';
    for (const servers of ['', '<servers/>', '<servers>\n</servers>', commented])
      assert.equal(
        textFor(`<settings>${mirrors}${servers}</settings>`).replace(/\s/g, ''),
        `<settings>${mirrors}<servers>${OURS}</servers></settings>`,
      );
    const theirs = '<server><id>a</id><password>${env.A}</password></server>';
    assert.match(textFor(`<settings><servers>${theirs}</servers></settings>`), /<id>a<[^]*<id>shop</);
    const secret = '<server><id>a</id><password>{encrypted}</password></server>';
    assert.equal(settingsFor(`<settings><servers>${secret}</servers></settings>`).kind, 'left out');
    assert.equal(settingsFor('no settings').kind, 'left out');

    const other = OURS.replace('shop', 'other').replace('CONTOSO', 'FABRIKAM');
    const before = `<settings><servers>${OURS}${other}</servers></settings>`;
    const named = { MAVEN_ARGS: '-B --global-settings /temp/a.xml' };
    assert.deepEqual(textFor(before, named).match(/<id>\w+</g), ['<id>other<', '<id>shop<']);
    const again = settingsFor(before, named);
    assert.ok(again.kind === 'ready');
    const args = again.variables.find(({ name }) => name === 'MAVEN_ARGS')?.value ?? '';
    assert.match(args, /^-B --global-settings \S+maven-settings\.xml$/);
  });

  it('maven: the installation is found where the program on the path leads, and else taken for what Maven ships', () => {
    const place = '/usr/share/maven/conf/settings.xml';
    const link = process.platform === 'win32' ? '/usr/bin/mvn.cmd' : '/usr/bin/mvn';
    const found = told(
      'maven',
      { ...FILES, [place]: '<settings><offline>true</offline></settings>' },
      { PATH: '/usr/bin' },
      { [link]: '/usr/share/maven/bin/mvn' },
    );
    assert.ok(found.kind === 'ready');
    assert.match(found.files[0]?.text ?? '', /<offline>true</);
    const shipped = told('maven', FILES, { PATH: '/usr/bin' });
    assert.ok(shipped.kind === 'ready');
    assert.match(shipped.files[0]?.text ?? '', /external:http:[^]*<blocked>true<[^]*<id>shop</);
  });

  it('pip: what stands in PYTHONPATH and PIP_KEYRING_PROVIDER before is kept', () => {
    const settings = told('pip', {}, { PYTHONPATH: '/mine', PIP_KEYRING_PROVIDER: 'disabled' });
    assert.ok(settings.kind === 'ready');
    const set = Object.fromEntries(settings.variables.map(({ name, value }) => [name, value]));
    assert.match(set['PYTHONPATH'] ?? '', /python[:;]\/mine$/);
    assert.equal(set['PIP_KEYRING_PROVIDER'], undefined);
  });
});

describe('A list of tools', () => {
  it('is read whatever its separators and case', () => {
    assert.deepEqual(parseTools('GIT, npm;azuredevopscli\ngit').tools, ['git', 'npm', 'azureDevOpsCli']);
  });

  it('says of a tool that goes by another name, or has no safe way, what to do', () => {
    assert.match(parseTools('dotnet').faults[0] ?? '', /is made ready as nuget/);
    assert.match(parseTools('tfx').faults[0] ?? '', /left out/);
    assert.match(parseTools('cargo').faults[0] ?? '', /is not a tool that can be made ready: git, npm/);
  });
});

describe('The author of commits', () => {
  const user = { displayName: 'Pat Issuer', mail: 'pat@contoso.com', account: 'pat@contoso.onmicrosoft.com' };
  for (const [from, to] of [
    [{}, { name: 'Pat Issuer', email: 'pat@contoso.com' }],
    [{ mail: '' }, { name: 'Pat Issuer', email: 'pat@contoso.onmicrosoft.com' }],
    [
      { mail: 'none', account: 'CONTOSO\\pat' },
      { name: 'Pat Issuer', email: undefined },
    ],
    [{ displayName: '' }, { name: 'pat', email: 'pat@contoso.com' }],
    [
      { displayName: 'A <b@c> $(System.AccessToken)\n##vso[x]' },
      { name: 'A  b@c  (System.AccessToken) **vso[x]', email: 'pat@contoso.com' },
    ],
    [{ displayName: '', mail: '', account: '' }, undefined],
    [{ mail: 'a@b>\n$(x)@c' }, { name: 'Pat Issuer', email: 'pat@contoso.onmicrosoft.com' }],
  ] as const) {
    it(`of ${JSON.stringify(from)} is ${JSON.stringify(to)}`, () => {
      assert.deepEqual(gitAuthor({ ...user, ...from }), to);
    });
  }

  it('is nobody where nothing was verified', () => {
    assert.equal(gitAuthor(undefined), undefined);
  });
});
