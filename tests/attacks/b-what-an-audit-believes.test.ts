import assert from 'node:assert/strict';
import { readInventories } from '../../tab/attached-inventories.js';
import type { Attachment, BuildApi } from '../../tab/build-api.js';
import { readLives } from '../../tab/lives.js';
import { readRunRecords } from '../../tab/run-records.js';
import { patEventName, patEventType } from '#pat/pat-event';
import type { JsonObject } from '#text/json';
import { emulatorForEachTest } from '../e2e/issuing-job.js';
import { runJobWith, stepOf } from './attacker.js';

const AUDIT = '5b0f3c9e-8d47-4a26-b1f5-3e9c7a2d6408';
const ISSUE = '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4';
const BASH = 'd9bafed4-0b18-4f58-968d-86655b4d2ce9';

const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const step = (number: number, task: object | null): JsonObject => ({
  id: guid(number),
  type: 'Task',
  task,
  name: 'Issue a PAT for this job',
  details: { id: guid(number + 100), changeId: 1, url: '' },
});

/** What a script tells of a PAT with `task.logdetail`. */
const forgedEvent = {
  type: patEventType('revoked'),
  name: patEventName({
    organization: 'contoso',
    authorizationId: guid(7),
    validTo: new Date('2026-03-01T11:00:00Z'),
    displayName: 'Nightly',
  }),
  startTime: '2026-03-01T10:00:00Z',
};

function apiOf(records: readonly JsonObject[], owners: readonly number[] = []): BuildApi {
  const attachments = owners.map((owner, index): Attachment => ({
    recordId: guid(owner),
    read: () => Promise.resolve(`file ${index}`),
  }));
  return {
    timeline: id => Promise.resolve(id === undefined ? [...records] : [forgedEvent]),
    attachments: () => Promise.resolve(attachments),
  };
}

describe('What the tab and an audit believe', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  const forgers: Record<string, JsonObject> = {
    'a script': step(1, { id: BASH, name: 'Bash' }),
    'a task of somebody that bears our name': step(1, { id: guid(77), name: 'IssuePat' }),
    'a step that tells a name and no id': step(1, { name: 'IssuePat' }),
    'a step without a task': step(1, null),
    'a record that is no step': { ...step(1, { id: ISSUE }), type: 'Job' },
  };
  for (const [who, record] of Object.entries(forgers)) {
    it(`not an event of a PAT that ${who} tells: it is counted`, async () => {
      const livesTold = async (told: JsonObject) => {
        const api = apiOf([told]);
        return readLives(await readRunRecords(api), api, true, new Date());
      };
      const { lives, ignored } = await livesTold(record);
      assert.deepEqual([lives.length, ignored], [0, 1]);
      assert.equal((await livesTold(step(1, { id: ISSUE }))).lives.length, 1, 'of IssuePat it is one');
    });

    it(`not an inventory that ${who} attached, however many there are: they are counted`, async () => {
      const records = [record, step(2, { id: AUDIT, name: 'AuditPats' })];
      const owners = [...Array<number>(25).fill(1), 2, 99];
      const { contents, ignored } = await readInventories({ records, unread: 0 }, apiOf(records, owners));
      assert.deepEqual(contents, ['file 25']);
      assert.equal(ignored, 26);
    });
  }

  for (const displayName of [
    'x job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/1/00000000/00000000',
    'x job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/999999/12f1170f/0123abcd',
  ])
    it(`not that "${displayName}" is a job's PAT, where its run does not know it`, async () => {
      emulator().projects.add('contoso', { id: '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b', name: 'Web' });
      emulator().pats.seed([{ displayName, validFrom: new Date(Date.now() - 24 * 3_600_000) }]);
      const job = await runJobWith(emulator(), [stepOf('AuditPats')]);
      const inventory =
        job.uploads.find(({ name }) => name === 'inventory.json')?.content.toString('utf8') ?? '';
      assert.match(inventory, /"job-pat-run-unknown"/);
      assert.match(job.log, /1 PATs?: .* [1-9]\d* errors?/);
    });
});
