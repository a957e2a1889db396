import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { basic, bearer, jsonOf, objectOf, objectsOf, read, useEmulator, type Json } from './client.js';

const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';

describe('classic releases in the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));

  async function get(id: number | string, headers?: Record<string, string>): Promise<Response> {
    return read(emulator(), `sample/_apis/release/releases/${id}?api-version=7.1`, headers);
  }

  async function release(id: number): Promise<{ release: Json; environments: Json[]; jobs: Json[] }> {
    const body = await jsonOf(await get(id));
    const environments = objectsOf(body['environments']);
    const jobs = environments
      .flatMap(environment => objectsOf(environment['deploySteps']))
      .flatMap(step => objectsOf(step['releaseDeployPhases']))
      .flatMap(phase => objectsOf(phase['deploymentJobs']))
      .map(({ job }) => objectOf(job));
    return { release: body, environments, jobs };
  }

  it('show their stages, and in each its deployments and their jobs', async () => {
    const { project } = emulator().runs.addRelease({
      id: 9,
      environments: [
        { name: 'Test', status: 'succeeded', jobs: [{ result: 'succeededWithIssues' }] },
        { name: 'Production', jobs: [{ id: jobId }] },
        { name: 'Elsewhere', status: 'notStarted' },
      ],
    });
    const shown = await release(9);
    assert.deepEqual(
      [shown.release['status'], shown.release['modifiedOn']],
      ['active', '2026-03-01T10:00:00.000Z'],
    );
    assert.deepEqual(shown.release['projectReference'], project);
    assert.deepEqual(
      shown.environments.map(environment => [environment['name'], environment['status']]),
      [
        ['Test', 'succeeded'],
        ['Production', 'inProgress'],
        ['Elsewhere', 'notStarted'],
      ],
    );
    const [tested, deploying] = shown.jobs;
    assert.deepEqual(
      [tested?.['status'], tested?.['finishTime']],
      ['partiallySucceeded', '2026-03-01T10:00:00.000Z'],
    );
    assert.deepEqual([deploying?.['timelineRecordId'], deploying?.['status']], [jobId, 'inProgress']);
    assert.ok(deploying && !('finishTime' in deploying));
  });

  it('end in their stages, and stay active', async () => {
    const run = emulator().runs.addRelease({
      id: 9,
      environments: [{ jobs: [{ id: jobId }, {}] }, { status: 'canceled' }],
    });
    now = new Date('2026-03-01T11:00:00Z');
    emulator().runs.finishJob(run, jobId);
    assert.deepEqual(
      (await release(9)).jobs.map(job => [job['status'], job['finishTime']]),
      [
        ['succeeded', '2026-03-01T11:00:00.000Z'],
        ['inProgress', undefined],
      ],
    );
    now = new Date('2026-03-01T12:00:00Z');
    emulator().runs.finish(run, 'failed');
    const { release: over, environments, jobs } = await release(9);
    assert.deepEqual([over['status'], over['modifiedOn']], ['active', '2026-03-01T12:00:00.000Z']);
    assert.deepEqual(
      environments.map(environment => environment['status']),
      ['rejected', 'canceled'],
    );
    assert.equal(jobs[1]?.['status'], 'failed');
  });

  it('keep a deployment for each attempt', async () => {
    const first = '00000000-0000-4000-8000-000000000001';
    emulator().runs.addRelease({
      id: 9,
      environments: [{ jobs: [{ id: jobId, previousAttempts: [{ id: first }] }] }],
    });
    const { environments, jobs } = await release(9);
    assert.deepEqual(
      jobs.map(job => [job['timelineRecordId'], job['status']]),
      [
        [first, 'failed'],
        [jobId, 'inProgress'],
      ],
    );
    assert.deepEqual(
      objectsOf(environments[0]?.['deploySteps']).map(step => [step['attempt'], step['status']]),
      [
        [1, 'failed'],
        [2, 'inProgress'],
      ],
    );
  });

  it('that were deleted are on a list of their own, by their ids', async () => {
    const { runs } = emulator();
    runs.addRelease({ id: 9 });
    runs.remove(runs.addRelease({ id: 10 }));
    runs.hide(runs.addRelease({ id: 11 }));
    const list = async (query: string) => {
      const path = `sample/_apis/release/releases?releaseIdFilter=9,10,11,12${query}&api-version=7.1`;
      return objectsOf((await jsonOf(await read(emulator(), path)))['value']).map(({ id }) => id);
    };
    assert.deepEqual(await list(''), [9]);
    assert.deepEqual(await list('&isDeleted=true'), [10]);
  });

  it('that never were or were deleted are not found; a build with their id is none of them', async () => {
    emulator().runs.addBuild({ id: 8 });
    emulator().runs.remove(emulator().runs.addRelease({ id: 9 }));
    for (const id of [7, 8, 9, 'x']) {
      const response = await get(id);
      assert.deepEqual(
        [response.status, (await jsonOf(response))['typeKey']],
        [404, 'ReleaseNotFoundException'],
      );
    }
  });

  it('are shown to a job of the organization and to a PAT with vso.release, not to others', async () => {
    emulator().runs.addRelease({ id: 9 });
    const { value } = emulator().jobs.issueToken({ organization: 'contoso' });
    const elsewhere = emulator().jobs.issueToken({ organization: 'fabrikam' }).value;
    const pats = emulator().pats.seed([{ scope: 'vso.release' }, { scope: 'vso.build' }]);
    const headers = [bearer(value), bearer(elsewhere), ...pats.map(pat => basic(pat.value)), {}];
    const statuses = await Promise.all(headers.map(async header => (await get(9, header)).status));
    assert.deepEqual(statuses, [200, 401, 200, 401, 203]);
  });

  it('can be spoilt by faults', async () => {
    emulator().runs.addRelease({ id: 9 });
    emulator().faults.add('release', fault.signIn());
    assert.equal((await get(9)).status, 203);
    assert.equal((await get(9)).status, 200);
    assert.equal(emulator().requestsOf('release.get').length, 2);
  });
});
