import assert from 'node:assert/strict';
import type { Failure } from '#advice/failure';
import { lost, throttled, unavailable, type Answer } from './answers.js';
import { failureOrNone, type emulatedStores } from './emulated-stores.js';

type World = Pick<ReturnType<typeof emulatedStores>, 'next' | 'clock'> & {
  write: () => Promise<void>;
  asked: () => string[];
};

/** How a write ended whose PUT was answered so, and how often it was sent. */
export async function writeAnswered<W extends World>(
  world: W,
  ...answers: Answer[]
): Promise<W & { readonly failure: Failure | undefined; readonly puts: number }> {
  world.next('PUT', ...answers);
  const failure = await failureOrNone(() => world.write());
  return { ...world, failure, puts: world.asked().filter(line => line.startsWith('PUT')).length };
}

/**
 * What holds of a write to every store that is answered by Azure DevOps.
 *
 * @param odd answers that do not show what was written, by what they do
 */
export function itWritesOnce(store: () => World, place: string, odd: Readonly<Record<string, Answer>>): void {
  for (const [what, answer] of Object.entries({
    ...odd,
    'is empty': (() => ({ status: 204, body: '' })) satisfies Answer,
  }))
    it(`whose answer ${what} is for reading to tell`, async () => {
      const { failure, puts } = await writeAnswered(store(), answer);
      assert.equal(failure?.topic, 'store-not-usable');
      assert.ok(failure.what.startsWith(`The write to the ${place} was answered as if it were done`));
      assert.equal(puts, 1);
    });

  it('is sent again when the service asks for that, and is certainly not done while it does', async () => {
    const { failure, puts, clock } = await writeAnswered(store(), throttled(7));
    assert.deepEqual([failure, puts, clock.waits], [undefined, 2, [7_000]]);
    const never = await writeAnswered(store(), ...Array.from({ length: 60 }, () => throttled(30)));
    assert.equal(never.failure?.topic, 'store-refused');
  });

  it('that may have been done is not sent again', async () => {
    for (const answer of [lost, unavailable()]) {
      const { failure, puts } = await writeAnswered(store(), answer);
      assert.ok(failure !== undefined && failure.topic !== 'store-refused', failure?.topic);
      assert.equal(puts, 1);
    }
  });
}
