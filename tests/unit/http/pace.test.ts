import assert from 'node:assert/strict';
import type { Http, HttpAnswer, HttpRequest } from '#http/http';
import { inTurn, MOST_IN_FLIGHT, Pace } from '#http/pace';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { agentState, ManualClock, START } from '../tasks/world.js';

const REQUEST: HttpRequest = {
  method: 'GET',
  url: 'https://dev.azure.com/contoso',
  headers: {},
  timeout: 1000,
};
const BUDGET = { longest: 60_000, all: 150_000 };

/** A pace, and what goes out at it: each request with the milliseconds since the start. */
function paced(...answers: readonly Partial<HttpAnswer>[]) {
  const agent = new MemoryAgent(agentState());
  const clock = new ManualClock(agent.events);
  const pace = new Pace(clock, agent, BUDGET);
  const sent: number[] = [];
  const http: Http = () => {
    sent.push(clock.now().getTime() - START.getTime());
    return Promise.resolve({ status: 200, headers: {}, body: '', ...answers[sent.length - 1] });
  };
  const send = async () => {
    await pace.of(http)(REQUEST);
  };
  return { agent, clock, pace, sent, send };
}

const after = (seconds: number) => ({ headers: { 'retry-after': String(seconds) } });

describe('The pace of a step', () => {
  it('waits for nothing that nobody asked for', async () => {
    const { agent, clock, sent, send } = paced();
    await send();
    await send();
    assert.deepEqual([sent, clock.waits, agent.lines()], [[0, 0], [], []]);
  });

  it('leaves a refusal to who was refused: it alone asks for the pause', async () => {
    const { clock, sent, send } = paced({ status: 429, ...after(30) });
    await send();
    await send();
    assert.deepEqual([sent, clock.waits], [[0, 0], []]);
  });

  it('waits for the last of two pauses, whichever answer came first', async () => {
    const { pace, sent, send } = paced();
    assert.ok(pace.grants(40_000));
    assert.ok(pace.grants(10_000), 'it is over before the other');
    await send();
    assert.deepEqual(sent, [40_000]);
  });

  it('waits again for a pause that grew while it waited', async () => {
    const { clock, pace, sent, send } = paced();
    assert.ok(pace.grants(10_000));
    const wait = clock.wait.bind(clock);
    let grown = false;
    clock.wait = milliseconds => {
      if (!grown) grown = pace.grants(25_000);
      return wait(milliseconds);
    };
    await send();
    assert.deepEqual([sent, clock.waits], [[25_000], [10_000, 15_000]]);
  });

  it('says a pause once, and again only when it grows by more than two seconds', () => {
    const { agent, pace } = paced();
    for (const wait of [10_000, 12_000, 14_001]) assert.ok(pace.grants(wait));
    assert.deepEqual(agent.lines('info'), [
      'The service asks for a pause of 10s.',
      'The service asks for a pause of 14s.',
    ]);
  });

  it('grants a pause as long as the longest, and none that is longer', () => {
    assert.ok(paced().pace.grants(60_000));
    const { pace, agent } = paced();
    assert.ok(!pace.grants(60_001));
    assert.deepEqual(agent.lines(), [], 'nobody waits for what was not granted');
  });

  it('grants pauses until all of them together are used up, to the millisecond', () => {
    const { clock, pace } = paced();
    for (const wait of [60_000, 60_000, 30_000]) {
      assert.ok(pace.grants(wait), String(wait));
      clock.pass(wait);
    }
    assert.ok(!pace.grants(1));
  });

  it('counts a pause that many are granted at once only once', () => {
    const { pace } = paced();
    for (let count = 0; count < 100; count++) assert.ok(pace.grants(60_000));
  });

  it('counts of a pause that overlaps another what lies beyond it', () => {
    const { clock, pace } = paced();
    assert.ok(pace.grants(60_000));
    clock.pass(30_000);
    assert.ok(pace.grants(60_000), 'thirty seconds more');
    clock.pass(60_000);
    assert.ok(pace.grants(60_000));
    assert.ok(!pace.grants(60_001));
    clock.pass(60_000);
    assert.ok(!pace.grants(1), 'these were 150 seconds');
  });

  it('cuts a pause that comes with a success to the longest, and does not count it', async () => {
    const { pace, sent, send } = paced(after(600), after(600), after(600));
    for (let count = 0; count < 4; count++) await send();
    assert.deepEqual(sent, [0, 60_000, 120_000, 180_000]);
    assert.ok(pace.grants(60_000));
  });
});

describe('Work in turn', () => {
  it('is done on eight at a time, each told its place, and comes back in order', async () => {
    let now = 0;
    let most = 0;
    const results = await inTurn(
      Array.from({ length: 20 }, (_, index) => 20 - index),
      async (item, index) => {
        most = Math.max(most, ++now);
        await new Promise(resolve => setImmediate(resolve));
        now -= 1;
        return `${index}:${item}`;
      },
    );
    assert.equal(most, MOST_IN_FLIGHT);
    assert.deepEqual(results.slice(0, 2), ['0:20', '1:19']);
    assert.equal(results.length, 20);
  });
});
