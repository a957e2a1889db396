import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import type { Effects } from '#agent/effects';
import type { Generation, Holding, PatStore } from '../../../tasks/common/stores/store.js';
import { Failure, type FailureTopic } from '#advice/failure';
import { commit, CommitFailure, type Commit } from '../../../tasks/RotatePat/RotatePatV1/commit.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, ManualClock } from './world.js';

const MINE = 'mine';
const BEFORE = 'before';

/** How a write goes: whether it is carried out, and what the task hears of it. */
interface Write {
  readonly carriedOut?: boolean;
  readonly fails?: FailureTopic;
  /** What the service answers with. */
  readonly status?: number;
  /** Somebody else records this right after. */
  readonly then?: string;
}

/** A store in memory; writes go as told, the last one again and again. */
class MemoryStore implements PatStore {
  readonly place = 'variable group "deploy", GIT_PAT';
  named: string | undefined = BEFORE;
  writes = 0;
  readFails: FailureTopic | undefined;

  constructor(private readonly plan: readonly [Write, ...Write[]]) {}

  recorded(): Promise<string | undefined> {
    return this.readFails === undefined
      ? Promise.resolve(this.named)
      : Promise.reject(new Failure(this.readFails, 'The store is away.', 'Wait.'));
  }

  look(): Promise<Holding> {
    return Promise.reject(new Error('it was looked at before'));
  }

  write({ authorizationId }: Generation): Promise<void> {
    const {
      carriedOut = true,
      fails,
      status,
      then,
    } = this.plan[Math.min(this.writes, this.plan.length - 1)] ?? {};
    this.writes += 1;
    if (carriedOut) this.named = authorizationId;
    if (then !== undefined) this.named = then;
    if (fails === undefined) return Promise.resolve();
    const facts = status === undefined ? {} : { status };
    return Promise.reject(new Failure(fails, 'The write failed.', 'Repair it.', { facts }));
  }
}

function world(): { effects: Effects; agent: MemoryAgent; clock: ManualClock } {
  const agent = new MemoryAgent(agentState());
  const clock = new ManualClock(agent.events);
  const effects: Effects = {
    agent,
    clock,
    http: () => Promise.reject(new Error('no request')),
    nonce: () => '00000000',
    get cleanup() {
      return effects;
    },
  };
  return { effects, agent, clock };
}

const generation: Generation = {
  value: 'v',
  authorizationId: MINE,
  validFrom: new Date('2026-03-01T10:00:00Z'),
  validTo: new Date('2026-04-01T10:00:00Z'),
};

const committed = (store: MemoryStore, effects = world().effects): Promise<Commit> =>
  commit(generation, BEFORE, store, pLimit(1), effects);

async function failed(store: MemoryStore): Promise<CommitFailure> {
  try {
    await committed(store);
  } catch (error) {
    assert.ok(error instanceof CommitFailure);
    return error;
  }
  return assert.fail('it was committed');
}

/** What happened to a group, in order, with a second writer in line; `slowRead`: reading back ends when that one wrote. */
async function orderOf(write: Write, slowRead: boolean): Promise<string[]> {
  const happened: string[] = [];
  const line = pLimit(1);
  const store = new MemoryStore([write]);
  const recorded = store.recorded.bind(store);
  store.recorded = async () => {
    if (slowRead) await other;
    happened.push('read back');
    return recorded();
  };
  const done = commit(generation, BEFORE, store, line, world().effects);
  const other = line(() => Promise.resolve(happened.push('the next writes')));
  await Promise.all([done, other]);
  return happened;
}

