import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azureConnection, emulatedRun } from '#local-agent/emulated-run';
import { type JobOptions, type PipelineResult, runPipeline } from '#local-agent/index';
import type { Emulator } from '#emulator/index';
import { azureDevOpsExtension, needs, nugetClient, runTool } from '../unit/emulator/real-tools.js';
import { emulatorForEachTest, quickTiming } from '../e2e/issuing-job.js';
import { packagedExtension, taskNode } from '../e2e/packaged-extension.js';
import { pathWith, removePlayedPrograms } from '../e2e/played-programs.js';
import { traceIn } from '../e2e/secret-traces.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'recipes.md'), 'utf8');

/** The pipelines of the page, by the heading above them. */
const recipes = page.split(/^## /m).flatMap(chapter => {
  const heading = chapter.slice(0, chapter.indexOf('\n'));
  const blocks = [...chapter.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text = '']) => text);
  return blocks.filter(text => text.startsWith('steps:')).map(text => ({ heading, text }));
});

interface Stage {
  readonly emulator: Emulator;
  /** Where the repository of the pipeline lies. */
  readonly folder: string;
}

interface Expectation {
  readonly needs?: readonly string[];
  /** What is there before; other texts in place of some of the recipe, which name places that are not here. */
  readonly prepare: (stage: Stage) => Promise<Stand> | Stand;
  readonly works: (stage: Stage, run: PipelineResult) => void;
  /** Where the service that it ends at is none, but tells who asked. */
  readonly ends?: 'Failed';
  /** How many PATs it takes, and how many stay. */
  readonly pats?: readonly [number, number];
}

type Stand = Pick<JobOptions, 'variables' | 'serviceConnections'> & {
  readonly texts?: readonly (readonly [string | RegExp, string])[];
};

