import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { isTransientStatus, retryAfter } from '#http/http';
import { millisecondsLeft, retry, timeLeft, withTimeout, type RetryResult } from '#http/retry';
import { MemoryAgent, type Event } from '../tasks/memory-agent.js';
import { agentState, failureOf, ManualClock, START } from '../tasks/world.js';

const busy = new Failure('service-unavailable', 'The service is busy.', 'Run again.');

function policy(milliseconds: number) {
  const events: Event[] = [];
  const clock = new ManualClock(events);
  const log = new MemoryAgent(agentState());
  return { clock, log, until: new Date(START.getTime() + milliseconds) };
}

describe('Retry policy', () => {
  it('tries once where the first attempt succeeds', async () => {
    const mine = policy(60_000);
    assert.equal(await retry(mine, () => Promise.resolve({ done: 7 })), 7);
    assert.deepEqual(mine.clock.waits, []);
  });

  it('doubles its own waits up to eight seconds', async () => {
    const mine = policy(60_000);
    await failureOf(() => retry(mine, () => Promise.resolve({ later: busy })), 'service-unavailable');
    assert.deepEqual(mine.clock.waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('waits as long as it is told to', async () => {
    const mine = policy(60_000);
    const attempts: RetryResult<string>[] = [
      { later: busy, wait: 3000 },
      { later: busy, wait: 0 },
      { done: 'done' },
    ];
    assert.equal(await retry(mine, () => Promise.resolve(attempts.shift() ?? { done: 'too often' })), 'done');
    assert.deepEqual(mine.clock.waits, [3000, 0]);
  });

  it('does not begin a wait that ends too late, but fails with the last reason', async () => {
    const mine = policy(10_000);
    const failure = await failureOf(() => retry(mine, () => Promise.resolve({ later: busy, wait: 10_001 })));
    assert.equal(failure, busy);
    assert.deepEqual(mine.clock.waits, []);
  });

  it('waits for a refusal with 429 beside its own time where the step has time for pauses, and so often only', async () => {
    const throttled = new Failure('service-throttled', 'Slow down.', '', { facts: { status: 429 } });
    const asked: number[] = [];
    const grants = (wait: number) => asked.push(wait) > 0;
    const mine = { ...policy(10_000), pauses: { grants } };
    let attempts = 0;
    const until: Date[] = [];
    const failure = await failureOf(() =>
      retry(mine, within => {
        attempts += 1;
        until.push(within.until);
        return Promise.resolve({ later: throttled, wait: 60_000 });
      }),
    );
    assert.equal(failure, throttled);
    assert.equal(attempts, 6);
    assert.deepEqual(asked, [60_000, 60_000, 60_000, 60_000, 60_000]);
    assert.equal((until[5]?.getTime() ?? 0) - START.getTime(), 10_000 + 5 * 60_000);
    assert.deepEqual(mine.log.lines(), [], 'the pace has said it, once for all');
  });

  it('keeps to its own time where the step has none left for pauses, or something else than a limit is why', async () => {
    const throttled = new Failure('service-throttled', 'Slow down.', '', { facts: { status: 429 } });
    for (const [later, granted] of [
      [throttled, false],
      [busy, true],
    ] as const) {
      const mine = { ...policy(10_000), pauses: { grants: () => granted } };
      await failureOf(() => retry(mine, () => Promise.resolve({ later, wait: 60_000 })));
      assert.deepEqual(mine.clock.waits, []);
    }
  });

  it('makes no pause of the step for a refusal that asks for none', async () => {
    const throttled = new Failure('service-throttled', 'Slow down.', '', { facts: { status: 429 } });
    const asked: number[] = [];
    const mine = { ...policy(1_000), pauses: { grants: (wait: number) => asked.push(wait) > 0 } };
    await failureOf(() => retry(mine, () => Promise.resolve({ later: throttled })));
    assert.deepEqual([asked, mine.clock.waits], [[], [500]]);
  });

  it('keeps to its own time where the step has no pauses at all', async () => {
    const throttled = new Failure('service-throttled', 'Slow down.', '', { facts: { status: 429 } });
    const mine = policy(10_000);
    assert.equal(
      await failureOf(() => retry(mine, () => Promise.resolve({ later: throttled, wait: 20_000 }))),
      throttled,
    );
  });

  it('says what it waits for', async () => {
    const mine = policy(60_000);
    const attempts: RetryResult<string>[] = [{ later: busy, wait: 3000 }, { done: 'done' }];
    await retry(mine, () => Promise.resolve(attempts.shift() ?? { done: '' }));
    assert.deepEqual(mine.log.lines(), ['The service is busy. Trying again in 3s.']);
  });
});

describe('Retry-After', () => {
  const after = (value?: string) =>
    retryAfter(
      { status: 429, headers: value === undefined ? {} : { 'retry-after': value }, body: '' },
      START,
    );

  it('is seconds, also in parts, or an HTTP date', () => {
    assert.equal(after('3'), 3000);
    assert.equal(after(' 0 '), 0);
    assert.equal(after('1.25'), 1250);
    assert.equal(after('Sun, 01 Mar 2026 10:00:30 GMT'), 30_000);
    assert.equal(after('Sun, 01 Mar 2026 09:00:00 GMT'), 0);
  });

  it('is nothing where it is not there or no time', () => {
    for (const value of [undefined, '', 'soon', 'NaN', 'Infinity']) assert.equal(after(value), undefined);
  });
});

describe('A transient status', () => {
  it('is 408, 429 and everything from 500', () => {
    for (const status of [408, 429, 500, 502, 503, 504, 599])
      assert.ok(isTransientStatus(status), String(status));
    for (const status of [200, 203, 204, 302, 400, 401, 403, 404, 409])
      assert.ok(!isTransientStatus(status), String(status));
  });
});

describe('The time of a retry policy', () => {
  it('is over at its end: then nothing is tried, and the last reason is why', async () => {
    let attempts = 0;
    const never = () => {
      attempts += 1;
      return Promise.resolve({ done: 1 });
    };
    const over = await failureOf(() => retry(policy(0), never), 'out-of-time');
    assert.match(over.message, /used up before/);
    assert.deepEqual(over.situation, { about: 'request', code: 'out-of-time' });
    assert.equal(attempts, 0);
    const mine = policy(5_000);
    const failure = await failureOf(() =>
      retry(mine, () => {
        mine.clock.pass(5_000);
        return Promise.resolve({ later: busy, wait: 0 });
      }),
    );
    assert.equal(failure, busy);
  });

  it('is not used up by a wait that ends a millisecond before it', async () => {
    const mine = policy(10_000);
    const attempts: RetryResult<string>[] = [{ later: busy, wait: 9_999 }, { done: 'in time' }];
    assert.equal(await retry(mine, () => Promise.resolve(attempts.shift() ?? { done: '' })), 'in time');
    const late = policy(10_000);
    assert.equal(
      await failureOf(() => retry(late, () => Promise.resolve({ later: busy, wait: 10_000 }))),
      busy,
    );
    assert.deepEqual(late.clock.waits, []);
  });

  it('says a wait of less than a second as one', async () => {
    const mine = policy(60_000);
    const attempts: RetryResult<string>[] = [{ later: busy }, { done: 'done' }];
    await retry(mine, () => Promise.resolve(attempts.shift() ?? { done: '' }));
    assert.deepEqual(mine.log.lines(), ['The service is busy. Trying again in 1s.']);
  });

  it('can be cut, and never becomes more by it', () => {
    const mine = policy(10_000);
    assert.equal(millisecondsLeft(withTimeout(mine, 4_000)), 4_000);
    assert.equal(millisecondsLeft(withTimeout(mine, 40_000)), 10_000);
    mine.clock.pass(8_000);
    assert.equal(millisecondsLeft(withTimeout(mine, 4_000)), 2_000);
  });

  it('gives one request what is left, at most the longest', async () => {
    const mine = policy(10_000);
    assert.equal(timeLeft(mine, 4_000), 4_000);
    assert.equal(timeLeft(mine, 40_000), 10_000);
    mine.clock.pass(10_000);
    await failureOf(() => timeLeft(mine, 4_000), 'out-of-time');
    await failureOf(() => timeLeft(policy(-1), 4_000), 'out-of-time');
  });
});
