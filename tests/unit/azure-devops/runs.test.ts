import assert from 'node:assert/strict';
import { PROJECT, PROJECT_UNKNOWN, RUN_UNKNOWN } from './run-services.js';
import { OTHER_PROJECT, ENDED, run, RELEASE, stateOf, only } from './asked-runs.js';

describe('The job of a build', () => {
  const build = (told: object) => stateOf(run('7'), only('build/builds/7', { id: 7, ...told }));

  it('ended when its run did', async () => {
    assert.equal(await build({ status: 'completed', finishTime: ENDED }), 'ended at 09:00: run ended');
    assert.equal(await build({ status: 'Completed' }), 'ended at no time: run ended');
  });

  it('ended with a run that is shown as deleted, at its end or when it was deleted', async () => {
    const deleted = { status: 'inProgress', deleted: true };
    assert.equal(await build({ ...deleted, finishTime: ENDED }), 'ended at 09:00: run deleted');
    const deletedDate = '2026-03-01T09:30:00Z';
    assert.equal(await build({ ...deleted, deletedDate }), 'ended at 09:30: run deleted');
    assert.equal(await build({ ...deleted, deletedDate, finishTime: ENDED }), 'ended at 09:00: run deleted');
    assert.equal(await build({ status: 'inProgress', deleted: 'true' }), 'running: run in progress');
  });

  it('is told by nothing that names another run or another project, or has no status', async () => {
    const unclear = 'unreadable: the answer about its run cannot be understood';
    assert.equal(await build({ status: 'completed', id: 8 }), unclear);
    assert.equal(await build({ status: 'completed', id: null }), unclear);
    assert.equal(await build({ finishTime: ENDED }), unclear);
    assert.equal(await build({ status: 'completed', project: { id: OTHER_PROJECT } }), unclear);
    assert.match(
      await build({ status: 'completed', id: '7', project: { id: PROJECT.toUpperCase() } }),
      /^ended/,
    );
    assert.match(await build({ status: 'completed', project: { id: 'no guid' } }), /^ended/);
  });

  const timeline = (...records: object[]) =>
    stateOf(run('7'), path => {
      if (path === 'build/builds/7') return { id: 7, status: 'inProgress' };
      return path === 'build/builds/7/timeline' ? { records } : undefined;
    });
  const job = {
    id: '12F1170F-54f2-53f3-20dd-22fc7dff55f9',
    type: 'Job',
    state: 'completed',
    finishTime: ENDED,
  };

  it('ended before its run when its record says so, in each attempt, and as late as the last one', async () => {
    assert.equal(await timeline(job), 'ended at 09:00: job ended');
    assert.equal(
      await timeline(job, { ...job, finishTime: '2026-03-01T09:10:00Z' }),
      'ended at 09:10: job ended',
    );
    assert.equal(await timeline({ ...job, finishTime: null }), 'ended at no time: job ended');
    assert.equal(await timeline({ ...job, state: 'Completed' }), 'ended at 09:00: job ended');
  });

  it('runs on while one attempt does, and when no record is its own', async () => {
    const running = 'running: run in progress';
    assert.equal(await timeline(job, { ...job, state: 'inProgress' }), running);
    assert.equal(await timeline({ ...job, type: 'Task' }), running);
    assert.equal(await timeline({ ...job, id: `33333333${job.id.slice(8)}` }), running);
    assert.equal(await timeline({ ...job, id: `x${job.id}` }), running);
    assert.equal(await timeline(), running);
  });

  it('whose run has no timeline is taken to run', async () => {
    for (const told of [RUN_UNKNOWN, PROJECT_UNKNOWN, { status: 204 }])
      assert.equal(
        await stateOf(run('7'), path => (path === 'build/builds/7' ? { id: 7, status: 'inProgress' } : told)),
        'running: run in progress',
      );
  });

  it('of an earlier attempt ended when the later one began', async () => {
    const again = {
      id: '33333333-54f2-53f3-20dd-22fc7dff55f9',
      type: 'job',
      state: 'inProgress',
      startTime: '2026-03-01T08:30:00Z',
      previousAttempts: [{ recordId: job.id }],
    };
    assert.equal(await timeline(again), 'ended at 08:30: job ended');
  });
});

describe('The job of a release', () => {
  const release = (stages: unknown[], more: object = {}) =>
    stateOf(run('5', RELEASE), only('release/releases/5', { id: 5, environments: stages, ...more }));
  const stage = (status: string, ...jobs: object[]) => ({
    status,
    deploySteps: [{ releaseDeployPhases: [{ deploymentJobs: jobs.map(job => ({ job })) }] }],
  });
  const job = {
    timelineRecordId: '12F1170F-54f2-53f3-20dd-22fc7dff55f9',
    status: 'Succeeded',
    finishTime: ENDED,
  };
  const other = { ...job, timelineRecordId: '33333333-54f2-53f3-20dd-22fc7dff55f9' };

  for (const status of [
    'success',
    'failure',
    'canceled',
    'skipped',
    'succeeded',
    'failed',
    'partiallySucceeded',
  ])
    it(`ended when it is "${status}", though another stage runs`, async () => {
      const stages = [stage('succeeded', { ...job, status }), stage('inProgress')];
      assert.equal(await release(stages), 'ended at 09:00: job ended');
    });

  it('runs while one attempt of it does', async () => {
    const stages = [stage('succeeded', job), stage('inProgress', { ...job, status: 'inProgress' })];
    assert.equal(await release(stages), 'running: release in progress');
  });

  it('runs while it is not over, also in a stage that is', async () => {
    assert.equal(
      await release([stage('canceled', { ...job, status: 'inProgress' })]),
      'running: release in progress',
    );
  });

  it('runs for all anybody knows while a stage may still start it', async () => {
    const over = stage('succeeded', other);
    for (const status of ['inProgress', 'queued', 'scheduled', 'undefined', ''])
      assert.equal(await release([over, stage(status)]), 'running: release in progress', status);
  });

  for (const status of ['notStarted', 'succeeded', 'partiallySucceeded', 'canceled', 'rejected'])
    it(`ended with the release when no stage knows it and all are idle, such as "${status}"`, async () => {
      assert.equal(await release([stage(status, other)]), 'ended at 09:00: release ended');
    });

  it('ended no earlier than the release was changed', async () => {
    const modifiedOn = '2026-03-01T09:20:00Z';
    assert.equal(await release([stage('succeeded', other)], { modifiedOn }), 'ended at 09:20: release ended');
    assert.equal(await release([stage('notStarted')], { modifiedOn }), 'ended at 09:20: release ended');
  });

  it('is told by nothing that has no stages, or names another release or project', async () => {
    const unclear = 'unreadable: the answer about its run cannot be understood';
    assert.equal(await release([]), unclear);
    assert.equal(await release([stage('succeeded', job)], { id: 6 }), unclear);
    assert.equal(
      await release([stage('succeeded', job)], { projectReference: { id: OTHER_PROJECT } }),
      unclear,
    );
  });
});
