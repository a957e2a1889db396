import { runTask } from '../../../../tasks/common/run-task.js';

/** A task that meets a secret with a line end in it, as an answer from outside may have. */
void runTask('Test', ({ agent }) => {
  agent.mask('first-line-of-a-secret\nsecond-line-of-a-secret');
  agent.info('It holds first-line-of-a-secret and second-line-of-a-secret.');
  return Promise.resolve({ result: 'Failed', message: 'No such thing.' });
});
