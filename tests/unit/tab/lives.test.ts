import assert from 'node:assert/strict';
import { readLives, type Life, type LivesOfRun } from '../../../tab/lives.js';
import { readRunRecords } from '../../../tab/run-records.js';
import type { BuildApi } from '../../../tab/build-api.js';
import { patEventName, patEventType, type PatEvent } from '#pat/pat-event';
import type { JsonObject } from '#text/json';

const ID = '8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201';
const START = new Date('2026-03-01T10:00:00Z');
const at = (minutes: number): string => new Date(START.getTime() + minutes * 60_000).toISOString();
const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function event(name: PatEvent, minutes: number, { id = ID, detail = '' } = {}): JsonObject {
  return {
    type: patEventType(name),
    name: patEventName({
      organization: 'contoso',
      authorizationId: id,
      validTo: new Date(at(60)),
      displayName: 'Nightly',
    }),
    startTime: at(minutes),
    currentOperation: detail === '' ? null : detail,
  };
}

const job = { id: guid(1), type: 'Job', name: 'Mirror' };
const ISSUE_PAT = '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4';
const REVOKE_PAT = 'c7d0a6e4-2b1f-4f0e-9a3c-5d8e7b6a1f90';
const step = (number: number, name: string, task: string | null = ISSUE_PAT): JsonObject => ({
  id: guid(number),
  type: 'Task',
  task: task === null ? null : { id: task, name: 'IssuePat' },
  name,
  parentId: job.id,
  details: { id: guid(number + 100), changeId: 1, url: 'https://elsewhere.example/' },
});

/** A run with the timelines given; the one without an id is that of the run. */
function apiWith(timelines: Readonly<Record<string, readonly JsonObject[]>>): BuildApi & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    timeline: (id = '') => {
      asked.push(id);
      return Promise.resolve([...(timelines[id] ?? [])]);
    },
    attachments: () => Promise.resolve([]),
  };
}

type Timelines = Readonly<Record<string, readonly JsonObject[]>>;

async function livesOfRun(
  timelines: Timelines,
  { isOver = true, minutes = 30, api = apiWith(timelines) } = {},
): Promise<LivesOfRun> {
  return readLives(await readRunRecords(api), api, isOver, new Date(at(minutes)));
}

async function lives(timelines: Timelines, options = {}): Promise<Life[]> {
  return [...(await livesOfRun(timelines, options)).lives];
}

const told = (...events: JsonObject[]): Record<string, JsonObject[]> => ({
  '': [job, step(2, 'Issue a PAT')],
  [guid(102)]: events,
});

