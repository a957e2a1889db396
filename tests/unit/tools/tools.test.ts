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
) {
  const organization = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
  return settingsOfTool(tool, {
    pats: [{ organization, value: PAT }],
    author: undefined,
    environment,
    folder: '/temp/job-pat-1',
    sources: '/sources',
    readText: path => files[path.replaceAll('\\', '/')],
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

  it('maven: is left out where the settings of the installation say something, and keeps those of an earlier step', () => {
    const home = { MAVEN_HOME: '/opt/maven' };
    const place = '/opt/maven/conf/settings.xml';
    const empty = '<settings><!-- <mirrors><mirror>x</mirror></mirrors> --><servers>\n</servers></settings>';
    assert.equal(told('maven', { ...FILES, [place]: empty }, home).kind, 'ready');
    const mirrored = '<settings><mirrors><mirror><id>m</id></mirror></mirrors></settings>';
    assert.equal(told('maven', { ...FILES, [place]: mirrored }, home).kind, 'left out');

    const other =
      '<settings><servers><server><id>other</id><username>job-pat</username><password>${env.JOBPAT_MAVEN_FABRIKAM}</password></server></servers></settings>';
    const again = told(
      'maven',
      { ...FILES, '/temp/a.xml': other },
      { MAVEN_ARGS: '-B --global-settings /temp/a.xml' },
    );
    assert.ok(again.kind === 'ready');
    assert.match(again.files[0]?.text ?? '', /<id>other<[^]*<id>shop</);
    const args = again.variables.find(({ name }) => name === 'MAVEN_ARGS')?.value ?? '';
    assert.match(args, /^-B --global-settings \S+maven-settings\.xml$/);
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
