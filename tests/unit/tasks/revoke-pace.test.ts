import assert from 'node:assert/strict';
import type { Clock } from '#http/clock';
import { Failure } from '#advice/failure';
import { PAUSES } from '#agent/budgets';
import { pauseAskedBy, type Http, type HttpAnswer, type HttpRequest } from '#http/http';
import { MOST_IN_FLIGHT, Pace } from '#http/pace';
import { retry, type RetryResult } from '#http/retry';
import { throttled, type Answer } from './answers.js';
import { MemoryAgent } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { ago, nameOf, revokePats, revokeState, revokeStep } from './revoke-pats.js';
import { RunService } from './run-service.js';
import { ManualClock, START, withoutNetwork } from './world.js';

const request = { method: 'GET', url: 'https://dev.azure.com/contoso', headers: {}, timeout: 1000 } as const;

/** What the answers ask for, one after another; and when each request was sent, in seconds from the start. */
function paced(answers: readonly Partial<HttpAnswer>[]) {
  const agent = new MemoryAgent(revokeState());
  const clock: Clock = new ManualClock(agent.events);
  const sent: number[] = [];
  const http: Http = () => {
    const answer = answers[sent.length] ?? {};
    sent.push((clock.now().getTime() - START.getTime()) / 1000);
    return Promise.resolve({ status: 200, headers: {}, body: '', ...answer });
  };
  const pace = new Pace(clock, agent, PAUSES);
  /** The answer, the last one where nothing but refusals came. */
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    let answer: HttpAnswer | undefined;
    const until = new Date(clock.now().getTime() + ONE_ATTEMPT);
    const attempt = async (): Promise<RetryResult<HttpAnswer>> => {
      answer = await pace.of(http)(request);
      const facts = { status: answer.status };
      const later = new Failure('service-throttled', 'Slow down.', '', { facts });
      return answer.status === 429 ? { later, wait: pauseAskedBy(answer, clock.now()) } : { done: answer };
    };
    try {
      return await retry({ clock, log: agent, until, pauses: pace }, attempt);
    } catch (error) {
      return answer ?? assert.fail(String(error));
    }
  };
  return { agent, sent, send };
}

/** What a part of a step has for one request; milliseconds. */
const ONE_ATTEMPT = 5_000;

const inSeconds = (seconds: number) => String(START.getTime() / 1000 + seconds);