describe('The lives of the PATs of a run', () => {
  it('are put together from the timelines below its steps, with step and job', async () => {
    const found = await lives({
      '': [job, step(2, 'Issue a PAT'), step(3, 'Post-job: Issue a PAT')],
      [guid(102)]: [
        event('exposed', 1, { detail: '$(JOB_PAT)' }),
        event('issued', 0, { detail: 'vso.code' }),
      ],
      [guid(103)]: [event('revoked', 12)],
    });
    assert.equal(found.length, 1);
    const [life] = found;
    assert.equal(life?.state, 'revoked');
    assert.deepEqual(life.pat.authorizationId, ID);
    assert.deepEqual(
      life.moments.map(({ event: name, step: where, job: of, detail }) => [name, where, of, detail]),
      [
        ['issued', 'Issue a PAT', 'Mirror', 'vso.code'],
        ['exposed', 'Issue a PAT', 'Mirror', '$(JOB_PAT)'],
        ['revoked', 'Post-job: Issue a PAT', 'Mirror', ''],
      ],
    );
  });

  it('include those of earlier attempts of a job', async () => {
    const retried = { ...job, previousAttempts: [{ attempt: 1, timelineId: guid(50), recordId: guid(51) }] };
    const found = await lives({
      '': [retried, step(2, 'Issue a PAT')],
      [guid(50)]: [
        { ...job, id: guid(51) },
        { ...step(4, 'Issue a PAT'), parentId: guid(51) },
      ],
      [guid(102)]: [event('issued', 20), event('revoked', 25)],
      [guid(104)]: [event('issued', 0, { id: guid(9) })],
    });
    assert.deepEqual(
      found.map(({ pat, state }) => [pat.authorizationId, state]),
      [
        [guid(9), 'forgotten'],
        [ID, 'revoked'],
      ],
    );
  });

  it('are found also where the service keeps the records beside the steps', async () => {
    const record = { ...event('issued', 0), parentId: guid(2) };
    const [life] = await lives({ '': [job, step(2, 'Issue a PAT'), record] });
    assert.equal(life?.moments[0]?.step, 'Issue a PAT');
  });

  for (const [what, events, options, state] of [
    ['in use while the run goes on', ['issued', 'exposed'], { isOver: false }, 'inUse'],
    ['forgotten when the run is over and nobody revoked it', ['issued', 'exposed'], {}, 'forgotten'],
    ['left to a later job', ['issued', 'handedOver'], {}, 'handedOver'],
    ['alive when revoking failed', ['issued', 'remains'], {}, 'remains'],
    ['revoked when revoking failed once and then did not', ['issued', 'remains', 'revoked'], {}, 'revoked'],
    ['gone when somebody else revoked it', ['issued', 'gone'], {}, 'gone'],
    ['expired when its time is over, whatever failed', ['issued', 'remains'], { minutes: 61 }, 'expired'],
  ] as const) {
    it(`are ${what}`, async () => {
      const [life] = await lives(told(...events.map((name, index) => event(name, index))), options);
      assert.equal(life?.state, state);
    });
  }

  it('ignore everything that is not theirs, and what is no record at all', async () => {
    const strange = { ...event('issued', 0), startTime: 'yesterday', finishTime: 7 };
    assert.deepEqual(await lives(told({ type: 'Task', name: 'x' }, strange, { type: 7, name: {} })), []);
    assert.deepEqual(await lives({}), []);
  });

  it('believe no other task and no script that a PAT is revoked, and count what claims it', async () => {
    const { lives, ignored } = await livesOfRun({
      '': [
        job,
        step(2, 'Issue a PAT'),
        step(3, 'A script', guid(7)),
        step(4, 'Revoke', guid(8)),
        { ...event('revoked', 2), parentId: guid(3) },
        { ...event('revoked', 2), parentId: job.id },
        event('revoked', 2),
        { ...event('revoked', 2), parentId: guid(999) },
      ],
      [guid(102)]: [event('issued', 0)],
      [guid(103)]: [event('revoked', 1), { type: 'Task', name: 'x' }],
      [guid(104)]: [event('revoked', 1)],
    });
    const [life, ...more] = lives;
    assert.deepEqual(
      [life?.state, life?.moments.map(({ event: name }) => name), more, ignored],
      ['forgotten', ['issued'], [], 6],
    );
  });

  it('believe no record that is no step, whatever it says of itself', async () => {
    const forged = { ...step(3, 'Revoke'), type: 'Job' };
    const { lives, ignored } = await livesOfRun({ '': [job, forged], [guid(103)]: [event('revoked', 1)] });
    assert.deepEqual([lives, ignored], [[], 1]);
  });

  it('are told by RevokePat, by the development flavour, and by a post-job step that comes without its task', async () => {
    const main = { ...step(2, 'Issue a PAT', '90e8069f-c6b2-4568-a8ab-3a5b00b77b59'), refName: 'issue' };
    const post = { ...step(3, 'Post-job: Issue a PAT', null), refName: 'issue' };
    const stray = { ...step(5, 'Post-job: Something', null), refName: 'other' };
    const elsewhere = { ...step(6, 'Post-job: Issue a PAT', null), refName: 'issue', parentId: guid(77) };
    const { lives, ignored } = await livesOfRun({
      '': [job, main, post, stray, elsewhere, step(4, 'Revoke', REVOKE_PAT)],
      [guid(102)]: [event('issued', 0)],
      [guid(103)]: [event('remains', 1)],
      [guid(104)]: [event('revoked', 2)],
      [guid(105)]: [event('gone', 2)],
      [guid(106)]: [event('gone', 2)],
    });
    assert.deepEqual(
      lives[0]?.moments.map(({ event: name }) => name),
      ['issued', 'remains', 'revoked'],
    );
    assert.equal(ignored, 2);
  });

  it('tell when there are too many timelines to read all', async () => {
    const steps = Array.from({ length: 203 }, (_, index) => step(index + 1000, 'Issue a PAT'));
    const others = Array.from({ length: 50 }, (_, index) => step(index + 2000, 'A script', guid(7)));
    const { unread } = await livesOfRun({ '': [job, ...others, ...steps] });
    assert.equal(unread, 3);
  });

  it('take one request for each step that told something, and follow no address', async () => {
    const api = apiWith(told(event('issued', 0)));
    await livesOfRun({}, { api });
    assert.deepEqual(api.asked, ['', guid(102)]);
  });
});