describe('The commit of a rotation', () => {
  it('lets the next in line write while it reads back what was acknowledged', async () => {
    assert.deepEqual(await orderOf({}, true), ['the next writes', 'read back']);
  });

  it('keeps the next in line waiting until a write without an answer was read back', async () => {
    const order = await orderOf({ fails: 'service-unavailable' }, false);
    assert.deepEqual(order, ['read back', 'the next writes']);
  });

  it('is one write, proved by reading the record', async () => {
    const store = new MemoryStore([{}]);
    assert.deepEqual(await committed(store), { kind: 'recorded' });
    assert.equal(store.writes, 1);
  });

  for (const topic of ['service-unavailable', 'service-unreachable'] as const) {
    it(`that was carried out although the answer was ${topic} counts, without a second write`, async () => {
      const store = new MemoryStore([{ fails: topic }]);
      assert.deepEqual(await committed(store), { kind: 'recorded' });
      assert.equal(store.writes, 1);
    });

    it(`that was not carried out (${topic}) is tried again`, async () => {
      const store = new MemoryStore([{ carriedOut: false, fails: topic }, {}]);
      assert.deepEqual(await committed(store), { kind: 'recorded' });
      assert.equal(store.writes, 2);
    });
  }

  it('is lost when another rotation recorded its own', async () => {
    const store = new MemoryStore([{ then: 'theirs' }]);
    assert.deepEqual(await committed(store), { kind: 'lost', to: 'theirs', mayArrive: false });
  });

  it('is lost also when its own write was in doubt, and that write may still arrive', async () => {
    const store = new MemoryStore([{ fails: 'service-unreachable', then: 'theirs' }]);
    assert.deepEqual(await committed(store), { kind: 'lost', to: 'theirs', mayArrive: true });
  });

  it('that was acknowledged after one that is in doubt is lost with that doubt', async () => {
    const store = new MemoryStore([{ carriedOut: false, fails: 'service-unreachable' }, { then: 'theirs' }]);
    assert.deepEqual(await committed(store), { kind: 'lost', to: 'theirs', mayArrive: true });
  });

  it('that the store refuses fails at once, and the generation may be revoked', async () => {
    const store = new MemoryStore([{ carriedOut: false, fails: 'store-refused' }]);
    const { mayRevoke, failure } = await failed(store);
    assert.equal(failure.topic, 'store-refused');
    assert.equal(mayRevoke, true);
    assert.equal(store.writes, 1);
  });

  it('that the service answers with 500 each time fails, and the generation may be revoked: an answer comes after the work', async () => {
    const store = new MemoryStore([{ carriedOut: false, fails: 'service-unavailable', status: 500 }]);
    assert.equal((await failed(store)).mayRevoke, true);
    assert.equal(store.writes, 3);
  });

  for (const status of [408, 502, 503, 504]) {
    it(`that something in between gave up waiting for (${status}) may arrive late, and the generation stays`, async () => {
      const store = new MemoryStore([{ carriedOut: false, fails: 'service-unavailable', status }]);
      assert.equal((await failed(store)).mayRevoke, false);
    });
  }

  it('whose requests are lost each time fails, and the generation stays: one of them may arrive late', async () => {
    const store = new MemoryStore([{ carriedOut: false, fails: 'service-unreachable' }]);
    assert.equal((await failed(store)).mayRevoke, false);
  });

  it('is in doubt for good once one request was lost', async () => {
    const store = new MemoryStore([
      { carriedOut: false, fails: 'service-unreachable' },
      { carriedOut: false, fails: 'store-refused' },
    ]);
    assert.equal((await failed(store)).mayRevoke, false);
  });

  it('that was acknowledged, but whose record shows the old generation, is written again: another change of the group undid it', async () => {
    const store = new MemoryStore([{ then: BEFORE }, {}]);
    assert.deepEqual(await committed(store), { kind: 'recorded' });
    assert.equal(store.writes, 2);
  });

  it('that was acknowledged counts where the store cannot be read back, with a warning', async () => {
    const store = new MemoryStore([{}]);
    store.readFails = 'service-unreachable';
    const { effects, agent } = world();
    assert.deepEqual(await committed(store, effects), { kind: 'recorded' });
    assert.match(agent.lines('warning').join(), /cannot be read back/);
  });

  it('that is in doubt, in a store that cannot be read, leaves the generation alive', async () => {
    const store = new MemoryStore([{ fails: 'service-unreachable' }]);
    store.readFails = 'service-unreachable';
    assert.equal((await failed(store)).mayRevoke, false);
  });

  it('that was carried out behind a 500, in a store that cannot be read, leaves the generation alive', async () => {
    for (const readFails of ['service-unreachable', 'sign-in-page', 'access-denied'] as const) {
      const store = new MemoryStore([{ fails: 'service-unavailable', status: 500 }]);
      store.readFails = readFails;
      assert.equal((await failed(store)).mayRevoke, false, readFails);
    }
  });

  it('that was carried out behind a 500 counts when the step is cancelled then', async () => {
    const store = new MemoryStore([{ fails: 'service-unavailable', status: 500 }]);
    const { effects } = world();
    const read = store.recorded.bind(store);
    let reads = 0;
    store.recorded = () =>
      reads++ === 0 ? Promise.reject(new Failure('cancelled', 'The step was cancelled.', '')) : read();
    assert.deepEqual(await committed(store, effects), { kind: 'recorded' });
  });

  it('that is cancelled counts when the store took it', async () => {
    const store = new MemoryStore([{ fails: 'cancelled' }]);
    assert.deepEqual(await committed(store), { kind: 'recorded' });
  });

  it('that is cancelled in doubt leaves the generation alive', async () => {
    const store = new MemoryStore([{ carriedOut: false, fails: 'cancelled' }]);
    assert.equal((await failed(store)).mayRevoke, false);
  });
});
