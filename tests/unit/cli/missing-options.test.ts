import assert from 'node:assert/strict';
import { connect } from '../../../cli/commands/connect.js';
import { doctor } from '../../../cli/commands/doctor.js';
import { exec } from '../../../cli/commands/exec.js';
import { issue } from '../../../cli/commands/issue.js';
import { list } from '../../../cli/commands/list.js';
import { revoke } from '../../../cli/commands/revoke.js';
import type { TerminalEffects } from '../../../cli/effects.js';
import { failureOf } from './commands-asked.js';
import { CLIENT, StandIn } from './stand-in.js';

const pat = { validFor: '1h', maxLifetime: '1d' };

type Command = (effects: TerminalEffects) => Promise<unknown>;

/** A command without what it needs, the answers of a person, and the options that are asked for. */
const commands: readonly (readonly [
  what: string,
  Command,
  asked: readonly string[],
  typed: readonly string[],
])[] = [
  [
    'connect',
    effects => connect({ name: 'PAT issuer', printAppRegistration: false }, effects),
    ['--organization', '--project', '--client-id'],
    ['contoso', 'Shop', CLIENT],
  ],
  [
    'connect --print-app-registration --federated',
    effects => connect({ name: 'PAT issuer', printAppRegistration: true, federated: true }, effects),
    ['--organization', '--project'],
    ['contoso', 'Shop'],
  ],
  [
    'doctor',
    effects => doctor({ name: 'PAT issuer', json: false }, effects),
    ['--organization', '--client-id'],
    ['contoso', CLIENT],
  ],
  [
    'list',
    effects => list({ jobPat: false, json: false }, effects),
    ['--organization', '--client-id'],
    ['contoso', CLIENT],
  ],
  [
    'issue',
    effects => issue(pat, effects),
    ['--organization', '--client-id', '--purpose'],
    ['contoso', CLIENT, 'gitClone'],
  ],
  [
    'exec',
    effects => exec(['node', '--version'], pat, effects),
    ['--organization', '--client-id', '--purpose'],
    ['contoso', CLIENT, 'gitClone'],
  ],
  [
    'revoke',
    effects => revoke([], { yes: true }, effects),
    ['--organization', '--client-id', 'Which PAT'],
    ['contoso', CLIENT, 'laptop of Ann'],
  ],
];

describe('What is required and was left out', () => {
  for (const [what, command, asked, typed] of commands) {
    it(`is asked for at a terminal by ${what}, which then does its work`, async () => {
      const world = new StandIn({ interactive: true, typed });
      await command(world.effects());
      const questions = world.said.filter(text => asked.some(option => text.includes(option)));
      assert.equal(questions.length, asked.length, world.told);
      for (const [at, option] of asked.entries()) assert.ok(questions[at]?.includes(option), questions[at]);
      assert.ok(world.requests.some(({ url }) => url.includes('/contoso')));
    });

    it(`is refused by its name where nobody can be asked by ${what}, all at once`, async () => {
      const world = new StandIn({ typed });
      const failure = await failureOf(command(world.effects()));
      assert.equal(failure.topic, 'input-not-valid');
      for (const option of asked)
        assert.ok(failure.what.includes(option.startsWith('--') ? option : '<id or name...>'), failure.what);
      assert.deepEqual(world.requests, []);
    });
  }

  it('is refused where a person types nothing', async () => {
    const world = new StandIn({ interactive: true, typed: ['', CLIENT] });
    const failure = await failureOf(list({ jobPat: false, json: false }, world.effects()));
    assert.match(failure.what, /^--organization: is required/);
  });

  it('is not asked for where it is not needed', async () => {
    const world = new StandIn({ interactive: true, typed: ['eyAccess.token.x'] });
    await list({ organization: 'contoso', entraToken: true, jobPat: false, json: false }, world.effects());
    assert.deepEqual(
      world.said.filter(text => text.includes('--')),
      [],
    );
  });

  it('asks nothing for a command that runs nothing', async () => {
    const world = new StandIn({ interactive: true, typed: ['contoso'] });
    const failure = await failureOf(exec([], pat, world.effects()));
    assert.match(failure.what, /<command\.\.\.>: is required/);
    assert.deepEqual(world.said, []);
  });
});
