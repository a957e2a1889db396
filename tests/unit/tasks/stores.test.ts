import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, asText } from '#text/json';
import { root } from '../../../scripts/paths.js';
import { ENTRY_KEYS } from '../../../tasks/RotatePat/RotatePatV1/entry.js';
import { storeKinds } from '../../../tasks/RotatePat/RotatePatV1/stores.js';
import { ConnectionService, tokenConnection } from './connection-service.js';
import { rotation, VaultService } from './rotate-into-vault.js';
import { GroupService, rotatePats, rotateStep } from './rotate-pats.js';
import { failureOf, withoutNetwork, type World } from './world.js';

type KindName = keyof typeof storeKinds;

/** A store of each kind with nothing of ours in it, and the rotation that is to fill it. */
interface Empty {
  readonly world: World;
  /** What it holds: the value, and whatever holds the record. */
  readonly stored: () => { readonly value: unknown; readonly record: string };
  readonly writes: () => number;
}

/** A new kind of store stands in here too: then it is held to what all of them promise. */
const EMPTY: Readonly<Record<KindName, () => Empty>> = {
  variableGroup() {
    const group = new GroupService();
    return {
      world: rotateStep(),
      stored: () => ({
        value: group.value('GIT_PAT'),
        record: String(group.value('GIT_PAT.authorizationId')),
      }),
      writes: () => group.count('PUT'),
    };
  },
  serviceConnection() {
    const connections = new ConnectionService(tokenConnection());
    const inputs = { store: 'serviceConnection', serviceConnection: 'Feed', takeOver: 'true' };
    return {
      world: rotateStep({ inputs }),
      stored: () => ({
        value: asObject(asObject(connections.only['authorization'])?.['parameters'])?.['apitoken'],
        record: String(connections.only['description']),
      }),
      writes: () => connections.methods.filter(method => method === 'PUT').length,
    };
  },
  keyVault() {
    const vault = new VaultService();
    return {
      world: rotation(),
      stored: () => ({
        value: vault.secret?.['value'],
        record: asText(asObject(vault.secret?.['tags'])?.['jobPatAuthorizationId']) ?? '',
      }),
      writes: () => vault.bodies.length,
    };
  },
};

const NAMES = Object.keys(storeKinds) as KindName[];

interface Input {
  readonly name: string;
  readonly visibleRule?: string;
  readonly options?: Readonly<Record<string, string>>;
}

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const { inputs } = JSON.parse(read('tasks', 'RotatePat', 'RotatePatV1', 'task.json')) as {
  readonly inputs: readonly Input[];
};
const options = inputs.find(({ name }) => name === 'store')?.options ?? {};

describe('Every kind of store', () => {
  withoutNetwork();

  for (const kind of NAMES) {
    it(`holds value and record of the one PAT after one write: ${kind}`, async () => {
      const { world, stored, writes } = EMPTY[kind]();
      assert.equal(await rotatePats(world), undefined, `${kind}: ${world.agent.lines('error').join('\n')}`);
      const [made, ...more] = world.service.made;
      assert.equal(more.length, 0);
      assert.equal(stored().value, made?.value, `${kind} does not hold the value`);
      assert.ok(stored().record.includes(String(made?.authorizationId)), `${kind} does not hold the record`);
      assert.equal(writes(), 1, `${kind} is written once`);
    });

    it(`has its inputs in task.json, shown for it alone: ${kind}`, () => {
      for (const key of storeKinds[kind].keys) {
        assert.ok(ENTRY_KEYS.includes(key), `${key} is missing in STORE_KEYS of stores.ts`);
        const rule = inputs.find(({ name }) => name === key)?.visibleRule;
        assert.equal(rule, `store = ${kind}`, `input ${key} of task.json, visibleRule`);
      }
    });

    it(`is on its page, with what holds the record and who may write: ${kind}`, () => {
      const label = (options[kind] ?? '').toLowerCase();
      const rows = [...read('docs', 'rotation.md').matchAll(/^\| ([a-z][^|]*?) \|/gm)].map(
        ([, row]) => row ?? '',
      );
      const own = rows.filter(row => label !== '' && label.endsWith(row));
      assert.equal(own.length, 2, `docs/rotation.md: a row for "${label}" in "Generations" and "Who writes"`);
    });
  }

  it('is on the pick list of the input, and nothing else is', () => {
    assert.deepEqual(Object.keys(options), NAMES);
  });

  it('is named where somebody asks for another one', async () => {
    const world = rotateStep({ inputs: { store: 'nowhere' } });
    const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.ok(message.includes(`"nowhere" is not one of ${NAMES.join(', ')}.`), message);
  });
});
