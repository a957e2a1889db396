import assert from 'node:assert/strict';
import { recorded } from './recorded.js';
import { patTokenError, signInPage } from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { failureOf, mainStage, withoutNetwork } from './world.js';

describe('A retried step', () => {
  withoutNetwork();

  it('first revokes the PAT that its earlier attempt left', async () => {
    const world = mainStage();
    await issuePat(world);
    const retried = world.laterStage();
    await issuePat(retried);
    assert.deepEqual(world.service.operations.slice(3), ['redeem', 'revoke', 'create', 'verify']);
    assert.equal(world.service.alive.size, 1);
  });

  it('looks for a PAT whose creation was cut', async () => {
    const displayName = 'x job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0badcafe';
    const world = mainStage({ taskVariables: recorded({ displayName }) });
    world.service.add(displayName);
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'list', 'revoke', 'list', 'create', 'verify']);
    assert.equal(world.service.alive.size, 1);
  });

  it('goes on when a leftover cannot be revoked now, warns, and leaves it to the post-job step', async () => {
    const world = mainStage();
    await issuePat(world);
    const retried = world.laterStage();
    world.service.next('revoke', patTokenError('accessDenied'));
    await issuePat(retried);
    assert.equal(world.service.alive.size, 2);
    assert.match(retried.agent.lines('warning').join('\n'), /stays alive in contoso/);
    assert.equal(await afterJob(retried.laterStage()), undefined);
    assert.equal(world.service.alive.size, 0);
  });

  it('that fails to sign in keeps the record for the post-job step', async () => {
    const world = mainStage();
    await issuePat(world);
    const retried = world.laterStage();
    world.service.next('redeem', signInPage(200));
    await failureOf(() => issuePat(retried), 'entra-answer-not-usable');
    assert.equal(await afterJob(retried.laterStage()), undefined);
    assert.equal(world.service.alive.size, 0);
  });
});

describe('Two steps in one job', () => {
  withoutNetwork();

  it('revoke each its own PAT', async () => {
    const first = mainStage();
    await issuePat(first);
    const other = first.service.add('another step job-pat:build/x/1/2/3');
    assert.equal(await afterJob(first.laterStage()), undefined);
    assert.deepEqual([...first.service.alive.keys()], [other.authorizationId]);
  });
});
