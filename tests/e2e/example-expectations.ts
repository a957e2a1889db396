import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  azureConnection,
  azureConnectionName,
  emulatedRun,
  issuerConnectionName,
} from '#local-agent/emulated-run';
import { type HostType, type JobOptions, type PipelineResult, runPipeline } from '#local-agent/index';
import type { Emulator } from '#emulator/index';
import { localAddresses } from '../../scripts/stand-in/addresses.js';
import { logOf, quickTiming } from './issuing-job.js';
import { pathWith } from './played-programs.js';
import { packagedExtension, taskNode } from './packaged-extension.js';
import { assertHoldsWorkingPat, dueRotation, places, storedIssuer } from './rotating-job.js';
import { azureDevOpsExtension, mavenPlugins, nugetClient } from '../unit/emulator/real-tools.js';

interface Expectation {
  readonly hostType?: HostType;
  /** Programs and folders without which the example cannot run. */
  readonly needs?: readonly string[];
  /** What is there before the example runs, and what its run has of its own. */
  readonly prepare?: (
    emulator: Emulator,
  ) => Pick<JobOptions, 'jobToken' | 'variables' | 'serviceConnections'>;
  /** What the example promises: looked for in the log, and in the services that it used. */
  readonly works: (run: PipelineResult, emulator: Emulator) => void | Promise<void>;
  /** How many PATs it takes. */
  readonly pats?: number;
  /** Names of the PATs that stay alive: none of its business, or what it is about. */
  readonly stay?: readonly (string | RegExp)[];
}

/** As the agent names them. */
const projectId = '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b';
const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';

/** A PAT that a job of this run left behind. */
function patOf(runId: number): { readonly displayName: string } {
  return { displayName: `Lost job-pat:build/${projectId}/${runId}/${jobId.slice(0, 8)}/0123abcd` };
}

export const folder = join(import.meta.dirname, '..', '..', 'examples');

