import assert from 'node:assert/strict';
import { checkCreation } from '../../../cli/doctor/policy-checks.js';
import { checkReachable } from '../../../cli/doctor/reachability.js';
import type { TerminalEffects } from '../../../cli/effects.js';
import { withServiceClock } from '../../../cli/service-clock.js';
import type { Http } from '#http/http';
import { CLOUD } from '../../../tasks/common/inputs/issuer.js';

const MINUTE = 60_000;
const SERVICE_NOW = new Date('2026-03-01T10:00:00Z');
const ID = '4ab5b9e5-1111-4222-8333-9f0a1e6b7c21';

/** A service that makes no PAT of under five minutes, by its own clock; the machine's is `ahead` milliseconds ahead. */
function world(ahead: number) {
  const asked: { validTo: string; displayName: string }[] = [];
  let alive = 0;
  const http: Http = ({ method, body = '' }) => {
    const headers = { date: SERVICE_NOW.toUTCString(), 'content-type': 'application/json' };
    if (method === 'HEAD')
      return Promise.resolve({ status: 404, headers: { ...headers, 'x-vss-resourcetenant': ID }, body: '' });
    if (method === 'DELETE') {
      alive -= 1;
      return Promise.resolve({ status: 204, headers, body: '' });
    }
    const wish = JSON.parse(body) as { validTo: string; displayName: string; scope: string };
    asked.push(wish);
    const tooShort = Date.parse(wish.validTo) - SERVICE_NOW.getTime() < 5 * MINUTE;
    if (!tooShort) alive += 1;
    const patToken = tooShort
      ? null
      : {
          ...wish,
          authorizationId: ID,
          token: 'p'.repeat(84),
          validFrom: SERVICE_NOW.toISOString(),
          targetAccounts: ['1'],
        };
    const answer = { patToken, patTokenError: tooShort ? 'invalidValidTo' : 'none' };
    return Promise.resolve({ status: 200, headers, body: JSON.stringify(answer) });
  };
  const clock = { now: () => new Date(SERVICE_NOW.getTime() + ahead), wait: () => Promise.resolve() };
  const quiet = () => undefined;
  const agent = { info: quiet, debug: quiet, warning: quiet, error: quiet, mask: quiet };
  const effects = {
    agent,
    clock,
    http,
    nonce: () => '00112233',
    cancelled: new AbortController().signal,
  } as unknown as TerminalEffects;
  const whole = { ...effects, cleanup: effects };
  return { effects: whole, asked, alive: () => alive };
}

describe('doctor, by the clock of the service,', () => {
  for (const minutes of [0, -2, -4.5, -20, 3]) {
    it(`makes a PAT that lives long enough on a machine that is ${minutes} minutes ahead`, async () => {
      const { effects, asked, alive } = world(minutes * MINUTE);
      const { greeting } = await checkReachable(CLOUD, effects);
      assert.ok(greeting !== undefined);
      const check = await checkCreation(CLOUD, 'token', withServiceClock(effects, greeting));
      assert.equal(check.level, 'ok', check.text);
      assert.equal(asked.length, 1);
      assert.equal(alive(), 0);
    });
  }

  it('makes one that lives long enough, though the service does not tell the time', async () => {
    const { effects } = world(-2 * MINUTE);
    const untold = { date: undefined, heard: effects.clock.now() };
    assert.equal((await checkCreation(CLOUD, 'token', withServiceClock(effects, untold))).level, 'ok');
  });

  it('tells how wrong the clock of this machine is', async () => {
    const clockOf = async (minutes: number) => {
      const { checks } = await checkReachable(CLOUD, world(minutes * MINUTE).effects);
      return checks.find(({ name }) => name === 'clock');
    };
    assert.equal((await clockOf(0))?.level, 'ok');
    assert.match((await clockOf(-2))?.text ?? '', /^this machine is 2m behind the service/);
    assert.equal((await clockOf(-2))?.level, 'warn');
    assert.equal((await clockOf(6))?.level, 'fail');
  });
});