describe('The pace of many requests', () => {
  withoutNetwork();

  it('is never more than eight in flight, with a thousand PATs of three hundred runs', async () => {
    const service = new PatService();
    const runs = new RunService();
    for (let run = 1; run <= 300; run++) runs.build(run, 'completed', { finishTime: ago(600) });
    for (let pat = 0; pat < 1000; pat++) {
      const nonce = pat.toString(16).padStart(8, '0');
      service.add(nameOf(1 + (pat % 300), { nonce }), 'contoso', ago(900));
    }
    let inFlight = 0;
    let most = 0;
    const world = revokeStep({ what: 'orphans' }, service);
    await revokePats(world, http => async request => {
      most = Math.max(most, ++inFlight);
      try {
        return await http(request);
      } finally {
        inFlight -= 1;
      }
    });
    assert.equal(service.alive.size, 0);
    assert.equal(runs.requests.length, 300, 'each run is asked about once');
    assert.equal(service.count('list'), 20, 'ten pages, twice');
    assert.equal(service.count('revoke'), 1000);
    assert.equal(most, MOST_IN_FLIGHT);
    const progress = world.agent.events.flatMap(event => (event.kind === 'progress' ? [event.percent] : []));
    assert.ok(progress.length >= 20);
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
      'progress never goes back',
    );
    assert.ok(progress.every(percent => percent >= 0 && percent <= 100));
  });

  it('is never more than eight in flight, whoever sends', async () => {
    const agent = new MemoryAgent(revokeState());
    const waiting: (() => void)[] = [];
    let most = 0;
    const http: Http = () =>
      new Promise(resolve => {
        waiting.push(() => {
          resolve({ status: 200, headers: {}, body: '' });
        });
      });
    const send = new Pace(new ManualClock(agent.events), agent, PAUSES).of(http);
    const all = Promise.all(Array.from({ length: 30 }, () => send(request)));
    for (let answered = 0; answered < 30; answered += most) {
      await new Promise(resolve => setImmediate(resolve));
      most = Math.max(most, waiting.length);
      for (const answer of waiting.splice(0)) answer();
    }
    await all;
    assert.equal(most, 8);
  });

  it('obeys Retry-After that comes with a 200: everybody waits', async () => {
    const { agent, sent, send } = paced([{ headers: { 'retry-after': '30' } }]);
    await send(request);
    await Promise.all([send(request), send(request)]);
    assert.deepEqual(sent, [0, 30, 30]);
    assert.deepEqual(agent.lines('info'), ['The service asks for a pause of 30s.']);
  });

  it('sends a request again that was refused with 429, after the pause that was asked for', async () => {
    const { sent, send } = paced([{ status: 429, headers: { 'retry-after': '7' } }]);
    assert.equal((await send(request)).status, 200);
    assert.deepEqual(sent, [0, 7]);
  });

  it('gives up a request that is refused with 429 again and again', async () => {
    const refusal = { status: 429, headers: { 'retry-after': '10' } };
    const { sent, send } = paced(Array.from({ length: 50 }, () => refusal));
    assert.equal((await send(request)).status, 429);
    assert.ok(sent.length <= 10);
  });

  it('hands on a refusal that asks for more than a step can wait, and never comes back too early', async () => {
    const { sent, send } = paced([{ status: 429, headers: { 'retry-after': '400' } }]);
    assert.equal((await send(request)).status, 429);
    assert.deepEqual(sent, [0]);
  });

  it('pauses no longer than a quarter of an hour for refusals, however many requests meet them', async () => {
    const refusal = { status: 429, headers: { 'retry-after': '290' } };
    const { sent, send } = paced(Array.from({ length: 50 }, () => refusal));
    for (let count = 0; count < 4; count++) assert.equal((await send(request)).status, 429);
    assert.ok(Math.max(...sent) <= 900, String(sent));
  });

  it('waits for X-RateLimit-Reset when X-RateLimit-Remaining is used up', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(45) };
    const { sent, send } = paced([{ headers }]);
    await send(request);
    await send(request);
    assert.deepEqual(sent, [0, 45]);
  });

  for (const [what, headers] of [
    ['something is left', { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': inSeconds(45) }],
    ['the reset is past', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(-45) }],
    ['no reset is told', { 'x-ratelimit-remaining': '0' }],
    ['the reset is no time', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }],
    ['Retry-After is no time', { 'retry-after': 'soon' }],
  ] as const) {
    it(`makes no pause when ${what}`, async () => {
      const { sent, send } = paced([{ headers }]);
      await send(request);
      await send(request);
      assert.deepEqual(sent, [0, 0]);
    });
  }

  it('never pauses longer than five minutes at once, whatever clock the reset is written by', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(86_400) };
    const { sent, send } = paced([{ headers }]);
    await send(request);
    await send(request);
    assert.deepEqual(sent, [0, 300]);
  });

  it('is kept while PATs are revoked, and all of them are', async () => {
    const service = new PatService();
    for (let pat = 0; pat < 40; pat++)
      service.add(nameOf(4711, { nonce: pat.toString(16).padStart(8, '0') }));
    const slowly: Answer = usual => ({ ...usual(), headers: { 'retry-after': '20' } });
    service.next('revoke', throttled(60), slowly, slowly);
    const world = revokeStep({ what: 'run' }, service);
    assert.equal(await revokePats(world), undefined);
    assert.equal(service.alive.size, 0);
    assert.ok(world.clock.now().getTime() - START.getTime() >= 60_000);
  });
});
