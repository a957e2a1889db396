import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { bearer, jsonOf, patApi, read, requestToken, useEmulator } from './client.js';

describe('the rate limit of the emulator', () => {
  let now = new Date('2026-03-01T10:00:00Z');
  beforeEach(() => {
    now = new Date('2026-03-01T10:00:00Z');
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const names = ['limit', 'remaining', 'delay'] as const;

  async function list(token: string): Promise<(string | number | null)[]> {
    const response = await patApi(emulator(), { bearer: token });
    const limits = names.map(name => response.headers.get(`x-ratelimit-${name}`));
    return [response.status, ...limits, response.headers.get('retry-after')];
  }

  it('is not told of unless it is switched on', async () => {
    const response = await patApi(emulator());
    assert.deepEqual(
      [...response.headers.keys()].filter(name => /ratelimit|retry/.test(name)),
      [],
    );
  });

  it('tells what is left, then slows down with a Retry-After on a success, then blocks', async () => {
    emulator().manners.rateLimit = { requests: 3, slowed: 1, retryAfterSeconds: 2 };
    const token = emulator().entra.issueAccessToken().value;
    assert.deepEqual(await list(token), [200, '3', '2', null, null]);
    assert.deepEqual(await list(token), [200, '3', '1', null, null]);
    assert.deepEqual(await list(token), [200, '3', '0', '2.000', '2']);
    assert.deepEqual(await list(token), [429, '3', '0', null, '300']);
  });

  it('opens again when the window has moved on, as Retry-After said; what was blocked did not count', async () => {
    emulator().manners.rateLimit = { requests: 2, seconds: 10 };
    const token = emulator().entra.issueAccessToken().value;
    await list(token);
    now = new Date('2026-03-01T10:00:04Z');
    const second = await patApi(emulator(), { bearer: token });
    assert.equal(second.headers.get('x-ratelimit-reset'), String(Date.parse('2026-03-01T10:00:14Z') / 1000));
    for (let index = 0; index < 3; index += 1) {
      const blocked = await patApi(emulator(), { bearer: token });
      assert.deepEqual([blocked.status, blocked.headers.get('retry-after')], [429, '6']);
      assert.match(String((await jsonOf(blocked))['message']), /^TF400733/);
    }
    now = new Date('2026-03-01T10:00:10Z');
    assert.equal((await list(token))[0], 200);
    assert.equal((await list(token))[0], 429);
  });

  it('holds for each credential and over all of Azure DevOps, not for Entra', async () => {
    emulator().manners.rateLimit = { requests: 1 };
    emulator().runs.addBuild({ id: 1 });
    const job = bearer(emulator().jobs.issueToken({ organization: 'contoso' }).value);
    const path = 'sample/_apis/build/builds/1?api-version=7.1';
    assert.equal((await patApi(emulator())).status, 200);
    assert.equal((await read(emulator(), path, job)).status, 200);
    assert.equal((await read(emulator(), '_apis/projects', job)).status, 429);
    for (let index = 0; index < 2; index += 1) assert.equal((await requestToken(emulator())).status, 200);
  });

  it('lets a blocked request have no effect, and keeps a fault for one that comes through', async () => {
    emulator().manners.rateLimit = { requests: 1, seconds: 10 };
    const [pat] = emulator().pats.seed(1);
    const token = emulator().entra.issueAccessToken().value;
    await list(token);
    emulator().faults.add('pats', fault.unavailable());
    const query = { authorizationId: pat?.authorizationId ?? '' };
    assert.equal((await patApi(emulator(), { method: 'DELETE', bearer: token, query })).status, 429);
    assert.deepEqual([pat?.state, emulator().faults.pending], ['active', 1]);
    now = new Date('2026-03-01T10:00:10Z');
    assert.equal((await list(token))[0], 503);
  });

  it('can be changed and switched off at any time', async () => {
    const token = emulator().entra.issueAccessToken().value;
    emulator().manners.rateLimit = { requests: 1 };
    await list(token);
    emulator().manners.rateLimit = { requests: 5 };
    assert.equal((await list(token))[2], '3');
    emulator().manners.rateLimit = undefined;
    assert.deepEqual(await list(token), [200, null, null, null, null]);
  });
});
