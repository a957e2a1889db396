import assert from 'node:assert/strict';
import {
  redirect,
  emptyUnauthorized,
  errorMessage,
  json,
  signInPage,
  unavailable,
  type Answer,
} from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { mainStage, withoutNetwork, World, type Step } from './world.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState } from './world.js';

const MINUTES = 60_000;

async function issued(step: Step = {}): Promise<World> {
  const main = mainStage({ ...step, inputs: { validFor: '4h', ...step.inputs } });
  await issuePat(main);
  main.service.requests.length = 0;
  return main;
}

describe('The sign-in of the post-job step', () => {
  withoutNetwork();

  it('is redeemed anew when the saved one has ended', async () => {
    const world = (await issued()).laterStage();
    world.clock.pass(61 * MINUTES);
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'revoke']);
    assert.equal(world.service.request('revoke').headers['authorization'], 'Bearer entra-access-token-2');
  });

  it('is redeemed anew when the saved one would end within the request', async () => {
    const world = (await issued()).laterStage();
    world.clock.pass(59 * MINUTES + 30_000);
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'revoke']);
  });

  it('is redeemed anew when Entra did not say how long the first one lives', async () => {
    const main = mainStage();
    main.service.next('redeem', () => json(200, { access_token: 'endless', token_type: 'Bearer' }));
    await issuePat(main);
    main.service.requests.length = 0;
    assert.equal(await afterJob(main.laterStage()), undefined);
    assert.deepEqual(main.service.operations, ['redeem', 'revoke']);
  });

  const refused: Record<string, Answer> = {
    'an empty 401': emptyUnauthorized,
    'a sign-in page': signInPage(),
    'a redirect': redirect,
    'a 401 that names the user': errorMessage(401, "TF400813: The user '' is not authorized."),
  };
  for (const [name, answer] of Object.entries(refused)) {
    it(`is made anew, once, when the saved one is answered with ${name}`, async () => {
      const world = (await issued()).laterStage();
      world.service.next('revoke', answer);
      assert.equal(await afterJob(world), undefined);
      assert.deepEqual(world.service.operations, ['revoke', 'redeem', 'revoke']);
      assert.equal(world.service.alive.size, 0);
    });
  }

  it('that Entra refuses leaves a warning with the PAT and what to do about the sign-in', async () => {
    const world = (await issued()).laterStage();
    world.clock.pass(61 * MINUTES);
    world.service.next('redeem', () =>
      json(400, {
        error: 'invalid_grant',
        error_description: 'AADSTS700082: expired.',
        error_codes: [700082],
      }),
    );
    const outcome = await afterJob(world);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(
      outcome.message,
      /stays alive in contoso until 2026-03-01 14:00 UTC.*AADSTS700082.*90 days/s,
    );
  });

  it('that Entra cannot give now is asked for again within the minute', async () => {
    const world = (await issued()).laterStage();
    world.clock.pass(61 * MINUTES);
    world.service.next('redeem', unavailable(503, 3), unavailable());
    assert.equal(await afterJob(world), undefined);
    assert.equal(world.service.alive.size, 0);
  });

  it('asks no longer than a minute, sign-in and revoke together', async () => {
    const world = (await issued()).laterStage();
    world.clock.pass(61 * MINUTES);
    world.service.next('redeem', unavailable(503, 40)).always('revoke', unavailable(503, 9));
    const outcome = await afterJob(world);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.ok(world.clock.waits.reduce((sum, wait) => sum + wait, 0) <= 60_000);
  });

  it('is the Entra token of the pipeline where that issued the PAT', async () => {
    const step = { inputs: { patIssuer: '', entraToken: 'the-pipelines-own-token' } };
    const world = (await issued(step)).laterStage();
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['revoke']);
    assert.equal(world.service.request('revoke').headers['authorization'], 'Bearer the-pipelines-own-token');
  });

  it('that is withdrawn between the stages leaves a warning that names the PAT', async () => {
    const main = await issued();
    const state = agentState({ taskVariables: Object.fromEntries(main.agent.taskVariables) });
    const world = new World(new MemoryAgent({ ...state, connections: {} }), main.service);
    world.clock.pass(61 * MINUTES);
    const outcome = await afterJob(world);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /stays alive in contoso.*the refresh token is missing/s);
  });

  it('does not mind other inputs that became useless in between', async () => {
    const main = await issued();
    const state = agentState({
      inputs: { scopes: '$(gone)', validFor: '', variableName: 'PATH' },
      taskVariables: Object.fromEntries(main.agent.taskVariables),
    });
    const world = new World(new MemoryAgent(state), main.service);
    world.clock.pass(61 * MINUTES);
    assert.equal(await afterJob(world), undefined);
    assert.equal(main.service.alive.size, 0);
  });
});
