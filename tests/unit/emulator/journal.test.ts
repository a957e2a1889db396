import assert from 'node:assert/strict';
import { fault, type RequestRecord } from '#emulator/index';
import { create, issue, patApi, useEmulator } from './client.js';

describe('the record of requests of the emulator', () => {
  const logged: RequestRecord[] = [];
  beforeEach(() => {
    logged.length = 0;
  });
  const emulator = useEmulator(() => ({ log: request => logged.push(request) }));

  it('keeps all of a request, secrets too', async () => {
    const bearer = emulator().entra.issueAccessToken().value;
    await create(emulator(), { displayName: 'to be found' }, { bearer });
    const [request, ...others] = emulator().requests;
    assert.equal(others.length, 0);
    assert.equal(request?.operation, 'pats.create');
    assert.equal(request.organization, 'contoso');
    assert.equal(request.method, 'POST');
    assert.equal(request.path, '/contoso/_apis/tokens/pats');
    assert.equal(request.query, 'api-version=7.1-preview.1');
    assert.equal(request.headers.authorization, `Bearer ${bearer}`);
    assert.match(request.body, /"to be found"/);
    assert.deepEqual([request.status, request.connection, request.number], [200, 'answered', 1]);
  });

  it('finds requests by operation and by family', async () => {
    await issue(emulator());
    await patApi(emulator());
    await fetch(`${emulator().url}/nowhere`);
    assert.equal(emulator().requestsOf('pats').length, 2);
    assert.equal(emulator().requestsOf('pats.list').length, 1);
    assert.equal(emulator().requestsOf('unknown').length, 1);
    assert.equal(emulator().requestsOf('*').length, 3);
    emulator().forgetRequests();
    assert.equal(emulator().requestsOf('*').length, 0);
  });

  it('waits for a request that is still to come, and for one that is over', async () => {
    const second = emulator().waitFor('pats.list', { nth: 2 });
    await patApi(emulator());
    await patApi(emulator());
    assert.equal((await second).number, 2);
    assert.equal((await emulator().waitFor('pats.list')).number, 1);
  });

  it('ends a wait when the emulator closes', async () => {
    const wait = assert.rejects(emulator().waitFor('git'), /closed before request 1 of git came/);
    await emulator().close();
    await wait;
  });

  it('logs each request once, when it has ended', async () => {
    const arrived: number[] = [];
    const stop = emulator().on('arrival', request => arrived.push(request.number));
    await patApi(emulator());
    await emulator().waitFor('pats.list');
    stop();
    await patApi(emulator());
    await emulator().waitFor('pats.list', { nth: 2 });
    assert.deepEqual(arrived, [1]);
    assert.deepEqual(
      logged.map(request => request.number),
      [1, 2],
    );
  });

  it('counts how many requests were in flight at once', async () => {
    emulator().faults.add('pats.list', fault.hang(), { times: 3 });
    const leaving = new AbortController();
    const calls = [1, 2, 3].map(async () => assert.rejects(patApi(emulator(), { signal: leaving.signal })));
    await emulator().waitFor('pats.list', { nth: 3, phase: 'arrival' });
    leaving.abort();
    await Promise.all(calls);
    await Promise.all([1, 2, 3].map(async nth => emulator().waitFor('pats.list', { nth })));
    await patApi(emulator());
    assert.equal(emulator().maxInFlight, 3);
  });
});
