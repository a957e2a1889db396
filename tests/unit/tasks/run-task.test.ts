import assert from 'node:assert/strict';
import { startStage, useBundle } from './stage-process.js';

describe('A stage that is told to stop', function () {
  this.timeout(20_000);
  const program = useBundle('tests/unit/tasks/programs/told-to-break.ts');

  it('listens to Ctrl+Break, which is the second signal of an agent on Windows', async () => {
    const { output } = await startStage(program(), {}).ended;
    assert.match(output, /result=Failed;\]The step was cancelled\. \[cancelled\]/);
  });
});

describe('A stage that meets a secret of two lines', function () {
  this.timeout(20_000);
  const program = useBundle('tests/unit/tasks/programs/secret-of-two-lines.ts');

  it('masks each of its lines, and tells its result', async () => {
    const { commands, output } = await startStage(program(), {}).ended;
    const masked = commands.filter(({ name }) => name === 'task.setsecret').map(({ value }) => value);
    for (const line of ['first-line-of-a-secret', 'second-line-of-a-secret']) {
      assert.ok(masked.includes(line), output);
      assert.ok(masked.includes(Buffer.from(line).toString('base64')), output);
    }
    assert.match(output, /It holds \*\*\* and \*\*\*\./);
    assert.match(output, /result=Failed;\]No such thing\./);
  });
});

describe('A stage that runs out of work before it has told a result', function () {
  this.timeout(20_000);
  const program = useBundle('tests/unit/tasks/programs/out-of-work.ts');

  it('ends with an exit code that the agent takes for a failure', async () => {
    const { commands, exitCode } = await startStage(program(), {}).ended;
    assert.equal(exitCode, 1);
    assert.deepEqual(
      commands.filter(({ name }) => name === 'task.complete'),
      [],
    );
  });
});
