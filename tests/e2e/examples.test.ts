import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type JobResult, type PipelineResult } from '#local-agent/index';
import { emulatorForEachTest } from './issuing-job.js';
import { removePlayedPrograms } from './played-programs.js';
import { assertNoTrace } from './secret-traces.js';
import { needs } from '../unit/emulator/real-tools.js';
import { expectations, folder, runExample } from './example-expectations.js';

describe('The example', () => {
  after(removePlayedPrograms);
  const emulator = emulatorForEachTest();

  for (const file of readdirSync(folder).filter(name => /\.ya?ml$/.test(name))) {
    it(`${file} does its work, and leaves alive what it should`, async function () {
      const expected = expectations[file] ?? assert.fail(`Nothing says yet what ${file} has to do.`);
      needs(this, ...(expected.needs ?? []));
      const run = await runExample(file, emulator());
      assert.equal(run.result, 'Succeeded', logOfRun(run));
      assert.equal(emulator().pats.list().length, expected.pats ?? 1);
      await expected.works(run, emulator());
      const alive = emulator().pats.active();
      const stay = expected.stay ?? [];
      assert.equal(alive.length, stay.length, alive.map(({ displayName }) => displayName).join(', '));
      for (const name of stay) {
        const fits = ({ displayName }: { displayName: string }) =>
          typeof name === 'string' ? name === displayName : name.test(displayName);
        assert.ok(alive.some(fits), `${String(name)} stays alive`);
      }
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

function logOfRun({ jobs }: PipelineResult): string {
  return jobs.map(({ log }) => log).join('\n');
}