export const expectations: Readonly<Record<string, Expectation>> = {
  'quickstart.yml': {
    works: (run, emulator) => {
      assert.match(outputOf(run, 'Clone with it'), /^[0-9a-f]{7,} \S/m, 'git log shows a commit.');
      assert.ok(emulator.requestsOf('git.fetch').some(({ status }) => status === 200));
    },
  },
  'doctor.yml': {
    works: run => {
      assert.match(outputOf(run, 'Tell what was proven'), /^Issued Doctor job-pat:build\//m);
    },
  },
  'push.yml': {
    works: async (_run, emulator) => {
      assert.ok(
        emulator.requestsOf('git.push').some(({ status, method }) => status === 200 && method === 'POST'),
      );
      const reader = await runExample('quickstart.yml', emulator);
      assert.match(outputOf(reader, 'Clone with it'), /^[0-9a-f]{7,} Generate$/m, 'The commit is there.');
    },
  },
  'ready-git.yml': {
    works: (run, emulator) => {
      const { displayName, principalName } = emulator.pats.list()[0]?.owner ?? assert.fail('no PAT');
      const lines = outputOf(run, 'Clone, change, push').split('\n');
      assert.ok(lines.includes(`Author: ${displayName} <${principalName}>`));
      assert.ok(
        emulator.requestsOf('git.push').some(({ status, method }) => status === 200 && method === 'POST'),
      );
    },
  },
  'ready-npm.yml': {
    prepare: emulator => ({ variables: { registry: emulator.npmRegistryUrl('contoso') } }),
    works: run => {
      assert.match(outputOf(run, 'Look a package up'), /^\d+\.\d+\.\d+$/m, 'npm prints the version.');
    },
  },
  'ready-pip.yml': {
    needs: ['pip'],
    prepare: emulator => ({
      variables: { index: emulator.feedUrl('contoso', 'pypi'), PIP_CONFIG_FILE: '/dev/null' },
    }),
    works: run => {
      assert.match(outputOf(run, 'Install a package'), /^Successfully installed hello-feed-1\.0\.0$/m);
    },
  },
  'ready-nuget.yml': {
    needs: ['mono', nugetClient[1]],
    // NuGet's own client stands in for the one in dotnet: both read the same files and variables.
    prepare: emulator => ({
      variables: {
        feed: emulator.feedUrl('contoso', 'nuget'),
        PATH: pathWith({
          dotnet: `grep -q 'Include="hello-feed"' *.csproj
                   exec ${nugetClient.join(' ')} install hello-feed -OutputDirectory packages -NonInteractive`,
        }),
      },
    }),
    works: run => {
      assert.match(outputOf(run, 'Restore'), /^Added package 'hello-feed\.1\.0\.0' to folder/m);
    },
  },
  'ready-maven.yml': {
    needs: ['mvn', mavenPlugins],
    prepare: emulator => ({
      variables: {
        feed: emulator.feedUrl('contoso', 'maven'),
        PATH: pathWith({
          mvn: `PATH=\${PATH#*:} exec mvn -Dmaven.repo.local="$PWD/repository" "$@"`,
        }),
      },
    }),
    works: (run, emulator) => {
      assert.match(outputOf(run, 'Read what it imports'), /BUILD SUCCESS/);
      assert.ok(emulator.requestsOf('packages').some(({ status }) => status === 200));
    },
  },
  'ready-az.yml': {
    needs: ['az', azureDevOpsExtension],
    works: (run, emulator) => {
      assert.match(outputOf(run, 'List the runs'), /^\[\]$/m);
      assert.ok(emulator.requestsOf('build.list').some(({ status }) => status === 200));
    },
  },
  'rotation-that-others-notice.yml': {
    prepare: emulator => {
      dueRotation(emulator, places.variableGroup, 'Nightly mirror');
      return { jobToken: emulator.jobs.issueToken({ organization: 'contoso' }).value };
    },
    pats: 2,
    stay: [/^Nightly mirror job-pat:rotated\//, /^Nightly mirror job-pat:rotated\//],
    works: (run, emulator) => {
      assertHoldsWorkingPat(emulator, places.variableGroup, 'after the night');
      assert.match(
        outputOf(run, 'Rotate the PAT of the mirror'),
        /^Started pipeline "Restart mirror": run \d+\.$/m,
      );
      assert.equal(emulator.requestsOf('pipelines.run').filter(({ status }) => status === 200).length, 1);
    },
  },
  'rest.yml': {
    works: (run, emulator) => {
      assert.match(outputOf(run, 'List the projects'), /"name": ?"sample"/);
      const [pat] = emulator.pats.list();
      assert.ok(outputOf(run, 'Tell which PAT it was').includes(pat?.authorizationId ?? 'none'));
    },
  },
  'npm.yml': {
    works: run => {
      assert.match(outputOf(run, 'Look a package up'), /^\d+\.\d+\.\d+$/m, 'npm prints the version.');
    },
  },
  'several-organizations.yml': {
    pats: 2,
    works: (_run, emulator) => {
      const projects = emulator.requestsOf('projects').filter(({ status }) => status === 200);
      assert.deepEqual(projects.map(({ organization }) => organization).sort(), ['contoso', 'fabrikam']);
    },
  },
  'classic-release.yml': {
    hostType: 'release',
    works: (run, emulator) => {
      assert.match(outputOf(run, 'Call the REST API'), /"name": ?"sample"/);
      assert.match(emulator.pats.list()[0]?.displayName ?? '', /^Release \d+ job-pat:release\//);
    },
  },
  'shared-pat.yml': {
    works: (run, emulator) => {
      assert.match(outputOf(run, 'Clone with it'), /^[0-9a-f]{7,} \S/m, 'Another job clones.');
      assert.match(outputOf(run, 'Revoke it'), /^revoked /m);
      assert.equal(emulator.requestsOf('pats.revoke').length, 1, 'Only the last job revokes.');
    },
  },
  'clean-up-stage.yml': {
    prepare: ({ pats }) => {
      pats.seed([patOf(4711), patOf(4712)]);
      return { variables: { 'Build.BuildId': '4711' } };
    },
    pats: 3,
    stay: [patOf(4712).displayName],
    works: run => {
      const output = outputOf(run, 'Revoke the PATs of this run');
      assert.match(output, /^1 revoked, 0 kept, 0 failed\.$/m, output);
    },
  },
  'nightly-reaper.yml': {
    prepare: ({ pats, runs, jobs }) => {
      const yesterday = new Date(Date.now() - 24 * 3_600_000);
      runs.addBuild({ id: 4711, projectId, status: 'completed', finishTime: yesterday });
      runs.addBuild({ id: 4712, projectId, jobs: [{ id: jobId }] });
      pats.seed([patOf(4711), patOf(4712), { displayName: 'my own' }]);
      return { jobToken: jobs.issueToken({ organization: 'contoso' }).value };
    },
    pats: 3,
    stay: [patOf(4712).displayName, 'my own'],
    works: run => {
      assert.match(outputOf(run, 'Tell what was done'), /^1 revoked, 1 kept, 0 failed\.$/m);
    },
  },
  'weekly-audit.yml': {
    prepare: ({ pats }) => {
      pats.seed([
        { displayName: 'my own', scope: 'app_token' },
        { displayName: 'old', revoked: true },
      ]);
      return {};
    },
    pats: 2,
    stay: ['my own'],
    works: run => {
      const output = outputOf(run, 'Tell the figures');
      assert.match(output, /^PATs 2, active 1, errors 1, warnings 0$/m);
      const published = outputOf(run, 'Publish the data').split('\n');
      for (const file of ['inventory.json', 'inventory.csv', 'findings.sarif'])
        assert.ok(published.includes(file), published.join('\n'));
      const uploads = run.jobs.flatMap(({ uploads }) => uploads);
      assert.deepEqual(uploads.map(({ name }) => name).sort(), ['PAT audit.md', 'inventory.json', 'pats']);
      assert.ok(uploads.every(({ secrets }) => secrets === 0));
    },
  },
  'audit-gate.yml': {
    prepare: ({ pats }) => {
      const validFrom = new Date(Date.now() - 100 * 24 * 3_600_000);
      const validTo = new Date(Date.now() + 100 * 24 * 3_600_000);
      pats.seed([{ displayName: 'Migration of 2025', validFrom, validTo }]);
      return {};
    },
    pats: 1,
    stay: ['Migration of 2025'],
    works: run => {
      assert.match(outputOf(run, 'Deploy'), /^The gate is open, 2 findings are excepted\.$/m);
    },
  },
  'nightly-rotation.yml': {
    prepare: emulator => {
      dueRotation(emulator, places.variableGroup, 'Nightly mirror');
      return { jobToken: emulator.jobs.issueToken({ organization: 'contoso' }).value };
    },
    pats: 2,
    stay: [
      /^Nightly mirror job-pat:rotated\/[0-9a-f]{8}\/0000aaaa$/,
      /^Nightly mirror job-pat:rotated\/[0-9a-f]{8}\/(?!0000aaaa)/,
    ],
    works: (run, emulator) => {
      assertHoldsWorkingPat(emulator, places.variableGroup, 'after the night');
      assert.match(outputOf(run, 'Tell what was done'), /^Rotated true, the PAT ends \d{4}-\d\d-\d\dT/m);
    },
  },
  'rotation-plan.yml': {
    prepare: emulator => {
      dueRotation(emulator, places.variableGroup, 'Nightly mirror');
      emulator.connections.add({
        name: 'Azure Artifacts',
        type: 'externalnpmregistry',
        projects: [projectId],
        parameters: { apitoken: 'a PAT that somebody pasted' },
      });
      emulator.keyVault.set('dashboard-pat', { value: 'a PAT that somebody pasted too' });
      return {
        jobToken: emulator.jobs.issueToken({ organization: 'contoso' }).value,
        serviceConnections: { [azureConnectionName]: azureConnection(emulator) },
      };
    },
    pats: 4,
    stay: [
      /^Nightly mirror job-pat:rotated\/[0-9a-f]{8}\/0000aaaa$/,
      /^Nightly mirror job-pat:rotated\/[0-9a-f]{8}\/(?!0000aaaa)/,
      /^Feed for the shops job-pat:rotated\//,
      /^Dashboard job-pat:rotated\//,
    ],
    works: (run, emulator) => {
      assertHoldsWorkingPat(emulator, places.variableGroup, 'after the night');
      const { parameters } = emulator.connections.get('Azure Artifacts');
      assert.match(emulator.pats.withValue(parameters['apitoken'] ?? '')?.displayName ?? '', /^Feed/);
      const value = emulator.keyVault.current('dashboard-pat')?.value ?? '';
      assert.equal(emulator.pats.withValue(value)?.scope, 'vso.build vso.work');
      assert.match(outputOf(run, 'Rotate the PATs of the plan'), /The next rotation is due/);
    },
  },
  'renew-issuer.yml': {
    prepare: emulator => {
      const connection = storedIssuer(emulator);
      return {
        jobToken: emulator.jobs.issueToken({ organization: 'contoso' }).value,
        serviceConnections: { [issuerConnectionName]: connection },
      };
    },
    // The one for its own write.
    pats: 1,
    works: (_run, emulator) => {
      const { parameters } = emulator.connections.get(issuerConnectionName);
      assert.notEqual(parameters['apitoken'], emulator.entra.refreshToken);
      assert.ok(emulator.entra.refreshTokens.some(({ value }) => value === parameters['apitoken']));
    },
  },
};

function outputOf({ jobs }: PipelineResult, title: string): string {
  const step = jobs.flatMap(({ steps }) => steps).find(step => step.title === title);
  return logOf(step ?? assert.fail(`The example has no step "${title}".`));
}

/** Runs an example with what has to be there before. */
export function runExample(file: string, emulator: Emulator): Promise<PipelineResult> {
  const { hostType = 'build', prepare } = expectations[file] ?? {};
  const run = emulatedRun(emulator);
  const { variables, ...own } = prepare?.(emulator) ?? {};
  return runPipeline({
    vsix: packagedExtension(),
    pipeline: join(folder, file),
    node: taskNode,
    timing: quickTiming,
    hostType,
    ...run,
    ...own,
    addresses: localAddresses(emulator.url, ['contoso', 'fabrikam']),
    serviceConnections: { ...run.serviceConnections, ...own.serviceConnections },
    variables: { ...run.variables, ...variables },
  });
}
