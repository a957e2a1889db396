import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedRun } from '../../emulator/agent/emulated-run.js';
import {
  type HostType,
  type JobOptions,
  type JobResult,
  type PipelineResult,
  runPipeline,
} from '../../emulator/agent/index.js';
import type { Emulator } from '../../emulator/index.js';
import { emulatorForEachTest, logOf, quickTiming } from './issuing-job.js';
import { packagedExtension, taskNode } from './packaged-extension.js';
import { assertNoTrace } from './secret-traces.js';

interface Expectation {
  readonly hostType?: HostType;
  /** What is there before the example runs, and what its run has of its own. */
  readonly prepare?: (emulator: Emulator) => Pick<JobOptions, 'jobToken' | 'variables'>;
  /** What the example promises: looked for in the log, and in the services that it used. */
  readonly works: (run: PipelineResult, emulator: Emulator) => void | Promise<void>;
  /** How many PATs it takes. */
  readonly pats?: number;
  /** Names of the PATs that are none of its business. */
  readonly stay?: readonly string[];
}

/** As the agent names them. */
const projectId = '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b';
const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';

/** A PAT that a job of this run left behind. */
function patOf(runId: number): { readonly displayName: string } {
  return { displayName: `Lost job-pat:build/${projectId}/${runId}/${jobId.slice(0, 8)}/0123abcd` };
}

const folder = join(import.meta.dirname, '..', '..', 'examples');

const expectations: Readonly<Record<string, Expectation>> = {
  'quickstart.yml': {
    works: (run, emulator) => {
      assert.match(outputOf(run, 'Clone with it'), /^[0-9a-f]{7,} \S/m, 'git log shows a commit.');
      assert.ok(emulator.requestsOf('git.fetch').some(({ status }) => status === 200));
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
};

describe('The example', () => {
  const emulator = emulatorForEachTest();

  for (const file of readdirSync(folder).filter(name => /\.ya?ml$/.test(name))) {
    it(`${file} does its work, and its PAT is dead afterwards`, async () => {
      const expected = expectations[file] ?? assert.fail(`Nothing says yet what ${file} has to do.`);
      const run = await runExample(file, emulator());
      assert.equal(run.result, 'Succeeded', logOfRun(run));
      assert.equal(emulator().pats.list().length, expected.pats ?? 1);
      await expected.works(run, emulator());
      const alive = emulator().pats.active();
      assert.deepEqual(alive.map(({ displayName }) => displayName).sort(), [...(expected.stay ?? [])].sort());
      for (const job of run.jobs) assertNoTrace({ ...job, outputs: publicOf(job.outputs) }, emulator());
    });
  }

  it('of every expectation exists', () => {
    assert.deepEqual(
      Object.keys(expectations).sort(),
      readdirSync(folder)
        .filter(name => /\.ya?ml$/.test(name))
        .sort(),
    );
  });
});

/** A script may hand a PAT to another job as a secret output. */
function publicOf(outputs: JobResult['outputs']): JobResult['outputs'] {
  return Object.fromEntries(Object.entries(outputs).filter(([, { isSecret }]) => !isSecret));
}

function outputOf({ jobs }: PipelineResult, title: string): string {
  const step = jobs.flatMap(({ steps }) => steps).find(step => step.title === title);
  return logOf(step ?? assert.fail(`The example has no step "${title}".`));
}

function logOfRun({ jobs }: PipelineResult): string {
  return jobs.map(({ log }) => log).join('\n');
}

function runExample(file: string, emulator: Emulator): Promise<PipelineResult> {
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
    variables: { ...run.variables, ...variables },
  });
}
