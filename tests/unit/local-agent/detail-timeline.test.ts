import assert from 'node:assert/strict';
import { DetailTimeline } from '#local-agent/detail-timeline';
import { run, stageOf } from './fixture-package.js';

const id = '0c6f7f5e-0000-4000-8000-000000000001';
const other = '0c6f7f5e-0000-4000-8000-000000000002';
const print = (...lines: string[]): string =>
  lines.map(line => `console.log(${JSON.stringify(line)});`).join('\n');

/** The main stage of a step that prints these lines. */
async function stageThatPrints(...lines: string[]) {
  return stageOf(await run([{ name: 'Teller', main: print(...lines) }], [{ task: 'Teller@1' }]), 'Teller1');
}

describe('records that a stage adds to the timeline with task.logdetail', () => {
  it('are kept as told, and are completed when the stage ends', async () => {
    const { timeline, result } = await stageThatPrints(
      `##vso[task.logdetail id=${id};name=a%3B%5Db;type=Thing;order=3;starttime=2026-03-01T10:00:00Z]words`,
    );
    assert.equal(result, 'Succeeded');
    assert.equal(timeline.length, 1);
    const { finishTime, ...record } = timeline[0] ?? assert.fail();
    assert.ok(finishTime instanceof Date);
    assert.deepEqual(record, {
      id,
      parentId: undefined,
      type: 'Thing',
      name: 'a;]b',
      order: 3,
      startTime: new Date('2026-03-01T10:00:00Z'),
      state: 'Completed',
      result: 'Succeeded',
      percentComplete: 100,
      currentOperation: 'words',
    });
  });

  it('change with a second command, which needs no name', async () => {
    const { timeline } = await stageThatPrints(
      `##vso[task.logdetail id=${id};name=a;type=Thing]`,
      `##vso[task.logdetail id=${id};progress=40;state=Completed;result=Failed]`,
    );
    assert.deepEqual(
      timeline.map(({ name, percentComplete, result }) => [name, percentComplete, result]),
      [['a', 40, 'Failed']],
    );
  });

  it('began at a moment that is UTC where it names no zone, wherever the agent stands', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      const timeline = new DetailTimeline(new Map());
      for (const [moment, expected] of [
        ['2026-03-01T10:00:00', '2026-03-01T10:00:00.000Z'],
        ['2026-03-01 10:00:00.5', '2026-03-01T10:00:00.500Z'],
        ['2026-03-01T10:00:00+05:30', '2026-03-01T04:30:00.000Z'],
        ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
      ] as const) {
        const told = { id, name: 'a', type: 'Thing', starttime: moment };
        timeline.update(new Map(Object.entries(told)), '');
        assert.equal(timeline.records[0]?.startTime.toISOString(), expected, moment);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('may be below each other', async () => {
    const { timeline } = await stageThatPrints(
      `##vso[task.logdetail id=${id};name=a;type=Thing]`,
      `##vso[task.logdetail id=${other};parentid=${id};name=b;type=Thing]`,
    );
    assert.deepEqual(
      timeline.map(({ parentId }) => parentId),
      [undefined, id],
    );
  });

  it('are allowed in restricted mode', async () => {
    const json = { restrictions: { commands: { mode: 'restricted' } } };
    const main = print(`##vso[task.logdetail id=${id};name=a;type=Thing]`);
    const stage = stageOf(await run([{ name: 'Teller', main, json }], [{ task: 'Teller@1' }]), 'Teller1');
    assert.equal(stage.timeline.length, 1);
  });

  for (const [what, properties] of [
    ['an id', 'name=a;type=Thing'],
    ['an id that is a GUID', 'id=1;name=a;type=Thing'],
    ['another id than zero', 'id=00000000-0000-0000-0000-000000000000;name=a;type=Thing'],
    ['a name', `id=${id};type=Thing`],
    ['a type', `id=${id};name=a`],
    ['a parent that is known', `id=${id};parentid=${other};name=a;type=Thing`],
  ] as const) {
    it(`fail the step without ${what}`, async () => {
      const { timeline, result } = await stageThatPrints(`##vso[task.logdetail ${properties}]`);
      assert.deepEqual([timeline, result], [[], 'Failed']);
    });
  }
});
