import assert from 'node:assert/strict';
import type { Answer } from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { patsOn } from './recorded.js';
import type { Operation } from './pat-service.js';
import { failureOf, mainStage, withoutNetwork, type World } from './world.js';

/** The service carries the request out, and the step is cancelled before the answer is read. */
const cancelling =
  (world: World): Answer =>
  usual => {
    const reply = usual();
    world.cancel();
    return reply;
  };

describe('A step that is cancelled', () => {
  withoutNetwork();

  for (const operation of ['redeem', 'create', 'verify'] satisfies Operation[]) {
    it(`during ${operation} leaves no PAT, exposes none, and fails as cancelled`, async () => {
      const world = mainStage();
      world.service.next(operation, cancelling(world));
      await failureOf(() => issuePat(world), 'cancelled');
      assert.equal(world.service.alive.size, 0);
      assert.deepEqual(world.agent.secretVariables, {});
    });
  }

  it('sends no request after the sign-in was cut', async () => {
    const world = mainStage();
    world.service.next('redeem', cancelling(world));
    await failureOf(() => issuePat(world), 'cancelled');
    assert.deepEqual(world.service.operations, ['redeem']);
  });

  it('never issues when it was cancelled before it began', async () => {
    const world = mainStage();
    world.cancel();
    await failureOf(() => issuePat(world), 'cancelled');
    assert.deepEqual(world.service.operations, []);
  });

  it('cleans up within the ten seconds that the agent gives it', async () => {
    const world = mainStage();
    world.service.next('create', cancelling(world));
    await failureOf(() => issuePat(world), 'cancelled');
    const waited = world.clock.waits.reduce((sum, wait) => sum + wait, 0);
    assert.ok(waited <= 6000, `${waited} ms`);
  });

  it('revokes a PAT whose request arrives late: the record still names it after the job', async () => {
    const world = mainStage();
    world.service.next('create', () => {
      world.cancel();
      return new Error('socket hang up');
    });
    await failureOf(() => issuePat(world), 'cancelled');
    const [left] = patsOn(world.agent.taskVariable('JobPat.Record'));
    assert.ok(left);
    world.service.add(left.displayName);
    assert.equal(await afterJob(world.laterStage()), undefined);
    assert.equal(world.service.alive.size, 0);
  });

  it('is killed after the request left: the post-job step finds the PAT by the name on the record', async () => {
    const world = mainStage();
    let record = '';
    world.service.next('create', usual => {
      record = world.agent.taskVariable('JobPat.Record') ?? '';
      return usual();
    });
    await issuePat(world);
    assert.doesNotMatch(record, /authorizationId/);

    const killed = mainStage({ taskVariables: { 'JobPat.Record': record } }, world.service);
    assert.equal(await afterJob(killed), undefined);
    assert.equal(world.service.alive.size, 0);
  });
});