const tfx = join(import.meta.dirname, '..', '..', 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');

const expectations: Readonly<Record<string, Expectation>> = {
  'Check out a repository of another organization': {
    prepare: ({ emulator }) => {
      emulator.repositories.add('fabrikam', { project: 'Shop', name: 'catalog' });
      return {};
    },
    works: ({ emulator }) => {
      assert.deepEqual(fetched(emulator), ['fabrikam']);
    },
  },
  'Submodules of other projects and organizations': {
    prepare: async ({ emulator, folder }) => {
      const parts = emulator.repositories.add('contoso', { project: 'Other Project', name: 'parts' });
      const lib = emulator.repositories.add('fabrikam', { project: 'Shop', name: 'lib' });
      const modules = [
        { path: 'parts', url: emulator.gitUrl(parts), of: parts },
        { path: 'lib', url: emulator.gitUrl(lib), of: lib },
      ];
      const own = emulator.repositories.add('contoso', { name: 'own', submodules: modules });
      const [pat] = emulator.pats.seed([{ displayName: 'Of the checkout', scope: 'vso.code' }]);
      const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`:${pat?.value ?? ''}`).toString('base64')}`;
      const done = await runTool(['git', '-c', header, 'clone', '-q', emulator.gitUrl(own), '.'], folder);
      assert.equal(done.failed, false, done.text);
      return {};
    },
    works: ({ emulator }) => {
      assert.deepEqual(fetched(emulator), ['contoso', 'fabrikam']);
    },
    pats: [3, 1],
  },
  'NuGet and pip feeds of another organization': {
    needs: ['pip', 'mono', nugetClient[1]],
    prepare: ({ emulator, folder }) => {
      emulator.feeds.add('fabrikam', 'shop');
      const nuget = emulator.feedUrl('fabrikam', 'nuget').replace('/sample/', '/shop/');
      writeFileSync(
        join(folder, 'nuget.config'),
        `<configuration><packageSources><clear/><add key="shop" value="${nuget}"/></packageSources></configuration>`,
      );
      writeFileSync(join(folder, 'requirements.txt'), 'hello-feed==1.0.0\n');
      const dotnet = `exec ${nugetClient.join(' ')} install hello-feed -OutputDirectory packages -NonInteractive`;
      // NuGet's own client stands in for the one in dotnet: both read the same files and variables.
      return {
        variables: {
          PATH: pathWith({ dotnet }),
          PIP_CONFIG_FILE: '/dev/null',
          PIP_TARGET: join(folder, 'lib'),
        },
      };
    },
    works: (_stage, run) => {
      assert.match(logOf(run), /^Added package 'hello-feed\.1\.0\.0' to folder/m);
      assert.match(logOf(run), /^Successfully installed hello-feed-1\.0\.0$/m);
    },
  },
  'az devops in a pipeline': {
    needs: ['az', azureDevOpsExtension],
    prepare: () => ({}),
    works: ({ emulator }, run) => {
      assert.match(logOf(run), /"System\.State": "Closed"/);
      assert.equal(emulator.requestsOf('workItems.update').filter(({ status }) => status === 200).length, 1);
    },
  },
  'Register a self-hosted agent': {
    prepare: ({ folder }) => {
      // Asks, as the agent's own does, who the token in its variable stands for.
      const config = `#!/usr/bin/env bash
        set -euo pipefail
        [ "$1 $2 $VSTS_AGENT_INPUT_AUTH" = "--unattended --url pat" ]
        curl --silent --fail --user ":$VSTS_AGENT_INPUT_TOKEN" "$3/_apis/connectionData" | grep -o '"providerDisplayName":"[^"]*"'`;
      writeFileSync(join(folder, 'config.sh'), config, { mode: 0o755 });
      return { texts: [['/opt/agent', folder]] };
    },
    works: (_stage, run) => {
      assert.match(logOf(run), /^"providerDisplayName":"PAT issuer"$/m);
    },
  },
  'A token for KEDA': {
    prepare: ({ emulator }) => ({
      texts: [[/https:\/\/contoso-builds\.vault\.azure\.net/, emulator.url]],
      serviceConnections: { 'Cluster secrets': azureConnection(emulator) },
    }),
    works: ({ emulator }) => {
      const stored = emulator.keyVault.current('keda-azure-pipelines')?.value;
      const [pat] = emulator.pats.active();
      assert.equal(stored, pat?.value);
      assert.equal(pat?.scope, 'vso.agentpools');
    },
    pats: [1, 1],
  },
  'Publish to the Marketplace': {
    prepare: async () => {
      market = await startMarketplace();
      const PATH = pathWith({
        az: `[ "$1 $2 $3" = "account get-access-token --resource" ] && echo ${ENTRA_TOKEN}`,
        npx: `shift; exec node "${tfx}" "$@" --service-url ${market.url}`,
      });
      return {
        variables: { PATH },
        texts: [
          [/ {2}- task: AzureCLI@2[^]*inlineScript: \|\n/, '  - bash: |\n'],
          ['shop.vsix', packagedExtension()],
        ],
      };
    },
    works: () => {
      const credential = `Basic ${Buffer.from(`OAuth:${ENTRA_TOKEN}`).toString('base64')}`;
      assert.ok(market?.asked.some(({ headers }) => headers.authorization === credential));
    },
    ends: 'Failed',
    pats: [0, 0],
  },
  'Tools that configure leaves out': {
    prepare: () => ({ variables: { PATH: pathWith({ npx: `shift; exec node "${tfx}" "$@"` }) } }),
    works: ({ emulator }, run) => {
      assert.match(logOf(run), /\[\]$/m);
      assert.ok(emulator.requestsOf('build.list').some(({ status }) => status === 200));
    },
  },
};

const ENTRA_TOKEN = 'entra-token-of-the-publisher';
let market: Awaited<ReturnType<typeof startMarketplace>> | undefined;

/** Answers nothing, and tells who asked. */
async function startMarketplace() {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(404).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe('The recipe', function () {
  this.timeout(240_000);
  const emulator = emulatorForEachTest();
  const folders: string[] = [];
  after(() => {
    market?.close();
    removePlayedPrograms();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  for (const { heading, text } of recipes) {
    it(`"${heading}" runs as it stands on the page, and leaves alive what it should`, async function () {
      const expected = expectations[heading] ?? assert.fail(`Nothing says yet what "${heading}" has to do.`);
      needs(this, ...(expected.needs ?? []));
      const folder = mkdtempSync(join(tmpdir(), 'job-pat-recipe-'));
      folders.push(folder);
      const stage = { emulator: emulator(), folder };
      const { texts = [], variables, serviceConnections } = await expected.prepare(stage);
      const origin = new URL(stage.emulator.url).origin;
      const home = join(folder, 'home');
      mkdirSync(home);
      let pipeline = text.replaceAll(/https:\/\/(?:pkgs\.)?dev\.azure\.com\//g, `${origin}/`);
      for (const [from, to] of texts) pipeline = pipeline.replace(from, to);
      writeFileSync(join(folder, 'azure-pipelines.yml'), pipeline);
      const run = emulatedRun(stage.emulator);
      const result = await runPipeline({
        vsix: packagedExtension(),
        pipeline: join(folder, 'azure-pipelines.yml'),
        node: taskNode,
        timing: quickTiming,
        hostType: 'build',
        ...run,
        serviceConnections: { ...run.serviceConnections, ...serviceConnections },
        variables: { ...run.variables, AZURE_CORE_COLLECT_TELEMETRY: 'false', HOME: home, ...variables },
      });
      const log = logOf(result);
      assert.equal(result.result, expected.ends ?? 'Succeeded', log);
      expected.works(stage, result);
      const { pats } = stage.emulator;
      const [taken, left] = expected.pats ?? [pats.list().length, 0];
      assert.deepEqual([pats.list().length, pats.active().length], [taken, left]);
      const values = pats.list().map(({ value }) => value);
      assert.equal(traceIn(log, values), undefined, 'The log shows a PAT.');
    });
  }

  it('of every expectation stands on the page', () => {
    assert.deepEqual(
      Object.keys(expectations),
      recipes.map(({ heading }) => heading),
    );
  });
});

function fetched(emulator: Emulator): string[] {
  const served = emulator
    .requestsOf('git.fetch')
    .filter(({ status, method }) => status === 200 && method === 'POST');
  return [...new Set(served.map(({ organization }) => organization ?? ''))].sort();
}

function logOf({ jobs }: PipelineResult): string {
  return jobs.map(({ log }) => log).join('\n');
}
