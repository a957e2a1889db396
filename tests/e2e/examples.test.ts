import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedRun } from '../../emulator/agent/emulated-run.js';
import { type HostType, type JobResult, runJob } from '../../emulator/agent/index.js';
import type { Emulator } from '../../emulator/index.js';
import { emulatorForEachTest, logOf, quickTiming } from './issuing-job.js';
import { packagedExtension, taskNode } from './packaged-extension.js';
import { assertNoTrace } from './secret-traces.js';

interface Expectation {
  readonly hostType?: HostType;
  /** What the example promises: looked for in the log, and in the services that it used. */
  readonly works: (job: JobResult, emulator: Emulator) => void | Promise<void>;
  /** How many PATs it takes. */
  readonly pats?: number;
}

const folder = join(import.meta.dirname, '..', '..', 'examples');

const expectations: Readonly<Record<string, Expectation>> = {
  'quickstart.yml': {
    works: (job, emulator) => {
      assert.match(outputOf(job, 'Clone with it'), /^[0-9a-f]{7,} \S/m, 'git log shows a commit.');
      assert.ok(emulator.requestsOf('git.fetch').some(({ status }) => status === 200));
    },
  },
  'push.yml': {
    works: async (_job, emulator) => {
      assert.ok(
        emulator.requestsOf('git.push').some(({ status, method }) => status === 200 && method === 'POST'),
      );
      const reader = await runExample('quickstart.yml', emulator);
      assert.match(outputOf(reader, 'Clone with it'), /^[0-9a-f]{7,} Generate$/m, 'The commit is there.');
    },
  },
  'rest.yml': {
    works: (job, emulator) => {
      assert.match(outputOf(job, 'List the projects'), /"name": ?"sample"/);
      const [pat] = emulator.pats.list();
      assert.ok(outputOf(job, 'Tell which PAT it was').includes(pat?.authorizationId ?? 'none'));
    },
  },
  'npm.yml': {
    works: job => {
      assert.match(outputOf(job, 'Look a package up'), /^\d+\.\d+\.\d+$/m, 'npm prints the version.');
    },
  },
  'several-organizations.yml': {
    pats: 2,
    works: (_job, emulator) => {
      const projects = emulator.requestsOf('projects').filter(({ status }) => status === 200);
      assert.deepEqual(projects.map(({ organization }) => organization).sort(), ['contoso', 'fabrikam']);
    },
  },
  'classic-release.yml': {
    hostType: 'release',
    works: (job, emulator) => {
      assert.match(outputOf(job, 'Call the REST API'), /"name": ?"sample"/);
      assert.match(emulator.pats.list()[0]?.displayName ?? '', /^Release \d+ job-pat:release\//);
    },
  },
};

describe('The example', () => {
  const emulator = emulatorForEachTest();

  for (const file of readdirSync(folder).filter(name => /\.ya?ml$/.test(name))) {
    it(`${file} does its work, and its PAT is dead afterwards`, async () => {
      const expected = expectations[file] ?? assert.fail(`Nothing says yet what ${file} has to do.`);
      const job = await runExample(file, emulator());
      assert.equal(job.result, 'Succeeded', job.log);
      assert.equal(emulator().pats.list().length, expected.pats ?? 1);
      await expected.works(job, emulator());
      assert.deepEqual(emulator().pats.active(), []);
      assertNoTrace(job, emulator());
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

function outputOf(job: JobResult, title: string): string {
  const step = job.steps.find(step => step.title === title);
  return logOf(step ?? assert.fail(`The example has no step "${title}".`));
}

function runExample(file: string, emulator: Emulator): Promise<JobResult> {
  return runJob({
    vsix: packagedExtension(),
    pipeline: join(folder, file),
    node: taskNode,
    timing: quickTiming,
    hostType: expectations[file]?.hostType ?? 'build',
    ...emulatedRun(emulator),
  });
}
