import assert from 'node:assert/strict';
import type { Place } from '#azure-devops/run-api';
import { MINUTE } from '#text/lifetime';
import { START } from '../tasks/world.js';
import { failureOf } from '../tasks/world.js';
import { organization, PROJECT, refusal, runServices, type Told } from './run-services.js';

const contoso = organization('contoso');
const BUILDS: Place = { host: 'build', projectId: PROJECT, organization: contoso };
const RELEASES: Place = { ...BUILDS, host: 'release' };

describe('A run that is asked for', () => {
  it('is asked for on the host of its kind, by project and version', async () => {
    const { api, asked } = runServices(() => ({ id: 1 }));
    assert.deepEqual(await api.get(BUILDS, '/1'), { id: 1 });
    await api.get(RELEASES, '/2');
    assert.deepEqual(asked.map(String), [
      `https://dev.azure.com/contoso/${PROJECT}/_apis/build/builds/1?api-version=7.1`,
      `https://vsrm.dev.azure.com/contoso/${PROJECT}/_apis/release/releases/2?api-version=7.1`,
    ]);
  });

  const unknown: readonly (readonly [string, Told, 'no run' | 'no project'])[] = [
    ['a build is not found', refusal(404, 'BuildNotFoundException'), 'no run'],
    ['a build was deleted', refusal(404, 'BuildDeletedException'), 'no run'],
    ['a release is not found', refusal(404, 'releaseNotFoundException'), 'no run'],
    ['a project does not exist', refusal(404, 'ProjectDoesNotExistException'), 'no project'],
    ['a project is refused with 400', refusal(400, 'ProjectDoesNotExistException'), 'no project'],
    ['TF200016 is said', refusal(404, 'X', 'TF200016: no'), 'no project'],
    ['VS800075 is said', refusal(400, 'X', 'VS800075: no'), 'no project'],
    [
      'the words say that a project does not exist',
      refusal(404, 'X', 'The project x does not exist.'),
      'no project',
    ],
    ['the words say that a project was not found', refusal(404, 'X', 'Project x: not found'), 'no project'],
    [
      'the words say that a project could not be found',
      refusal(404, 'X', 'The project could not be found'),
      'no project',
    ],
  ];
  for (const [what, told, state] of unknown)
    it(`is "${state}" when ${what}`, async () => {
      assert.equal(await runServices(() => told).api.get(BUILDS, '/1'), state);
    });

  const unclear: readonly (readonly [string, Told])[] = [
    ['the key is part of another word', refusal(404, 'XBuildNotFoundException')],
    ['the key goes on', refusal(404, 'BuildNotFoundExceptionX')],
    ['a build is not found with another status', refusal(400, 'BuildNotFoundException')],
    ['a project is unknown with another status', refusal(403, 'ProjectDoesNotExistException')],
    ['the words speak of a build of a project', refusal(404, 'X', 'The build of project x does not exist.')],
    ['the words speak of a project and of nothing missing', refusal(404, 'X', 'The project x is closed.')],
    ['the words hide the project in another', refusal(404, 'X', 'The subproject x does not exist.')],
    ['nothing is said', { status: 404, body: {} }],
  ];
  for (const [what, told] of unclear)
    it(`is a failure when ${what}`, async () => {
      await failureOf(() => runServices(() => told).api.get(BUILDS, '/1'));
    });

  it('is nothing where the answer is empty', async () => {
    assert.deepEqual(await runServices(() => ({ status: 204 })).api.get(BUILDS, '/1'), {});
  });

  it('is asked for again for three quarters of a minute', async () => {
    const { api, clock } = runServices(() => ({ status: 503 }));
    await failureOf(() => api.get(BUILDS, '/1'), 'service-unavailable');
    const waited = clock.now().getTime() - START.getTime();
    assert.ok(waited > 30_000 && waited < 45_000, `${waited} ms`);
  });
});

