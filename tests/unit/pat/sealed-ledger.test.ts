import assert from 'node:assert/strict';
import { afterJob, issuePat } from '../tasks/issue-pat.js';
import { entryOf, recorded, sealed, type Sealing } from '../tasks/recorded.js';
import { agentState, mainStage, withoutNetwork, World, type Step } from '../tasks/world.js';
import { MemoryAgent, type AgentState } from '../tasks/memory-agent.js';

const NAME = 'Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0000abcd';
const STEP = { 'System.TaskInstanceId': '0f0f0f0f-1111-4222-8333-444444444444' };

/** The post-job stage of a step whose record is this text; a PAT of that name and id is alive. */
function stageWith(record: (id: string) => string, step: Step = {}): World {
  const world = mainStage(step);
  const { authorizationId } = world.service.add(NAME);
  world.agent.taskVariables.set('JobPat.Record', record(authorizationId));
  return world;
}

/** A record of that PAT, sealed by whoever the test says. */
const sealedBy = (sealing: Sealing) => (authorizationId: string) =>
  sealed({ pats: [entryOf({ displayName: NAME, authorizationId })] }, sealing);

describe('The record of a step', () => {
  withoutNetwork();

  it('that it sealed itself is believed', async () => {
    const world = stageWith(sealedBy({ step: { variables: STEP } }), { variables: STEP });
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'revoke']);
    assert.equal(world.service.alive.size, 0);
  });

  const forged: Record<string, (id: string) => string> = {
    'without a seal': id => JSON.stringify([entryOf({ displayName: NAME, authorizationId: id })]),
    'whose seal is no checksum': id =>
      `seal {"pats":[${JSON.stringify(entryOf({ displayName: NAME, authorizationId: id }))}]}`,
    'sealed with another secret': sealedBy({ secret: 'what-the-forger-knows' }),
    'sealed with an empty secret': sealedBy({ secret: '' }),
    'with one letter changed': id => sealedBy({})(id).replace('Nightly', 'Mightly'),
    'with another id': id =>
      sealedBy({})('00000000-0000-4000-8000-00000000ffff').replace('00000000ffff', id.slice(-12)),
    'with another organization': id => sealedBy({})(id).replace('/contoso', '/fabrikam'),
    'with a seal cut short': id => sealedBy({})(id).slice(1),
    'larger than any': id => `${sealedBy({})(id)}${' '.repeat(70_000)}`,
  };
  for (const [what, record] of Object.entries(forged)) {
    it(`${what} counts as none, and that is said`, async () => {
      const world = stageWith(record);
      assert.equal(await afterJob(world), undefined);
      assert.deepEqual(world.service.operations, []);
      assert.equal(world.service.alive.size, 1);
      assert.match(world.agent.lines('warning').join(), /JobPat\.Record.*counts as none/);
      assert.doesNotMatch(world.agent.lines().join('\n'), /left no PAT/);
    });

    it(`${what} is not believed by a main stage either`, async () => {
      const world = stageWith(record);
      await issuePat(world);
      assert.equal(world.service.count('revoke'), 0);
      assert.match(world.agent.lines('warning').join(), /counts as none/);
    });
  }

  const elsewhere: Record<string, Record<string, string>> = {
    'of another run': { ...STEP, 'Build.BuildId': '4712' },
    'of another project': { ...STEP, 'System.TeamProjectId': 'cdcdcdcd-1212-4343-8565-787878787878' },
    'of another job': { ...STEP, 'System.JobId': '22f1170f-54f2-53f3-20dd-22fc7dff55f9' },
    'of another step': { 'System.TaskInstanceId': '0f0f0f0f-1111-4222-8333-555555555555' },
  };
  for (const [what, variables] of Object.entries(elsewhere)) {
    it(`${what} counts as none, and the warning names its PATs`, async () => {
      const world = stageWith(sealedBy({ step: { variables } }), { variables: STEP });
      const outcome = await afterJob(world);
      assert.deepEqual(world.service.operations, []);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(outcome.message, /sealed in another run, job or step.*counts as none.*0000abcd/);
    });
  }

  it('is sealed with entraToken where that signs in', async () => {
    const inputs = { patIssuer: '', entraToken: 'the-pipelines-own-token' };
    const main = mainStage({ inputs });
    await issuePat(main);
    const post = main.laterStage();
    assert.equal(await afterJob(post), undefined);
    assert.equal(post.service.alive.size, 0);

    const other = stageWith(sealedBy({ secret: 'the-pipelines-own-token' }), {
      inputs: { patIssuer: '', entraToken: 'another-token' },
    });
    await afterJob(other);
    assert.deepEqual(other.service.operations, []);
  });

  /** What may have happened to a step before its post-job stage. */
  const meanwhile: Record<string, Partial<AgentState> & { step?: Step }> = {
    'the variables that say which run this is': {
      step: {
        variables: {
          'Build.BuildId': '1',
          'System.JobId': '',
          'System.TaskInstanceId': '',
          'Release.ReleaseId': '9',
        },
      },
    },
    'the refresh token of the connection': { step: { secrets: { apitoken: 'another' } } },
    'where the connection leads': {
      step: {
        url: 'https://dev.azure.com/evil',
        fields: { authorityUrl: 'http://127.0.0.1:1', allowedOrganizations: 'evil' },
      },
    },
    'the connection itself': { connections: {} },
    'the name of a task variable': { forged: ['JobPat.Record', 'JobPat.EntraToken'], connections: {} },
  };
  for (const [what, { step, ...state }] of Object.entries(meanwhile))
    it(`is believed where ${what} changed since, by the sign-in that the step saved`, async () => {
      const main = mainStage();
      await issuePat(main);
      const taskVariables = Object.fromEntries(main.agent.taskVariables);
      const post = new World(
        new MemoryAgent({ ...agentState({ ...step, taskVariables }), ...state }),
        main.service,
      );
      assert.equal(await afterJob(post), undefined, post.agent.lines().join('\n'));
      assert.equal(main.service.alive.size, 0);
    });

  it('says where to sign in again after the saved sign-in has ended, whatever the connection says by then', async () => {
    const main = mainStage({ inputs: { validFor: '6h' } });
    await issuePat(main);
    const taskVariables = Object.fromEntries(main.agent.taskVariables);
    const fields = { authorityUrl: 'http://127.0.0.1:1', tenantId: 'of-the-attacker' };
    const post = new World(new MemoryAgent(agentState({ fields, taskVariables })), main.service);
    post.clock.pass(5 * 3_600_000);
    const before = main.service.operations.length;
    assert.equal(await afterJob(post), undefined, post.agent.lines().join('\n'));
    assert.deepEqual(main.service.operations.slice(before), ['redeem', 'revoke']);
  });

  it('does not have another refresh token sign in after the saved sign-in has ended, and names what stays', async () => {
    const main = mainStage({ inputs: { validFor: '6h' } });
    await issuePat(main);
    const taskVariables = Object.fromEntries(main.agent.taskVariables);
    const secrets = { apitoken: 'of-another-user' };
    const post = new World(new MemoryAgent(agentState({ secrets, taskVariables })), main.service);
    post.clock.pass(5 * 3_600_000);
    const before = main.service.operations.length;
    const outcome = await afterJob(post);
    assert.deepEqual(main.service.operations.slice(before), []);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /stays alive in contoso.*not what this step signed in with.*setendpoint/);
  });

  it('of an entraToken is believed where the input holds a newer one', async () => {
    const main = mainStage({ inputs: { patIssuer: '', entraToken: 'the-first-token' } });
    await issuePat(main);
    const taskVariables = Object.fromEntries(main.agent.taskVariables);
    const inputs = { patIssuer: '', entraToken: 'the-second-token' };
    const post = new World(new MemoryAgent(agentState({ inputs, taskVariables })), main.service);
    assert.equal(await afterJob(post), undefined);
    assert.equal(main.service.alive.size, 0);
  });

  it('sealed by a saved token that a variable may have set gets no sign-in of this step', async () => {
    const text = (content: object, beside = '') => sealed(content, { secret: 'of-the-forger' }, beside);
    const victim = mainStage().service;
    const { authorizationId } = victim.add(NAME);
    const taskVariables = {
      'JobPat.Record': text({ pats: [entryOf({ displayName: NAME, authorizationId })] }),
      'JobPat.EntraToken': 'of-the-forger',
      'JobPat.EntraTokenExpires': text({ expires: '2026-03-01T09:00:00.000Z' }, 'of-the-forger'),
    };
    const forged = ['JobPat.Record', 'JobPat.EntraToken', 'JobPat.EntraTokenExpires'];
    const post = new World(new MemoryAgent({ ...agentState({ taskVariables }), forged }), victim);
    const outcome = await afterJob(post);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.deepEqual(victim.operations, []);
    assert.equal(victim.alive.size, 1);
  });

  it('is sealed again at every change, and shows no secret', async () => {
    const main = mainStage();
    await issuePat(main);
    const written = main.agent.events.flatMap(event =>
      event.kind === 'task variable' && event.name === 'JobPat.Record' ? [event.value] : [],
    );
    assert.equal(written.length, 2);
    for (const text of written) {
      assert.match(text, /^[0-9a-f]{64}\.[0-9a-f]{64} \{/);
      for (const secret of main.agent.masks) assert.ok(!text.includes(secret));
    }
    assert.notEqual(written[0]?.slice(0, 64), written[1]?.slice(0, 64));
  });

  it('does not grow with the square of the organizations that hand their PATs over', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `org-${index}`);
    const inputs = { organization: names.join(','), revoke: 'never', verify: 'false' };
    const main = mainStage({ inputs, fields: { allowedOrganizations: names.join(' ') } });
    await issuePat(main);
    const written = main.agent.events.filter(
      event => event.kind === 'task variable' && event.name === 'JobPat.Record',
    );
    assert.equal(written.length, 2 * 40 + 1);
  });
});

