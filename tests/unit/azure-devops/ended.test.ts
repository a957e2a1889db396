import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { systemClock } from '#http/clock';
import type { RetryPolicy } from '#http/retry';
import { Doubts, readEnd, type End } from '#azure-devops/ended';
import type { ListedPat } from '#azure-devops/listed-pat';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { parseResponse } from '#azure-devops/responses';
import { agentState, failureOf, START } from '../tasks/world.js';

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
    const { topic, message } = await failureOf(() => isListed('a'));
    assert.equal(topic, 'revoke-failed');
    assert.match(message, /often enough\.$/);
    assert.equal(list.passes, 5);
  });
});

describe('The answer to a revocation', () => {
  const read = (status: number, body: unknown = '', type = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': type };
    return readEnd(
      parseResponse({ status, headers, body: text }, 'contoso', START, 'issuing-user'),
      'contoso',
    );
  };
  /** What it says of the PAT; a doubt with its sentence. */
  const end = (status: number, body?: unknown) => {
    const result = read(status, body);
    if ('later' in result) return 'later';
    const { done } = result;
    if (typeof done === 'string') return done;
    return `${done.isSilent === true ? 'silent ' : ''}doubt: ${done.doubt.what}`;
  };

  it('is revoked with 204, and with 200 that says that there is no error', () => {
    assert.equal(end(204), 'revoked');
    assert.equal(end(200, { patTokenError: 'none' }), 'revoked');
    assert.equal(end(200, { patTokenError: 'None' }), 'revoked');
  });

  it('is gone when a JSON error says so of this very thing', () => {
    assert.equal(end(200, { patTokenError: 'authorizationNotFound' }), 'gone');
    assert.equal(end(404, { patTokenError: 'tokenNotFound' }), 'gone');
    assert.equal(end(404, { message: 'x', typeKey: 'SessionTokenNotFoundException' }), 'gone');
    assert.equal(end(400, { message: 'TokenNotFound.', typeKey: 'SessionTokenException' }), 'gone');
  });

  it('is a silent doubt with 200 and nothing in it, and a doubt with every other status', () => {
    const strange = 'doubt: contoso answered HTTP';
    assert.equal(end(200), `silent ${strange} 200 and does not say that the PAT is revoked.`);
    assert.equal(end(202), `${strange} 202 and does not say that the PAT is revoked.`);
    assert.equal(end(200, { status: 'ok' }), `${strange} 200 and does not say that the PAT is revoked.`);
    assert.equal(
      end(202, { patTokenError: 'none' }),
      `${strange} 202 and does not say that the PAT is revoked.`,
    );
    assert.equal(end(200, { patTokenError: 7 }), `${strange} 200 and does not say that the PAT is revoked.`);
  });

  it('is a doubt when it names another error, or refuses for another reason', () => {
    assert.equal(end(200, { patTokenError: 'failed' }), 'doubt: contoso did not revoke the PAT: failed.');
    assert.match(end(404, { message: 'no', typeKey: 'XException' }), /^doubt: .*HTTP 404/);
    assert.match(end(404), /^doubt: /);
  });

  it('in doubt says what to do about it', () => {
    const result = read(202);
    assert.ok('done' in result && typeof result.done !== 'string');
    const { topic, situation } = result.done.doubt;
    assert.deepEqual([topic, situation], ['revoke-failed', { about: 'request', code: 'not-revoked' }]);
  });

  it('is a doubt when a page says that there is no such organization, and a failure when one wants a sign-in', () => {
    const page = '<!DOCTYPE html><html><body>Not found</body></html>';
    assert.match(end(404, page), /^doubt: contoso does not know this organization/);
    assert.throws(() => read(203, page), Failure);
  });

  it('comes later after 503, and is a failure when the sign-in was not accepted', () => {
    assert.equal(end(503), 'later');
    assert.throws(() => read(401), Failure);
  });
});

