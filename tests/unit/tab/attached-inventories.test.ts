import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { flavoured } from '../../../scripts/flavour.js';
import { root } from '../../../scripts/paths.js';
import { readProduct } from '../../../scripts/product.js';
import { readTaskDefinition } from '../../../scripts/task-definition.js';
import { readInventories } from '../../../tab/attached-inventories.js';
import type { Attachment, BuildApi } from '../../../tab/build-api.js';
import { ourSteps } from '../../../tab/our-tasks.js';
import type { JsonObject } from '#text/json';

const AUDIT = '5b0f3c9e-8d47-4a26-b1f5-3e9c7a2d6408';
const SCRIPT = 'd9bafed4-0b18-4f58-968d-86655b4d2ce9';
const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const step = (number: number, id: string, name = 'AuditPats'): JsonObject => ({
  id: guid(number),
  type: 'Task',
  task: { id, name },
});

/** Attachments by the number of the record that they say they are of. */
function apiWith(owners: readonly (number | undefined)[]): BuildApi & { read: string[] } {
  const read: string[] = [];
  const attachments = owners.map((owner, index): Attachment => ({
    recordId: owner === undefined ? undefined : guid(owner),
    read: () => {
      read.push(`inventory ${index}`);
      return Promise.resolve(`inventory ${index}`);
    },
  }));
  return { read, timeline: () => Promise.resolve([]), attachments: () => Promise.resolve(attachments) };
}

const inventoriesOf = (records: readonly JsonObject[], api: BuildApi) =>
  readInventories({ records, unread: 0 }, api);

describe('The inventories of a run', () => {
  it('are those that a step of AuditPats attached; what a script forged is counted, and not even read', async () => {
    const api = apiWith([1, 2, 3, 9, undefined]);
    const found = await inventoriesOf([step(1, SCRIPT), step(2, AUDIT), step(3, guid(77))], api);
    assert.deepEqual(found, { contents: ['inventory 1'], left: 0, ignored: 4 });
    assert.deepEqual(api.read, ['inventory 1']);
  });

  it('cannot be hidden behind forged ones', async () => {
    const forged = Array<number>(20).fill(1);
    const { contents, ignored } = await inventoriesOf(
      [step(1, SCRIPT), step(2, AUDIT)],
      apiWith([...forged, 2]),
    );
    assert.deepEqual([contents, ignored], [['inventory 20'], 20]);
  });

  it('are of the task whose id it is, not of one that has its name, nor of another record', async () => {
    const records = [
      step(1, AUDIT.replace('5b', '5c')),
      { ...step(2, AUDIT), type: 'Job' },
      { ...step(3, AUDIT), task: null, refName: 'audit' },
      { ...step(4, AUDIT), task: { name: 'AuditPats' } },
      step(5, '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', 'AuditPats'),
    ];
    const { contents, ignored } = await inventoriesOf(records, apiWith([1, 2, 3, 4, 5]));
    assert.deepEqual([contents, ignored], [[], 5]);
  });

  it('are twenty at most, and it is told how many more there are', async () => {
    const { contents, left } = await inventoriesOf([step(2, AUDIT)], apiWith(Array<number>(23).fill(2)));
    assert.deepEqual([contents.length, left], [20, 3]);
  });
});

describe('The tasks that the tab believes', () => {
  for (const name of readdirSync(join(root, 'tasks')).filter(folder => folder !== 'common'))
    it(`know ${name} by the ids that it is published under`, async () => {
      const definition = await readTaskDefinition(
        join(root, 'tasks', name, `${name}V1`),
        await readProduct(),
      );
      const tells = ['AuditPats', 'IssuePat', 'RevokePat'].includes(name);
      for (const { id } of [definition, flavoured(definition, 'dev')])
        assert.equal(ourSteps([])(step(1, id)), tells ? name : undefined);
    });
});
