import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zip } from '#emulator/feeds/zip';
import { basic, issue, useEmulator } from './client.js';
import { mavenPlugins, needs, nugetClient, runTool, type Done } from './real-tools.js';

describe("the emulator's feeds, with the real package managers", function () {
  this.timeout(120_000);
  const emulator = useEmulator();
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feeds-test-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const patWith = async (scope: string): Promise<string> => (await issue(emulator(), { scope })).value;
  const reader = () => patWith('vso.packaging');
  const publisher = () => patWith('vso.packaging_write');
  const feed = (kind: 'npm' | 'pypi' | 'pypi.upload' | 'nuget' | 'maven') =>
    emulator().feedUrl('contoso', kind);
  const withUser = (address: string, pat: string) => address.replace('//', `//anybody:${pat}@`);
  const passed = ({ failed, text }: Done) => {
    assert.equal(failed, false, text);
  };

  it('challenge in a header line for each way, and the scope is refused by name', async () => {
    const nobody = await fetch(feed('npm') + 'hello-feed');
    assert.equal(nobody.status, 401);
    assert.match(
      nobody.headers.get('www-authenticate') ?? '',
      /^Bearer authorization_uri=http:[^,]+, Basic realm="[^"]+", TFS-Federated$/,
    );
    const other = await fetch(feed('npm') + 'hello-feed', { headers: basic(await patWith('vso.code')) });
    assert.equal(other.status, 401);
    const put = { method: 'PUT', body: 'x', headers: basic(await reader()) };
    const refused = await fetch(`${feed('maven')}/a/b/1/c.jar`, put);
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /lacks permission to complete this action.*AddPackage/);
  });

  it('are there below a project too, and more can be added', async () => {
    emulator().feeds.add('contoso', 'Tools');
    emulator().projects.add('contoso', { name: 'Shop Floor' });
    const headers = basic(await reader());
    const statuses = [
      '_packaging/tools',
      'Shop%20Floor/_packaging/Tools',
      'nowhere/_packaging/Tools',
      '_packaging/no',
    ].map(
      async place =>
        (
          await fetch(`${emulator().organizationUrl('contoso')}/${place}/pypi/simple/hello_feed/`, {
            headers,
          })
        ).status,
    );
    assert.deepEqual(await Promise.all(statuses), [200, 200, 404, 404]);
  });

  it('hold no more than they have room for, and only what is a package', async () => {
    const headers = basic(await publisher());
    const send = async (address: string, body: Buffer | string) =>
      (await fetch(address, { method: 'PUT', body, headers })).status;
    const large = Buffer.alloc(60 * 1024 * 1024);
    assert.equal(await send(`${feed('maven')}/a/b/1/b-1.jar`, large), 202);
    assert.equal(await send(`${feed('maven')}/a/b/2/b-2.jar`, large), 202);
    assert.equal(await send(`${feed('maven')}/a/b/3/b-3.jar`, large), 413);
    assert.equal(await send(`${feed('maven')}/a/b/1/b-1.jar`, 'other'), 409);
    assert.equal(await send(`${feed('maven')}/a/%2e%2e/b-1.jar`, 'x'), 400);
    assert.equal(await send(feed('nuget').replace('v3/index.json', 'v2/'), 'x'), 400);
    assert.equal(await send(`${feed('npm')}thing`, '{}'), 415);
  });

  it('npm publishes a package of a scope, once, and installs it', async () => {
    const npm = async (place: string, pat: string, ...words: string[]): Promise<Done> => {
      const host = feed('npm').replace(/^http:/, '');
      await writeFile(
        join(folder, '.npmrc'),
        `registry=${feed('npm')}\n${host}:username=anybody\n${host}:_password=${Buffer.from(pat).toString('base64')}\naudit=false\nfetch-retries=0\n`,
      );
      return runTool(['npm', ...words, '--prefix', join(folder, place)], folder);
    };
    const home = join(folder, 'thing');
    await mkdir(home);
    const manifest = { name: '@contoso/thing', version: '1.2.3', main: 'index.js' };
    await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(home, 'index.js'), "module.exports = 'mine';\n");
    assert.match((await npm('thing', await reader(), 'publish', home)).text, /E403/);
    passed(await npm('thing', await publisher(), 'publish', home));
    assert.match((await npm('thing', await publisher(), 'publish', home)).text, /previously published|E403/);
    await mkdir(join(folder, 'user'));
    passed(await npm('user', await reader(), 'install', '@contoso/thing', 'hello-feed'));
    const installed = join(folder, 'user', 'node_modules', '@contoso', 'thing', 'index.js');
    assert.equal(await readFile(installed, 'utf8'), "module.exports = 'mine';\n");
  });

  it('pip installs from the index, with the PAT alone', async function () {
    needs(this, 'pip');
    const pip = (pat: string) =>
      runTool(
        [
          'pip',
          'install',
          '--no-cache-dir',
          '--disable-pip-version-check',
          '--no-input',
          '--target',
          'lib',
          'hello-feed',
        ],
        folder,
        { PIP_INDEX_URL: withUser(feed('pypi'), pat), PIP_CONFIG_FILE: '/dev/null' },
      );
    assert.equal((await pip(await patWith('vso.code'))).failed, true);
    passed(await pip(await reader()));
    assert.match(
      await readFile(join(folder, 'lib', 'hello_feed', '__init__.py'), 'utf8'),
      /hello from the feed/,
    );
  });

  it('twine uploads a wheel, once, and pip downloads it', async function () {
    needs(this, 'pip', 'twine');
    const info = 'my_tool-1.1.0.dist-info';
    const wheel = 'my_tool-1.1.0-py3-none-any.whl';
    await writeFile(
      join(folder, wheel),
      zip({
        'my_tool.py': 'x = 1\n',
        [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: my-tool\nVersion: 1.1.0\n',
        [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        [`${info}/RECORD`]: '',
      }),
    );
    const twine = (pat: string) =>
      runTool(
        ['twine', 'upload', '--non-interactive', '--repository-url', feed('pypi.upload'), wheel],
        folder,
        {
          TWINE_USERNAME: 'anybody',
          TWINE_PASSWORD: pat,
        },
      );
    assert.match((await twine(await reader())).text, /403/);
    passed(await twine(await publisher()));
    assert.match((await twine(await publisher())).text, /409/);
    const index = withUser(feed('pypi'), await reader());
    const download = [
      'pip',
      'download',
      '--no-cache-dir',
      '--no-deps',
      '-d',
      'got',
      '--index-url',
      index,
      'My.Tool',
    ];
    passed(await runTool(download, folder, { PIP_CONFIG_FILE: '/dev/null' }));
    assert.deepEqual(await readFile(join(folder, 'got', wheel)), await readFile(join(folder, wheel)));
  });

  it('NuGet packs, pushes, once, and installs', async function () {
    needs(this, 'mono');
    const nuget = async (pat: string, ...words: string[]): Promise<Done> => {
      await writeFile(
        join(folder, 'nuget.config'),
        `<configuration><packageSources><clear/><add key="feed" value="${feed('nuget')}"/></packageSources>` +
          `<packageSourceCredentials><feed><add key="Username" value="anybody"/><add key="ClearTextPassword" value="${pat}"/></feed></packageSourceCredentials></configuration>`,
      );
      return runTool([...nugetClient, ...words, '-NonInteractive', '-ConfigFile', 'nuget.config'], folder);
    };
    await writeFile(join(folder, 'hello.txt'), 'hello');
    await writeFile(
      join(folder, 'my.nuspec'),
      '<package><metadata><id>My.Lib</id><version>2.0</version><authors>a</authors><description>d</description></metadata>' +
        '<files><file src="hello.txt" target="content"/></files></package>',
    );
    passed(await runTool([...nugetClient, 'pack', 'my.nuspec'], folder));
    const push = ['push', 'My.Lib.2.0.0.nupkg', '-Source', 'feed', '-ApiKey', 'any'];
    assert.match((await nuget(await reader(), ...push)).text, /403/);
    passed(await nuget(await publisher(), ...push));
    assert.match((await nuget(await publisher(), ...push)).text, /409/);
    const pat = await reader();
    passed(await nuget(pat, 'install', 'My.Lib', '-OutputDirectory', 'lib'));
    passed(await nuget(pat, 'install', 'hello-feed', '-OutputDirectory', 'lib'));
    assert.equal(
      await readFile(join(folder, 'lib', 'My.Lib.2.0.0', 'content', 'hello.txt'), 'utf8'),
      'hello',
    );
    assert.ok(existsSync(join(folder, 'lib', 'hello-feed.1.0.0', 'content', 'hello.txt')));
  });

  describe('Maven', () => {
    const pom = (more: string) =>
      '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>' +
      `<groupId>com.contoso</groupId><artifactId>thing</artifactId><version>1.0.0</version><packaging>pom</packaging>${more}</project>`;
    const repository = () => `<repository><id>feed</id><url>${feed('maven')}</url></repository>`;

    async function maven(pat: string, ...words: string[]): Promise<Done> {
      const local = `<pluginRepositories><pluginRepository><id>central</id><url>file://${mavenPlugins}</url></pluginRepository></pluginRepositories>`;
      const profile = `<profiles><profile><id>local</id>${local}</profile></profiles><activeProfiles><activeProfile>local</activeProfile></activeProfiles>`;
      await writeFile(
        join(folder, 'settings.xml'),
        `<settings><localRepository>${join(folder, 'repository')}</localRepository>` +
          `<servers><server><id>feed</id><username>anybody</username><password>\${env.FEED_PAT}</password></server></servers>${profile}</settings>`,
      );
      return runTool(['mvn', '-B', '-s', 'settings.xml', ...words], folder, { FEED_PAT: pat });
    }

    it('reads from the feed what a project imports', async function () {
      needs(this, 'mvn');
      const imported =
        '<dependency><groupId>com.contoso</groupId><artifactId>hello-feed</artifactId><version>1.0.0</version><type>pom</type><scope>import</scope></dependency>';
      await writeFile(
        join(folder, 'pom.xml'),
        pom(
          `<repositories>${repository()}</repositories><dependencyManagement><dependencies>${imported}</dependencies></dependencyManagement>`,
        ),
      );
      assert.match((await maven(await patWith('vso.code'), 'validate')).text, /401/);
      passed(await maven(await reader(), '-U', 'validate'));
    });

    it('deploys to the feed', async function () {
      const deploy = 'org.apache.maven.plugins:maven-deploy-plugin:3.0.0:deploy';
      needs(this, 'mvn', join(mavenPlugins, 'org/apache/maven/plugins/maven-deploy-plugin/3.0.0'));
      await writeFile(
        join(folder, 'pom.xml'),
        pom(`<distributionManagement>${repository()}</distributionManagement>`),
      );
      assert.match((await maven(await reader(), deploy)).text, /403/);
      passed(await maven(await publisher(), deploy));
      const place = `${feed('maven')}/com/contoso/thing`;
      const headers = basic(await reader());
      const text = async (path: string) => (await fetch(`${place}/${path}`, { headers })).text();
      assert.match(await text('1.0.0/thing-1.0.0.pom'), /<artifactId>thing/);
      assert.match(await text('1.0.0/thing-1.0.0.pom.sha256'), /^[0-9a-f]{64}$/);
      assert.match(await text('maven-metadata.xml'), /<release>1.0.0/);
    });
  });
});
