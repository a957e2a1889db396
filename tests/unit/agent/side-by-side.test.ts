import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '#advice/failure';
import type { RedactingEffects } from '#agent/effects';
import { allSideBySide, MOST_SIDE_BY_SIDE, settleSideBySide } from '#agent/side-by-side';
import { systemClock } from '#http/clock';

function listening(): { effects: RedactingEffects; said: string[]; masked: string[] } {
  const said: string[] = [];
  const masked: string[] = [];
  const say = (text: string) => void said.push(text);
  const effects: RedactingEffects = {
    agent: { info: say, debug: say, warning: say, error: say, mask: secret => void masked.push(secret) },
    clock: systemClock,
    http: () => assert.fail('nothing is requested'),
    nonce: () => '00000000',
    get cleanup() {
      return effects;
    },
  };
  return { effects, said, masked };
}

/** A promise that somebody else settles. */
function pending<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void } {
  let settle: { resolve(value: T): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: value => settle?.resolve(value), reject: error => settle?.reject(error) };
}

describe('Work for several organizations side by side', () => {
  it('is at most ten at once', async () => {
    const { effects } = listening();
    let [now, most] = [0, 0];
    await settleSideBySide(Array.from({ length: 25 }), effects, async () => {
      now += 1;
      most = Math.max(most, now);
      await turn();
      now -= 1;
    });
    assert.equal(most, MOST_SIDE_BY_SIDE);
  });

  it('says what the first has to say at once, and the rest in the order of the organizations', async () => {
    const { effects, said, masked } = listening();
    const gates = [pending<undefined>(), pending<undefined>(), pending<undefined>()];
    const work = allSideBySide([0, 1, 2], effects, async (item, { agent }) => {
      agent.info(`${item} begins`);
      agent.mask(`secret of ${item}`);
      await gates[item]?.promise;
      agent.warning(`${item} ends`);
      return item;
    });
    await turn();
    assert.deepEqual(said, ['0 begins']);
    assert.equal(masked.length, 3, 'secrets do not wait');
    gates[2]?.resolve(undefined);
    gates[1]?.resolve(undefined);
    await turn();
    assert.deepEqual(said, ['0 begins']);
    gates[0]?.resolve(undefined);
    assert.deepEqual(await work, [0, 1, 2]);
    assert.deepEqual(said, ['0 begins', '0 ends', '1 begins', '1 ends', '2 begins', '2 ends']);
  });

  it('begins nothing after a failure, ends what asks, and waits for what is under way', async () => {
    const { effects } = listening();
    const failure = new Failure('pat-refused', 'No.', '');
    const gate = pending<undefined>();
    const begun: number[] = [];
    const ended: string[] = [];
    const work = allSideBySide([...Array(12).keys()], effects, async (item, _, mustGoOn) => {
      begun.push(item);
      if (item === 3) throw failure;
      await gate.promise;
      ended.push(`answer of ${item}`);
      mustGoOn();
    });
    const settled = work.then(
      () => 'done',
      (error: unknown) => error,
    );
    await turn();
    assert.deepEqual(ended, []);
    gate.resolve(undefined);
    assert.equal(await settled, failure);
    assert.equal(begun.length, 10);
    assert.equal(ended.length, 9);
  });

  it('fails as cancelled when one of them was cancelled, since little time is left then', async () => {
    const { effects } = listening();
    const work = allSideBySide(['pat-refused', 'cancelled'] as const, effects, async topic => {
      await turn();
      throw new Failure(topic, 'No.', '');
    });
    await assert.rejects(work, (error: unknown) => error instanceof Failure && error.topic === 'cancelled');
  });
});