describe('A list of runs', () => {
  const page = (id: number, next?: string): Told => ({
    status: 200,
    body: { value: [{ id }, 'no object'] },
    ...(next !== undefined && { headers: { 'x-ms-continuationtoken': next } }),
  });

  it('is all its pages, with the same question to each', async () => {
    const { api, asked } = runServices((_, url) => {
      const token = url.searchParams.get('continuationToken');
      return token === null ? page(1, 'a') : page(2);
    });
    assert.deepEqual(await api.list(BUILDS, { buildIds: '1,2' }), [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(
      asked.map(url => [url.pathname.split('_apis')[1], url.searchParams.get('buildIds')]),
      [
        ['/build/builds', '1,2'],
        ['/build/builds', '1,2'],
      ],
    );
  });

  it('is what five pages hold, where there are more', async () => {
    let pages = 0;
    const { api } = runServices(() => page(++pages, `page ${pages}`));
    const found = await api.list(BUILDS, {});
    assert.ok(Array.isArray(found));
    assert.equal(found.length, 5);
  });

  it('is undefined when a page is none, also one behind another', async () => {
    assert.equal(await runServices(() => ({ count: 0 })).api.list(BUILDS, {}), undefined);
    const { api, asked } = runServices((_, url) =>
      url.searchParams.has('continuationToken') ? { count: 0 } : page(1, 'a'),
    );
    assert.equal(await api.list(BUILDS, {}), undefined);
    assert.equal(asked.length, 2);
  });

  it('is "no project" or "no run" when that is said, and a failure when something else is refused', async () => {
    const list = (told: Told) => runServices(() => told).api.list(BUILDS, {});
    assert.equal(await list(refusal(404, 'ProjectDoesNotExistException')), 'no project');
    assert.equal(await list(refusal(404, 'BuildNotFoundException')), 'no run');
    const { api, asked } = runServices(() => ({
      status: 200,
      headers: { 'x-ms-continuationtoken': 'a' },
      body: { count: 0 },
    }));
    assert.equal(await api.list(BUILDS, {}), undefined);
    assert.equal(asked.length, 1, 'what is no list has no next page');
    await failureOf(() => list(refusal(403, 'X')));
  });
});

describe('The clock of the service of runs', () => {
  const told = (milliseconds: number): Told => ({
    status: 200,
    headers: { date: new Date(START.getTime() + milliseconds).toUTCString() },
    body: {},
  });
  /** How the time is told from there on, after answers with such clocks, in milliseconds from the agent's. */
  async function after(...clocks: readonly number[]) {
    const left = [...clocks];
    const { api } = runServices(() => told(left.shift() ?? 0));
    for (const index of clocks.keys()) await api.get(BUILDS, `/${index}`);
    return { from: api.now().getTime() - START.getTime(), differ: api.clocksDiffer() };
  }

  it('counts when it is behind, but for the second that its header may hide', async () => {
    assert.deepEqual(await after(-60_000), { from: -59_001, differ: undefined });
  });

  it('does not count when it is ahead, or tells nothing', async () => {
    assert.deepEqual(await after(60_000), { from: 0, differ: undefined });
    const { api } = runServices(() => ({}));
    await api.get(BUILDS, '/1');
    assert.equal(api.now().getTime(), START.getTime());
  });

  it('counts as far behind as it ever was', async () => {
    assert.equal((await after(-60_000, -5_000)).from, -59_001);
  });

  it('counts up to ten minutes of difference', async () => {
    assert.deepEqual(await after(-10 * MINUTE), { from: -10 * MINUTE + 999, differ: undefined });
  });

  it('that differs by more counts for nothing, and that is a failure which says how much', async () => {
    const behind = await after(-10 * MINUTE - 1000);
    assert.equal(behind.from, 0);
    assert.equal(behind.differ?.topic, 'clock-differs');
    assert.match(behind.differ.what, /^The clock of contoso is 10m(?: 1s)? behind that of this agent/);
    assert.match((await after(60 * MINUTE)).differ?.what ?? '', /is 1h ahead of that of this agent/);
  });
});
