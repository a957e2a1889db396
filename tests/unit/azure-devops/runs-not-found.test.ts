import assert from 'node:assert/strict';
import { RunReader } from '#azure-devops/runs';
import { failureOf } from '../tasks/world.js';
import { PROJECT_UNKNOWN, refusal, RUN_UNKNOWN, runServices, type Told } from './run-services.js';
import { OTHER_PROJECT, contoso, fabrikam, ENDED, run, RELEASE, stateOf, short } from './asked-runs.js';

describe('A run that is not found', () => {
  const missing = (told: Told, asked = run('7')) =>
    stateOf(asked, path =>
      path.endsWith('s')
        ? told
        : asked.run.host === 'build'
          ? RUN_UNKNOWN
          : refusal(404, 'ReleaseNotFoundException'),
    );
  const hidden = "unreadable: its run is not found: it is hidden from this job's token, or deleted for good";

  it('ended when it is among the deleted ones', async () => {
    assert.equal(
      await missing({ value: [{ id: 7, deleted: true, finishTime: ENDED }] }),
      'ended at 09:00: run deleted',
    );
    assert.equal(await missing({ value: [{ id: 7, status: 'completed' }] }), 'ended at no time: run deleted');
    assert.equal(await missing({ value: [{ id: 7 }] }, run('7', RELEASE)), 'ended at no time: run deleted');
  });

  it('is hidden when it is not among them, or one of that number is of another project', async () => {
    assert.equal(await missing({ value: [{ id: 8, deleted: true }] }), hidden);
    const project = { id: OTHER_PROJECT };
    assert.equal(await missing({ value: [{ id: 7, deleted: true, project }] }), hidden);
    const foreign = { value: [{ id: 7, projectReference: project }] };
    assert.equal(await missing(foreign, run('7', RELEASE)), hidden);
    assert.equal(await missing(RUN_UNKNOWN), hidden);
  });

  it('is not known to have ended when the list shows it otherwise, or is none', async () => {
    const unclear = 'unreadable: the answer about its run cannot be understood';
    assert.equal(await missing({ value: [{ id: 7, status: 'inProgress' }] }), unclear);
    assert.equal(await missing({ count: 0 }), unclear);
  });

  it('is not looked for anywhere else when its project is unknown', async () => {
    for (const asked of [run('7'), run('7', RELEASE)]) {
      const { api, asked: urls } = runServices(() => PROJECT_UNKNOWN);
      const [state] = await new RunReader(api).statesOf([asked], contoso);
      assert.match(short(state), /^unreadable: its project is unknown here/);
      assert.equal(urls.length, 1);
    }
  });

  it('is of a project that is unknown when the list says so', async () => {
    assert.match(await missing(PROJECT_UNKNOWN), /^unreadable: its project is unknown here/);
  });

  it('is unreadable with the reason when the list is refused', async () => {
    assert.match(
      await missing(refusal(403, 'X', 'Not you.')),
      /^unreadable: its run is not found, and deleted ones cannot be listed: .*Not you/,
    );
  });

  it('is looked for among the deleted ones in one request for fifty of a project, of each kind', async () => {
    const { api, asked } = runServices((path, url) =>
      path.startsWith('release')
        ? path.endsWith('s')
          ? { value: [] }
          : refusal(404, 'ReleaseNotFoundException')
        : path.endsWith('s')
          ? {
              value: (url.searchParams.get('buildIds') ?? '')
                .split(',')
                .map(id => ({ id: Number(id), deleted: true })),
            }
          : RUN_UNKNOWN,
    );
    const builds = Array.from({ length: 51 }, (_, index) => run(String(index + 1)));
    const others = [run('1', { projectId: OTHER_PROJECT }), run('1', RELEASE), run('2', RELEASE)];
    const states = await new RunReader(api).statesOf([...builds, ...others], contoso);
    assert.deepEqual(states.map(({ kind }) => kind).filter(kind => kind === 'ended').length, 52);
    const lists = asked
      .filter(({ pathname }) => pathname.endsWith('s'))
      .map(({ searchParams }) => ({
        builds: searchParams.get('buildIds')?.split(',').length,
        only: searchParams.get('deletedFilter'),
        releases: searchParams.get('releaseIdFilter'),
        deleted: searchParams.get('isDeleted'),
      }));
    const ofBuilds = (count: number) => ({
      builds: count,
      only: 'onlyDeleted',
      releases: null,
      deleted: null,
    });
    assert.deepEqual(lists, [
      ofBuilds(50),
      ofBuilds(1),
      ofBuilds(1),
      { builds: undefined, only: null, releases: '1,2', deleted: 'true' },
    ]);
  });
});

