import assert from 'node:assert/strict';
import type { JobResult } from '#local-agent/index';
import { mavenPlugins, needs, nugetClient } from '../unit/emulator/real-tools.js';
import { emulatorForEachTest, issueStep, logOf, mainOf, runIssuingJob } from './issuing-job.js';
import { assertNoPat } from './secret-traces.js';

/** A home of its own, so that nothing of this machine's user helps. */
const HOME = 'export HOME="$PWD/home"; mkdir -p home';

function script(name: string, lines: string): object {
  return { bash: `set -e\n${HOME}\n${lines}`, name, displayName: name };
}

describe('Feeds, made ready by configure', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();
  const ready = (tool: string, inputs: Record<string, string> = {}) =>
    issueStep({ scopes: '', purpose: 'packagePublish', configure: tool, ...inputs });
  const run = async (...steps: object[]) => {
    const job = await runIssuingJob(emulator(), { steps });
    assertNoPat(job, emulator());
    assert.equal(job.result, 'Succeeded', job.log);
    return job;
  };
  const outputOf = (job: JobResult, name: string) => logOf(mainOf(job, name));
  const feed = (kind: 'npm' | 'pypi' | 'pypi.upload' | 'nuget' | 'maven', organization = 'contoso') =>
    emulator().feedUrl(organization, kind);

  it('npm installs and publishes, with its most talkative log, and its other files keep their settings', async () => {
    const job = await run(
      {
        bash: `printf 'registry=${feed('npm')}\\naudit=false\\n' > .npmrc`,
        name: 'checkout',
        workingDirectory: '$(Build.SourcesDirectory)',
      },
      ready('npm'),
      script(
        'use',
        `echo 'init-author-name=Mine' > home/.npmrc && cp home/.npmrc before
         mkdir app thing; cd app; echo '{"name":"app","version":"1.0.0"}' > package.json; cp ../.npmrc .
         npm install --loglevel silly hello-feed 2>&1; node -p 'require("hello-feed")'
         npm config get init-author-name; cd ../thing; cp ../app/.npmrc .
         echo '{"name":"@contoso/thing","version":"1.2.3"}' > package.json && npm publish --loglevel silly 2>&1
         cd ..; cmp home/.npmrc before; cat app/.npmrc; ls -A home`,
      ),
    );
    const output = outputOf(job, 'use');
    for (const line of [/^hello from the feed$/m, /^Mine$/m, /^\+ @contoso\/thing@1\.2\.3$/m])
      assert.match(output, line);
  });

  it('npm uses the PAT of each of two organizations, of two steps', async () => {
    const view = (organization: string) =>
      `npm view hello-feed version --registry ${feed('npm', organization)}`;
    await run(
      ready('npm'),
      { ...ready('npm', { organization: 'fabrikam', variableName: 'OTHER' }), name: 'other' },
      script('use', `${view('contoso')}; ${view('fabrikam')}`),
    );
  });

  it('pip installs from an address without a user name, however much it tells', async function () {
    needs(this, 'pip');
    const job = await run(
      ready('pip', { purpose: 'packageRestore', organization: 'contoso, fabrikam' }),
      script(
        'use',
        `export PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1
         pip install -vvv --no-cache-dir --target one --index-url ${feed('pypi')} hello-feed 2>&1
         pip install -vvv --no-cache-dir --no-input --target two --index-url ${feed('pypi', 'fabrikam')} hello-feed 2>&1
         PYTHONPATH=$PWD/one python3 -c 'import hello_feed; print(hello_feed.GREETING)'`,
      ),
    );
    assert.match(outputOf(job, 'use'), /^hello from the feed$/m);
  });

  it('the module keyring answers for the feeds alone, and hands on every other question', async function () {
    needs(this, 'python3');
    const job = await run(
      script(
        'before',
        "mkdir -p real/keyring; printf \"def get_credential(s, u):\\n    return 'theirs ' + s\\ndef get_password(s, u):\\n    return 'theirs'\\nNAME = 'real'\\n\" > real/keyring/__init__.py; echo \"##vso[task.setvariable variable=PYTHONPATH]$PWD/real\"",
      ),
      ready('pip'),
      script(
        'use',
        `cat > ask.py <<'END'
import keyring
from keyring import get_credential
print(keyring.NAME, keyring.get_password("https://pypi.org/", "me"), get_credential("http://127.0.0.1:1/contoso", None))
ours = "${feed('pypi.upload')}"
print(len(get_credential(ours, None).password), get_credential(ours.replace("://", "://me@"), "me").username)
print(get_credential(ours.replace("/contoso/", "/contoso2/"), None), keyring.get_password("127.0.0.1", None))
END
         python3 ask.py`,
      ),
    );
    const output = outputOf(job, 'use');
    assert.match(output, /^real theirs theirs http:\/\/127\.0\.0\.1:1\/contoso$/m);
    assert.match(output, /^84 me$|^52 me$/m);
    assert.match(output, /^theirs http:.*contoso2.* theirs$/m);
  });

  it('twine uploads, and a user name or password of its own is not needed', async function () {
    needs(this, 'twine', 'pip');
    await run(
      ready('pip'),
      script(
        'use',
        `mkdir tool && cd tool && printf 'x = 1\\n' > my_tool.py
         python3 - <<'END'
import zipfile
info = "my_tool-1.1.0.dist-info"
with zipfile.ZipFile("my_tool-1.1.0-py3-none-any.whl", "w") as wheel:
    wheel.write("my_tool.py")
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: my-tool\\nVersion: 1.1.0\\n")
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "")
END
         twine upload --verbose --non-interactive --repository-url ${feed('pypi.upload')} *.whl 2>&1
         PIP_CONFIG_FILE=/dev/null pip download --no-cache-dir --no-deps -d got --index-url ${feed('pypi')} my-tool`,
      ),
    );
  });

  it('nuget installs from the sources that the nuget.config of the repository names', async function () {
    needs(this, 'mono', nugetClient[1]);
    const config = `<configuration><packageSources><clear/><add key="feed" value="${feed('nuget')}"/></packageSources></configuration>`;
    const job = await run(
      {
        bash: `echo '${config}' > nuget.config`,
        name: 'checkout',
        workingDirectory: '$(Build.SourcesDirectory)',
      },
      ready('nuget'),
      {
        bash: `set -e; export HOME="$PWD/home"; mkdir -p home; cp nuget.config before
          ${nugetClient.join(' ')} install hello-feed -OutputDirectory lib -Verbosity detailed -NonInteractive 2>&1
          cat lib/hello-feed.1.0.0/content/hello.txt; cmp nuget.config before`,
        name: 'use',
        workingDirectory: '$(Build.SourcesDirectory)',
      },
    );
    assert.match(outputOf(job, 'use'), /^hello from the feed$/m);
  });

  it('Maven reads what a pom.xml imports, with the settings that MAVEN_ARGS names', async function () {
    needs(this, 'mvn', mavenPlugins);
    const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><packaging>pom</packaging>
      <repositories><repository><id>shop</id><url>${feed('maven')}</url></repository></repositories>
      <dependencyManagement><dependencies><dependency><groupId>com.contoso</groupId><artifactId>hello-feed</artifactId><version>1.0.0</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement></project>`;
    await run(
      {
        bash: `cat > pom.xml <<'END'\n${pom}\nEND`,
        name: 'checkout',
        workingDirectory: '$(Build.SourcesDirectory)',
      },
      ready('maven'),
      {
        // Maven reads the variable from version 3.9 on.
        bash: `set -e; mvn $MAVEN_ARGS -X -B -Dmaven.repo.local="$PWD/repository" validate 2>&1 | grep -v "^\\[DEBUG\\]   (f)"; test -d repository/com/contoso`,
        name: 'use',
        workingDirectory: '$(Build.SourcesDirectory)',
      },
    );
  });
});
