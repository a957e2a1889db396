import assert from 'node:assert/strict';
import { systemClock } from '#http/clock';
import type { RetryPolicy } from '#http/retry';
import { Doubts } from '#azure-devops/ended';
import type { ListedPat } from '#azure-devops/listed-pat';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { agentState } from '../tasks/world.js';

const policy: RetryPolicy = { clock: systemClock, log: new MemoryAgent(agentState()), until: new Date() };

function pat(authorizationId: string): ListedPat {
  return { authorizationId, displayName: '', scope: '', validFrom: undefined, validTo: undefined };
}

/** A list of so many pages, in which these PATs are alive. */
function listOf(pages: number, alive: Set<string>) {
  const list = { passes: 0, afterPass: (): void => undefined };
  const doubts = new Doubts(keep => {
    list.passes++;
    const pats = [...alive].map(pat).filter(keep);
    list.afterPass();
    return Promise.resolve({ pats, pages });
  });
  return { list, doubts, isListed: (id: string) => doubts.isListed(id, policy) };
}

describe('A doubt whether PATs are alive', () => {
  it('is one look at a list of one page, and two passes over a longer one, for all that are gone', async () => {
    for (const [pages, passes] of [
      [1, 1],
      [3, 2],
    ] as const) {
      const { list, isListed } = listOf(pages, new Set(['alive']));
      for (let time = 0; time < 100; time++) {
        const gone = [`gone ${time}`, `gone too ${time}`];
        assert.deepEqual(await Promise.all(gone.map(isListed)), [false, false]);
      }
      assert.equal(list.passes, passes);
    }
  });

  it('about one that the list held is a new look: it may have ended since', async () => {
    const alive = new Set(['a', 'b']);
    const { isListed } = listOf(1, alive);
    assert.equal(await isListed('gone'), false);
    assert.equal(await isListed('a'), true);
    alive.delete('a');
    assert.equal(await isListed('a'), false);
  });

  it('about one that somebody got to know after the look is a new look', async () => {
    const alive = new Set(['a']);
    const { doubts, isListed } = listOf(1, alive);
    assert.equal(await isListed('gone'), false);
    alive.add('young');
    doubts.forget();
    assert.equal(await isListed('young'), true);
  });

  it('is not answered by a look during which somebody got to know it', async () => {
    const alive = new Set<string>();
    const { list, doubts, isListed } = listOf(1, alive);
    list.afterPass = () => {
      alive.add('young');
      doubts.forget();
      list.afterPass = () => undefined;
    };
    assert.equal(await isListed('gone'), false);
    assert.equal(await isListed('young'), true);
  });

  it('that proves true five times in a row is the last one that is looked at', async () => {
    const { list, isListed } = listOf(1, new Set(['a']));
    for (let time = 0; time < 5; time++) assert.equal(await isListed('a'), true);
    await assert.rejects(isListed('a'), /often enough/);
    assert.equal(list.passes, 5);
  });
});