describe('The end of a doubt', () => {
  const doubt = new Failure('revoke-failed', 'Not for sure.', '');
  const unclear: End = { doubt };
  const silent: End = { doubt, isSilent: true };

  it('needs no list where the answer said it', async () => {
    const { list, doubts } = listOf(1, new Set(['a']));
    assert.equal(await doubts.settle('revoked', 'a', policy), 'revoked');
    assert.equal(await doubts.settle('gone', 'a', policy), 'gone');
    assert.equal(list.passes, 0);
  });

  it('is gone when the list does not hold the PAT, and the doubt when it does', async () => {
    const { doubts } = listOf(1, new Set(['a']));
    assert.equal(await doubts.settle(unclear, 'b', policy), 'gone');
    assert.equal(await failureOf(() => doubts.settle(unclear, 'a', policy)), doubt);
  });

  it('after silence is "revoked", and once the list has confirmed it silence is believed', async () => {
    const { list, doubts } = listOf(1, new Set(['a', 'c']));
    assert.equal(await failureOf(() => doubts.settle(silent, 'a', policy)), doubt);
    assert.equal(await doubts.settle(silent, 'b', policy), 'revoked');
    const passes = list.passes;
    assert.equal(await doubts.settle(silent, 'c', policy), 'revoked');
    assert.equal(list.passes, passes);
    assert.equal(await failureOf(() => doubts.settle(unclear, 'c', policy)), doubt);
  });

  it('is the doubt when the list cannot be read, and "cancelled" when the step is told to stop', async () => {
    const failing = (why: Error) => new Doubts(() => Promise.reject(why));
    const closed = new Failure('access-denied', 'No list.', '');
    assert.equal(await failureOf(() => failing(closed).settle(unclear, 'a', policy)), doubt);
    const stopped = new Failure('cancelled', 'Stop.', '');
    assert.equal(await failureOf(() => failing(stopped).settle(unclear, 'a', policy)), stopped);
  });

  it('waits for one look after the other, and a failed one does not stop the next', async () => {
    let passes = 0;
    const doubts = new Doubts(() => {
      passes += 1;
      return passes === 1
        ? Promise.reject(new Failure('access-denied', 'No list.', ''))
        : Promise.resolve({ pats: [], pages: 1 });
    });
    await failureOf(() => doubts.isListed('a', policy), 'access-denied');
    assert.equal(await doubts.isListed('a', policy), false);
  });

  it('is looked for with the most time that anybody has who waits for the look', async () => {
    const later = (milliseconds: number) => ({ ...policy, until: new Date(START.getTime() + milliseconds) });
    const used: number[] = [];
    const doubts = new Doubts((_, within) => {
      used.push(within.until.getTime() - START.getTime());
      return Promise.resolve({ pats: [], pages: 1 });
    });
    await Promise.all([1, 3, 2].map(seconds => doubts.isListed(`gone ${seconds}`, later(seconds))));
    assert.deepEqual(used, [3]);
  });

  it('knows the whole of a list of one page, whoever was on it', async () => {
    const { list, isListed } = listOf(1, new Set(['a']));
    assert.equal(await isListed('a'), true);
    assert.equal(await isListed('gone'), false);
    assert.equal(list.passes, 1);
  });

  it('reads a longer list again when one of many is not on it', async () => {
    const { list, isListed } = listOf(2, new Set(['a']));
    assert.deepEqual(await Promise.all([isListed('a'), isListed('gone')]), [true, false]);
    assert.equal(list.passes, 2);
  });

  it('reads a longer list again only where it does not hold a PAT, and counts what either reading held', async () => {
    const { list, isListed } = listOf(2, new Set(['a']));
    assert.equal(await isListed('a'), true);
    assert.equal(list.passes, 1, 'it is there');
    assert.equal(await isListed('gone'), false);
    assert.equal(list.passes, 3);
    assert.equal(await isListed('gone'), false);
    assert.equal(list.passes, 3, 'the whole list is known');
  });

  it('is looked at again after five looks for nothing when one of many was gone', async () => {
    const { isListed } = listOf(1, new Set(['a']));
    for (let time = 0; time < 4; time++) assert.equal(await isListed('a'), true);
    assert.deepEqual(await Promise.all([isListed('a'), isListed('gone')]), [true, false]);
    for (let time = 0; time < 5; time++) assert.equal(await isListed('a'), true);
    await assert.rejects(isListed('a'), /often enough/);
  });
});
