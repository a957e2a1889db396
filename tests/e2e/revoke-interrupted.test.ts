import assert from 'node:assert/strict';
import { JobControl } from '#local-agent/index';
import { fault } from '#emulator/index';
import { emulatorForEachTest, issuesOf, logOf } from './issuing-job.js';
import { alive, minutesAgo, namesOf, projectId, revoke, seed } from './revoking-job.js';

const COUNT = 120;
const inputs = { what: 'orphans' };

describe('A reaper that is ended in the middle', () => {
  const emulator = emulatorForEachTest();

  beforeEach(() => {
    emulator().runs.addBuild({ id: 1, projectId, status: 'completed', finishTime: minutesAgo(600) });
    seed(emulator(), namesOf(1, COUNT));
    emulator().faults.add('pats.revoke', fault.slow(20), { times: COUNT });
  });

  /** Does something to the job when so many PATs are to be revoked. */
  function atRevoke(number: number, act: (control: JobControl) => void): JobControl {
    const control = new JobControl();
    let count = 0;
    emulator().on('arrival', ({ operation }) => {
      if (operation === 'pats.revoke' && ++count === number) act(control);
    });
    return control;
  }

  for (const what of ['SIGINT', 'a cancel of the run']) {
    it(`by ${what} stops at once, tells what it did, and finishes when it is run again`, async () => {
      const control = atRevoke(40, control => {
        if (what === 'SIGINT') control.killStep('SIGINT');
        else control.cancel();
      });
      const { job, step, outputs } = await revoke(emulator(), inputs, { control });
      assert.notEqual(job.result, 'Succeeded');
      assert.notEqual(step.signal, 'SIGKILL', 'The step has to end by itself.');
      const sent = emulator().requestsOf('pats.revoke').length;
      assert.ok(sent >= 40 && sent <= 48, `${sent} requests were sent.`);
      const { revokedCount = '', failedCount = '' } = outputs;
      assert.equal(Number(revokedCount) + Number(failedCount), COUNT, logOf(step));
      assert.ok(Number(revokedCount) >= 32 && Number(revokedCount) <= sent, revokedCount);
      assert.match(issuesOf(step, 'warning'), /may be alive in contoso until .*: The step was cancelled\./);
      assert.doesNotMatch(job.log, /\[unexpected\]/);

      const again = await revoke(emulator(), inputs);
      assert.equal(again.job.result, 'Succeeded', again.job.log);
      assert.deepEqual(alive(emulator()), []);
    });
  }

  it('by SIGKILL finishes when it is run again', async () => {
    const control = atRevoke(40, control => {
      control.killStep('SIGKILL');
    });
    const { job } = await revoke(emulator(), inputs, { control });
    assert.equal(job.result, 'Failed');
    assert.ok(alive(emulator()).length > 0);
    const again = await revoke(emulator(), inputs);
    assert.equal(again.job.result, 'Succeeded', again.job.log);
    assert.deepEqual(alive(emulator()), []);
  });

  it('while it asks about runs ends nothing, and does not look like success', async () => {
    emulator().faults.add('build.get', fault.hang());
    const control = new JobControl();
    emulator().on('arrival', ({ operation }) => {
      if (operation === 'build.get') control.killStep('SIGINT');
    });
    const { job, step } = await revoke(emulator(), inputs, { control });
    assert.equal(job.result, 'Failed');
    assert.match(issuesOf(step), /The step was cancelled\. \[cancelled\]/);
    assert.equal(alive(emulator()).length, COUNT);
  });
});
