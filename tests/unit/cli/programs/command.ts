import { Failure } from '#advice/failure';
import type { TerminalEffects } from '../../../../cli/effects.js';
import { watchedOutput } from '../../../../cli/output.js';
import { runCommand } from '../../../../cli/run-command.js';

/** Stories of a command, by name: each ends in its own way. */
const STORIES: Readonly<Record<string, (effects: TerminalEffects) => Promise<number>>> = {
  done(effects) {
    effects.agent.print(effects.nonce());
    return Promise.resolve(0);
  },
  refused: () => Promise.reject(new Failure('access-denied', 'contoso said no.', 'Ask somebody.')),
  misused: () => Promise.reject(new Failure('input-not-valid', 'What is that?', 'Look at --help.')),
  broken: () => Promise.reject(new TypeError('x is not a function')),
  /** Waits until it is told to stop, and then puts something in order. */
  async waiting({ agent, clock, cleanup }) {
    agent.print('waiting');
    try {
      await clock.wait(600_000);
      return 0;
    } finally {
      await cleanup.clock.wait(1);
      agent.print('in order');
    }
  },
};

const [name = '', debug] = process.argv.slice(2);
const story = STORIES[name];
if (story === undefined) throw new Error(`There is no story "${name}".`);
await runCommand({ debug: debug === 'debug', version: '1.0.0', output: watchedOutput() }, story);