describe('Many runs', () => {
  const ended: Told = { id: 7, status: 'completed', finishTime: ENDED };

  it('are asked about once each, however many jobs they have, and however often', async () => {
    const { api, asked } = runServices(() => ended);
    const reader = new RunReader(api);
    const jobs = [run('7'), run('7', { jobId: '33333333' })];
    assert.equal((await reader.statesOf(jobs, contoso)).length, 2);
    await reader.statesOf(jobs, contoso);
    assert.equal(asked.length, 1);
  });

  it('are told in their order, and each hundred is progress', async () => {
    const { api } = runServices(path => ({ ...ended, id: Number(path.split('/')[2]) }));
    const told: number[][] = [];
    const asked = Array.from({ length: 250 }, (_, index) => run(String(index)));
    await new RunReader(api).statesOf(asked, contoso, (done, total) => told.push([done, total]));
    assert.deepEqual(told, [
      [100, 250],
      [200, 250],
    ]);
  });

  it('of which one cannot be read are told all the same, with the reason', async () => {
    const { api } = runServices(path => (path.endsWith('7') ? ended : refusal(403, 'X', 'Not you.')));
    const states = await new RunReader(api).statesOf([run('7'), run('8')], contoso);
    assert.match(states.map(short).join('\n'), /^ended at 09:00: run ended\nunreadable: .*Not you/);
  });

  it('end with the step that is told to stop', async () => {
    const { api } = runServices(() => 'cancelled');
    await failureOf(() => new RunReader(api).statesOf([run('7')], contoso), 'cancelled');
  });

  it('are told by the clock of their service', async () => {
    const date = new Date('2026-03-01T09:59:00Z').toUTCString();
    const reader = new RunReader(runServices(() => ({ status: 200, headers: { date }, body: ended })).api);
    await reader.statesOf([run('7')], contoso);
    assert.equal(reader.now().toISOString(), '2026-03-01T09:59:00.999Z');
    assert.equal(reader.clocksDiffer(), undefined);
    const late = new Date('2026-03-01T08:00:00Z').toUTCString();
    const other = new RunReader(
      runServices(() => ({ status: 200, headers: { date: late }, body: ended })).api,
    );
    await other.statesOf([run('7')], contoso);
    assert.equal(other.clocksDiffer()?.topic, 'clock-differs');
  });
});

describe('A run whose PAT is in another organization than this job', () => {
  const ended: Told = { id: 7, status: 'completed', finishTime: ENDED };
  /** What is told of run 7, asked in fabrikam, with this job at home in contoso. */
  async function away(there: Told, here: Told) {
    const { api, asked } = runServices((path, url) => {
      const told = url.pathname.startsWith('/fabrikam/') ? there : here;
      return path.endsWith('s') ? (told === PROJECT_UNKNOWN ? told : { value: [] }) : told;
    });
    const [state] = await new RunReader(api).statesOf([run('7', {}, fabrikam)], contoso);
    return [short(state), asked.some(url => url.pathname.startsWith('/contoso/'))];
  }

  it('is asked about there first, and here when it is not found there', async () => {
    assert.deepEqual(await away(ended, RUN_UNKNOWN), ['ended at 09:00: run ended', false]);
    assert.deepEqual(await away(RUN_UNKNOWN, ended), ['ended at 09:00: run ended', true]);
    assert.deepEqual(await away(PROJECT_UNKNOWN, ended), ['ended at 09:00: run ended', true]);
  });

  it('is told by whoever says more, when neither finds it', async () => {
    const refused = refusal(403, 'X', 'Not you.');
    const [hidden, unknown] = [/its run is not found: it is hidden/, /its project is unknown here/];
    assert.match(String((await away(PROJECT_UNKNOWN, RUN_UNKNOWN))[0]), hidden);
    assert.match(String((await away(RUN_UNKNOWN, PROJECT_UNKNOWN))[0]), hidden);
    assert.match(String((await away(PROJECT_UNKNOWN, PROJECT_UNKNOWN))[0]), unknown);
    assert.match(String((await away(RUN_UNKNOWN, refused))[0]), /Not you/);
    assert.match(String((await away(refused, RUN_UNKNOWN))[0]), /Not you/);
    assert.match(String((await away(PROJECT_UNKNOWN, refused))[0]), /Not you/);
  });

  it('is asked about there alone where nobody knows where this job is at home', async () => {
    const { api, asked } = runServices(() => RUN_UNKNOWN);
    await new RunReader(api).statesOf([run('7', {}, fabrikam)], undefined);
    assert.ok(asked.every(url => url.pathname.startsWith('/fabrikam/')));
  });
});
