import assert from 'node:assert/strict';
import { emulatorForEachTest, issueStep, logOf, mainOf, runIssuingJob } from '../e2e/issuing-job.js';
import { notHere } from '../not-here.js';
import { installPrograms, type NpmProgram, type NpmPrograms } from './npm-programs.js';
import { assertNoPat } from '../e2e/secret-traces.js';

describe('Programs beside npm, where configure makes npm ready', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();
  let programs: NpmPrograms;
  before(async function () {
    programs = await installPrograms(this);
  });

  /** Runs steps after one that makes npm ready, in a folder with an `.npmrc` that names the feed and nothing else. */
  async function use(program: NpmProgram, lines: string, env: Record<string, string> = {}) {
    const registry = emulator().feedUrl('contoso', 'npm');
    const job = await runIssuingJob(emulator(), {
      steps: [
        { bash: `printf 'registry=${registry}\n' > .npmrc`, workingDirectory: '$(Build.SourcesDirectory)' },
        issueStep({
          scopes: '',
          purpose: 'packagePublish',
          configure: 'npm',
          basicVariableName: 'JOB_PAT_BASIC',
        }),
        {
          bash: `set -e; export HOME="$PWD/home" XDG_DATA_HOME="$PWD/home" CI=true
            mkdir -p home; echo 'init-author-name=Mine' > home/.npmrc; cp home/.npmrc before
            tool() { "${programs.node}" "${programs[program]}" "$@" 2>&1; }
            REGISTRY=${registry}
            ${lines}
            cmp home/.npmrc before`,
          name: 'use',
          displayName: 'use',
          workingDirectory: '$(Build.SourcesDirectory)',
          env,
        },
      ],
    });
    assertNoPat(job, emulator());
    return { result: job.result, output: logOf(mainOf(job, 'use')), log: job.log };
  }

  const APP = `mkdir app; cp .npmrc app; cd app; echo '{"name":"app","version":"1.0.0"}' > package.json`;
  const PRINT = `node -p 'require("hello-feed")'; cd ..`;
  const PUBLISH = `mkdir thing; cp .npmrc thing; cd thing
    echo '{"name":"@contoso/thing","version":"1.2.3"}' > package.json; tool --loglevel debug publish --no-git-checks; cd ..`;

  for (const pnpm of ['pnpm9', 'pnpm10', 'pnpm11', 'pnpm12'] as const) {
    // Up to version 10 it leaves publishing to npm.
    const publishes = pnpm === 'pnpm11' || pnpm === 'pnpm12';
    it(`${pnpm} installs${publishes ? ' and publishes' : ''}, with its most talkative log`, async function () {
      if (publishes && !isNewEnough(programs.node)) notHere(this, `${pnpm} wants a newer Node`);
      const { output, log, result } = await use(
        pnpm,
        `${APP}; tool --loglevel debug --store-dir ../store add hello-feed; ${PRINT}
         ${publishes ? PUBLISH : ''}`,
      );
      assert.equal(result, 'Succeeded', log);
      assert.match(output, /^hello from the feed$/m);
      const published = emulator()
        .requestsOf('packages.publish')
        .filter(({ status }) => status === 200);
      assert.equal(published.length, publishes ? 1 : 0, log);
    });
  }

  /** As the pages say it. */
  const OWN_LINES = {
    yarn1: `key=\${REGISTRY#http:}; printf '%s\\n' "$key:_auth=\\\${JOB_PAT_BASIC}" always-auth=true >> .npmrc`,
    yarn4: `printf '%s\\n' 'npmAuthIdent: "job-pat:\${JOB_PAT-}"' 'npmAlwaysAuth: true' >> .yarnrc.yml`,
  };
  const RC =
    'printf "%s\\n" "npmRegistryServer: $REGISTRY" "unsafeHttpWhitelist: [127.0.0.1]" "nodeLinker: node-modules" "enableTelemetry: false" "npmMinimalAgeGate: 0" > .yarnrc.yml';
  const ADD = { yarn1: 'tool add --verbose hello-feed', yarn4: 'touch yarn.lock; tool add hello-feed' };

  for (const yarn of ['yarn1', 'yarn4'] as const) {
    it(`${yarn} reads none of it, as is said, and is ready with the lines of its own that the pages show`, async () => {
      const without = await use(yarn, `${APP}; ${RC}; ${ADD[yarn]}`);
      assert.equal(without.result, 'Failed');
      assert.match(without.output, /401|authentication|unauthorized/i);
      const own = await use(yarn, `${APP}; ${RC}; ${OWN_LINES[yarn]}; ${ADD[yarn]}; ${PRINT}`, {
        JOB_PAT: '$(JOB_PAT)',
        JOB_PAT_BASIC: '$(JOB_PAT_BASIC)',
      });
      assert.equal(own.result, 'Succeeded', own.log);
      assert.match(own.output, /^hello from the feed$/m);
    });
  }
});

function isNewEnough(node: string): boolean {
  return node !== process.execPath || Number(process.versions.node.split('.')[0]) >= 24;
}
