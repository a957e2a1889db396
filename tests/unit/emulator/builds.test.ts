import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { basic, bearer, jsonOf, objectOf, objectsOf, read, useEmulator, type Json } from './client.js';

const projectId = '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c';
const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
const version = 'api-version=7.1';

describe('builds in the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));

  async function status(path: string, headers?: Record<string, string>): Promise<[number, unknown]> {
    const response = await read(emulator(), path, headers);
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return [response.status, isJson ? (await jsonOf(response))['typeKey'] : undefined];
  }

  async function build(id: number, project = projectId): Promise<Json> {
    return jsonOf(await read(emulator(), `${project}/_apis/build/builds/${id}?${version}`));
  }

  async function timeline(id: number, timelineId = ''): Promise<Json[]> {
    const path = `${projectId}/_apis/build/builds/${id}/timeline${timelineId}?${version}`;
    return objectsOf((await jsonOf(await read(emulator(), path)))['records']);
  }

  it('tell where they stand, and leave out what has no value yet', async () => {
    const run = emulator().runs.addBuild({ projectId, id: 17, queueTime: new Date('2026-03-01T09:00:00Z') });
    const running = await build(17);
    assert.deepEqual(
      [running['id'], running['status'], running['queueTime'], running['startTime']],
      [17, 'inProgress', '2026-03-01T09:00:00.000Z', '2026-03-01T09:00:00.000Z'],
    );
    assert.ok(!('finishTime' in running) && !('result' in running));
    assert.equal(objectOf(running['project'])['id'], projectId);
    assert.equal(objectOf(objectOf(running['definition'])['project'])['id'], projectId);

    emulator().runs.finish(run, 'failed');
    const over = await build(17);
    assert.deepEqual(
      [over['status'], over['result'], over['finishTime']],
      ['completed', 'failed', '2026-03-01T10:00:00.000Z'],
    );
  });

  it('are found by the id of their project and by its name', async () => {
    emulator().projects.add('contoso', { id: projectId, name: 'Web Shop' });
    emulator().runs.addBuild({ projectId, id: 3 });
    assert.equal((await build(3, 'web%20shop'))['id'], 3);
    assert.equal((await build(3, projectId.toUpperCase()))['id'], 3);
  });

  it('that were deleted are on a list of their own, by their ids; those that are hidden are on none', async () => {
    const { runs } = emulator();
    const [, deleted, hidden] = [1, 2, 3].map(id => runs.addBuild({ projectId, id, status: 'completed' }));
    assert.ok(deleted && hidden);
    runs.remove(deleted);
    runs.hide(hidden);
    runs.remove(runs.addBuild({ id: 2 }));
    const list = async (query: string) => {
      const path = `${projectId}/_apis/build/builds?${query}&${version}`;
      const builds = objectsOf((await jsonOf(await read(emulator(), path)))['value']);
      return builds.map(build => [build['id'], build['deleted']]);
    };
    const [alive, gone] = [
      [1, undefined],
      [2, true],
    ];
    assert.deepEqual(await list('buildIds=1,2,3,4'), [alive]);
    assert.deepEqual(await list('buildIds=1,2,3,4&deletedFilter=onlyDeleted'), [gone]);
    assert.deepEqual(await list('buildIds=1,2,3,4&deletedFilter=includeDeleted'), [alive, gone]);
    assert.deepEqual(await list('buildIds=1&deletedFilter=onlyDeleted'), []);
    const wrong = await status(`${projectId}/_apis/build/builds?buildIds=x&${version}`);
    assert.equal(wrong[0], 400);
  });

  it('that never were, are elsewhere or were deleted are not found', async () => {
    const { runs } = emulator();
    runs.addBuild({ projectId, id: 5 });
    const deleted = runs.addBuild({ id: 6 });
    runs.addBuild({ organization: 'fabrikam', id: 7 });
    assert.deepEqual(await status(`sample/_apis/build/builds/6?${version}`), [200, undefined]);
    runs.remove(deleted);
    for (const id of ['4', '5', '6', '7', 'x', '-1']) {
      for (const path of [id, `${id}/timeline`]) {
        const answer = await status(`sample/_apis/build/builds/${path}?${version}`);
        assert.deepEqual(answer, [404, 'BuildNotFoundException'], path);
      }
    }
  });

  it('of an unknown project tell that the project is unknown, by name or by id', async () => {
    const byName = await status(`nowhere/_apis/build/builds/1?${version}`);
    assert.deepEqual(byName, [404, 'ProjectDoesNotExistWithNameException']);
    const byId = `${projectId}/_apis/build/builds/1?${version}`;
    assert.deepEqual(await status(byId), [404, 'ProjectDoesNotExistException']);
    emulator().manners.unseenProject = 400;
    assert.deepEqual(await status(byId), [400, 'ProjectDoesNotExistException']);
  });

  it('of a deleted project are not found either', async () => {
    emulator().runs.addBuild({ projectId, id: 1 });
    emulator().projects.remove('contoso', projectId);
    const [, typeKey] = await status(`${projectId}/_apis/build/builds/1?${version}`);
    assert.equal(typeKey, 'ProjectDoesNotExistException');
  });

  it('want a version that exists', async () => {
    emulator().runs.addBuild({ id: 1 });
    const path = 'sample/_apis/build/builds/1';
    for (const fine of ['7.0', '7.1', '7.1-preview.7', '7.2-preview.7', '7.2-preview'])
      assert.equal((await status(`${path}?api-version=${fine}`))[0], 200, fine);
    for (const wrong of ['7.2', '9.0', ''])
      assert.equal((await status(`${path}?api-version=${wrong}`))[0], 400);
    assert.deepEqual(await status(path), [400, 'VssVersionNotSpecifiedException']);
  });

  describe('their timeline', () => {
    it('is a tree of stages, phases, jobs and tasks', async () => {
      emulator().runs.addBuild({
        projectId,
        id: 1,
        jobs: [
          { id: jobId, name: 'Build', stage: 'First' },
          { name: 'Test', stage: 'First', state: 'completed', finishTime: new Date('2026-03-01T09:30:00Z') },
          { name: 'Ship', stage: 'Second', state: 'pending' },
        ],
      });
      const records = await timeline(1);
      const named = new Map(records.map(record => [record['id'], record]));
      const pathOf = (record: Json | undefined): unknown[] =>
        record
          ? [...pathOf(named.get(record['parentId'])), `${String(record['type'])} ${String(record['name'])}`]
          : [];
      assert.deepEqual(pathOf(named.get(jobId)), ['Stage First', 'Phase Build', 'Job Build']);
      const tasks = records.filter(record => record['type'] === 'Task');
      assert.deepEqual(pathOf(tasks[0]).slice(0, 3), ['Stage First', 'Phase Build', 'Job Build']);
      const states = records
        .filter(record => record['type'] === 'Stage' || record['type'] === 'Job')
        .map(record => [record['name'], record['state'], record['result'], record['finishTime']]);
      assert.deepEqual(states, [
        ['First', 'inProgress', null, null],
        ['Build', 'inProgress', null, null],
        ['Test', 'completed', 'succeeded', '2026-03-01T09:30:00.000Z'],
        ['Second', 'pending', null, null],
        ['Ship', 'pending', null, null],
      ]);
    });

    it('shows a job that ended in a run that goes on, then the end of the run', async () => {
      const run = emulator().runs.addBuild({ projectId, id: 1, jobs: [{ id: jobId }, {}] });
      emulator().runs.finishJob(run, jobId, 'canceled');
      const jobs = async (): Promise<unknown[]> =>
        (await timeline(1))
          .filter(record => record['type'] === 'Job')
          .map(record => `${String(record['state'])} ${String(record['result'])}`);
      assert.deepEqual(await jobs(), ['completed canceled', 'inProgress null']);
      assert.equal((await build(1))['status'], 'inProgress');
      emulator().runs.finish(run);
      assert.deepEqual(await jobs(), ['completed canceled', 'completed succeeded']);
    });

    it('keeps earlier attempts of a job apart, each with an id and a timeline of its own', async () => {
      const first = '00000000-0000-4000-8000-000000000001';
      emulator().runs.addBuild({
        projectId,
        id: 1,
        jobs: [{ id: jobId, previousAttempts: [{ id: first, result: 'failed' }] }, { name: 'Once' }],
      });
      const records = await timeline(1);
      const job = records.find(record => record['id'] === jobId);
      assert.equal(job?.['attempt'], 2);
      assert.ok(!records.some(record => record['id'] === first));
      const [previous, ...others] = objectsOf(job['previousAttempts']);
      assert.deepEqual([previous?.['attempt'], previous?.['recordId'], others], [1, first, []]);

      const earlier = await timeline(1, `/${String(previous?.['timelineId'])}`);
      const jobs = earlier.filter(record => record['type'] === 'Job');
      assert.deepEqual(
        jobs.map(record => [record['id'], record['result'], record['attempt']]),
        [[first, 'failed', 1]],
      );
      const unknown = `${projectId}/_apis/build/builds/1/timeline/${first}?${version}`;
      assert.equal((await status(unknown))[0], 404);
    });

    it('is nothing as long as the build waits to be planned', async () => {
      emulator().runs.addBuild({ id: 1, status: 'notStarted' });
      assert.deepEqual(await status(`sample/_apis/build/builds/1/timeline?${version}`), [204, undefined]);
    });
  });

  describe('are shown to', () => {
    const path = `sample/_apis/build/builds/1?${version}`;
    beforeEach(() => {
      emulator().runs.addBuild({ id: 1 });
    });

    it('a job of the organization, with its token as Bearer or as a password', async () => {
      const { value } = emulator().jobs.issueToken({ organization: 'contoso' });
      assert.equal((await status(path, bearer(value)))[0], 200);
      assert.equal((await status(path, basic(value)))[0], 200);
    });

    it('no job of another organization', async () => {
      const { value } = emulator().jobs.issueToken({ organization: 'fabrikam' });
      assert.deepEqual(await status(path, bearer(value)), [401, 'UnauthorizedRequestException']);
    });

    it('a job that is confined to some projects, in these only', async () => {
      emulator().runs.addBuild({ projectId, id: 1 });
      const { value } = emulator().jobs.issueToken({ organization: 'contoso', projects: [projectId] });
      const own = `${projectId}/_apis/build/builds/1?${version}`;
      assert.equal((await status(own, bearer(value)))[0], 200);
      assert.deepEqual(await status(path, bearer(value)), [404, 'ProjectDoesNotExistWithNameException']);
      const { value: projects } = await jsonOf(await read(emulator(), '_apis/projects', bearer(value)));
      assert.deepEqual(
        objectsOf(projects).map(({ id }) => id),
        [projectId],
      );
    });

    it('no job that is over', async () => {
      const { value } = emulator().jobs.issueToken({ organization: 'contoso', expiresInSeconds: 60 });
      now = new Date('2026-03-01T10:01:00Z');
      assert.equal((await status(path, bearer(value)))[0], 203);
    });

    it('a PAT and an Entra token with vso.build, or a scope that includes it', async () => {
      for (const [scope, expected] of [
        ['vso.build', 200],
        ['vso.build_execute', 200],
        ['app_token', 200],
        ['vso.release', 401],
        ['vso.code_full', 401],
      ] as const) {
        const [pat] = emulator().pats.seed([{ scope }]);
        assert.equal((await status(path, basic(pat?.value ?? '')))[0], expected, scope);
      }
      const usual = emulator().entra.issueAccessToken().value;
      assert.equal((await status(path, bearer(usual)))[0], 401);
    });

    it('nobody without a credential, with one that is dead, or as a service principal', async () => {
      const [pat] = emulator().pats.seed([{ scope: 'vso.build', revoked: true }]);
      const principal = emulator().entra.issueAccessToken({ servicePrincipal: true }).value;
      for (const headers of [{}, basic(pat?.value ?? ''), bearer(principal), bearer('x')])
        assert.equal((await status(path, headers))[0], 203);
    });
  });

  it('can be spoilt by faults', async () => {
    emulator().runs.addBuild({ id: 1 });
    emulator().faults.add('build', fault.unavailable(500), { times: 2 });
    emulator().faults.add('build.timeline', fault.throttled(2));
    const path = 'sample/_apis/build/builds/1';
    const statuses = [];
    for (const part of ['', '/timeline', '/timeline', '', '/timeline'])
      statuses.push((await status(`${path}${part}?${version}`))[0]);
    assert.deepEqual(statuses, [500, 500, 429, 200, 200]);
    assert.equal(emulator().requestsOf('build.get').length, 2);
    assert.equal(emulator().requestsOf('build').length, 5);
  });

  it('refuse a second one with the same id in a project', () => {
    emulator().runs.addBuild({ id: 1 });
    emulator().runs.addRelease({ id: 1 });
    emulator().runs.addBuild({ id: 1, projectId });
    assert.throws(() => emulator().runs.addBuild({ id: 1 }), /has a build 1 already/);
    assert.equal(emulator().runs.addBuild().id, 2);
  });
});

describe('the token of a job in the emulator', () => {
  const emulator = useEmulator();

  it('stands for the build service, and opens no PAT API', async () => {
    const { value } = emulator().jobs.issueToken({ organization: 'contoso' });
    const { authenticatedUser } = await jsonOf(await read(emulator(), '_apis/connectionData', bearer(value)));
    const { providerDisplayName, subjectDescriptor } = objectOf(authenticatedUser);
    assert.equal(providerDisplayName, 'Project Collection Build Service (contoso)');
    assert.match(String(subjectDescriptor), /^svc\./);
    const list = await read(emulator(), '_apis/tokens/pats?api-version=7.1-preview.1', bearer(value));
    assert.equal(list.status, 401);
    assert.equal((await jsonOf(list))['typeKey'], 'InvalidAccessException');
  });
});
