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
