import { runTask } from '../../../../tasks/common/run-task.js';

/** A task that is told to stop by Ctrl+Break while it waits. */
void runTask('Test', async ({ clock }) => {
  setTimeout(() => process.emit('SIGBREAK', 'SIGBREAK'), 10);
  await clock.wait(60_000);
  return undefined;
});
