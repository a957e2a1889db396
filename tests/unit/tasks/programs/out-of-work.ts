import { runTask } from '../../../../tasks/common/run-task.js';

/** A task that waits for what never comes. */
void runTask('Test', () => new Promise(() => undefined));