describe('The saved sign-in of a step', () => {
  withoutNetwork();

  /** A post-job stage with a genuine record, and a sign-in that somebody else saved. */
  function stageWithSignIn(expires: string, token: string): World {
    const world = stageWith(sealedBy({}));
    const state = agentState({ taskVariables: Object.fromEntries(world.agent.taskVariables) });
    const agent = new MemoryAgent(state);
    agent.taskVariables.set('JobPat.EntraToken', token);
    agent.taskVariables.set('JobPat.EntraTokenExpires', expires);
    return new World(agent, world.service);
  }

  const END = '2026-03-01T10:50:00.000Z';

  it('is used when it carries the seal', async () => {
    const world = stageWithSignIn(sealed({ expires: END }, {}, 'saved'), 'saved');
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['revoke']);
    assert.equal(world.service.request('revoke').headers['authorization'], 'Bearer saved');
  });

  for (const [what, expires, token] of [
    ['a plain moment', END, 'of-the-forger'],
    ['the seal of another token', sealed({ expires: END }, {}, 'saved'), 'of-the-forger'],
    ['a seal of another secret', sealed({ expires: END }, { secret: 'x' }, 'of-the-forger'), 'of-the-forger'],
    ['the seal of a record', sealed({ pats: [], expires: END }), 'of-the-forger'],
  ] as const) {
    it(`with ${what} beside it counts as none: the step signs in anew`, async () => {
      const world = stageWithSignIn(expires, token);
      assert.equal(await afterJob(world), undefined);
      assert.deepEqual(world.service.operations, ['redeem', 'revoke']);
      assert.doesNotMatch(JSON.stringify(world.service.requests), /of-the-forger/);
    });
  }

  it('is not even looked at when there is no record', async () => {
    const world = mainStage({ taskVariables: { ...recorded(), 'JobPat.EntraToken': 'x' } });
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, []);
  });
});
