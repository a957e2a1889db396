import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { create, inOneHour, issue, jsonOf, objectOf, patApi, requestToken, useEmulator } from './client.js';

const refusal = { status: 500, typeKey: 'TestException', message: 'Nothing works.' };

describe('faults of the emulator', () => {
  const emulator = useEmulator();

  it('spoil one request by default, then the next goes well', async () => {
    emulator().faults.add('pats.list', fault.unavailable());
    assert.equal((await patApi(emulator())).status, 503);
    assert.equal((await patApi(emulator())).status, 200);
    assert.equal(emulator().faults.pending, 0);
  });

  it('come first in, first out, each as often as told', async () => {
    emulator().faults.add('pats.list', fault.unavailable(500), { times: 2 });
    emulator().faults.add('pats', fault.unavailable(502));
    emulator().faults.add('*', fault.unavailable(504));
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await patApi(emulator())).status);
    assert.deepEqual(statuses, [500, 500, 502, 504, 200]);
  });

  it('leave other operations and requests alone', async () => {
    emulator().faults.add('entra', fault.aadsts(53003));
    emulator().faults.add('pats', fault.unavailable(), { when: call => call.path.includes('fabrikam') });
    assert.equal((await patApi(emulator())).status, 200);
    assert.equal((await patApi(emulator(), { organization: 'fabrikam' })).status, 503);
    assert.equal((await requestToken(emulator())).status, 400);
  });

  it('can last until they are cleared', async () => {
    emulator().faults.add('pats', fault.unavailable(), { times: Infinity });
    for (let index = 0; index < 3; index += 1) assert.equal((await patApi(emulator())).status, 503);
    emulator().faults.clear();
    assert.equal((await patApi(emulator())).status, 200);
  });

  it('are named in the record of the request', async () => {
    emulator().faults.add('pats.list', fault.throttled(3));
    await patApi(emulator());
    await patApi(emulator());
    assert.deepEqual(
      emulator()
        .requestsOf('pats.list')
        .map(request => request.fault),
      ['throttled', undefined],
    );
  });

  describe('in place of the answer', () => {
    async function createWith(played: ReturnType<typeof fault.hang>): Promise<Response> {
      emulator().faults.add('pats.create', played);
      const response = await create(emulator());
      assert.deepEqual(emulator().pats.list(), [], 'no PAT is made');
      return response;
    }

    it('show the sign-in page', async () => {
      const response = await createWith(fault.signIn());
      assert.equal(response.status, 203);
      assert.match(await response.text(), /Sign In/);
    });

    it('redirect to another host', async () => {
      const response = await createWith(fault.redirect('https://elsewhere.example/'));
      assert.deepEqual(
        [response.status, response.headers.get('location')],
        [302, 'https://elsewhere.example/'],
      );
    });

    it('answer 401 without a body', async () => {
      const response = await createWith(fault.unauthorized());
      assert.deepEqual([response.status, await response.text()], [401, '']);
    });

    it('answer an error in JSON, with its text in a header', async () => {
      const response = await createWith(fault.error(refusal));
      assert.equal(response.status, 500);
      assert.equal(decodeURIComponent(response.headers.get('x-tfs-serviceerror') ?? ''), 'Nothing works.');
      const body = await jsonOf(response);
      assert.deepEqual([body['typeKey'], body['message']], ['TestException', 'Nothing works.']);
    });

    it('answer an error behind a byte order mark', async () => {
      const bytes = Buffer.from(
        await (await createWith(fault.errorWithByteOrderMark(refusal))).arrayBuffer(),
      );
      assert.deepEqual([...bytes.subarray(0, 4)], [0xef, 0xbb, 0xbf, '{'.charCodeAt(0)]);
    });

    it('answer an error in the header alone', async () => {
      const response = await createWith(fault.errorInHeader(refusal));
      assert.deepEqual([response.status, await response.text()], [500, '']);
      assert.equal(response.headers.get('x-tfs-serviceerror'), 'Nothing%20works.');
    });

    it('throttle with Retry-After', async () => {
      const response = await createWith(fault.throttled(7));
      assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '7']);
      assert.match(String((await jsonOf(response))['message']), /^TF400733: /);
    });

    it('throttle a request that nobody signed in other words', async () => {
      const response = await createWith(fault.throttledAnonymously(7));
      assert.equal(response.status, 429);
      assert.match(String((await jsonOf(response))['message']), /^Request was blocked .*'AnonymousId'\.$/);
    });

    it('do not know the route, or say nothing at all, with 404', async () => {
      const unknown = await createWith(fault.routeUnknown());
      assert.deepEqual(
        [unknown.status, unknown.headers.get('content-type')],
        [404, 'text/plain; charset=utf-8'],
      );
      const text = await unknown.text();
      assert.match(text, /^The controller for path '\/contoso\/_apis\/tokens\/pats' was not found/);
      assert.equal(unknown.headers.get('x-tfs-serviceerror'), encodeURIComponent(text));
      const empty = await createWith(fault.emptyNotFound());
      assert.deepEqual([empty.status, await empty.text()], [404, '']);
    });

    it('belong to an organization that was switched off', async () => {
      const response = await createWith(fault.deactivated());
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, null]);
      assert.match(await response.text(), /TF24668/);
    });

    it('refuse with the reason as the whole message, or because a secret is being recovered', async () => {
      const refused = await createWith(fault.refusedByReason('displayNameRequired'));
      const { typeKey, message } = await jsonOf(refused);
      assert.deepEqual(
        [refused.status, typeKey, message],
        [400, 'SessionTokenCreateException', 'DisplayNameRequired'],
      );
      const recovering = await createWith(fault.beingRecovered());
      assert.equal(recovering.status, 409);
      assert.match(await recovering.text(), /"ObjectIsBeingRecovered"/);
    });

    it('are unavailable, with and without Retry-After', async () => {
      assert.equal((await createWith(fault.unavailable())).headers.has('retry-after'), false);
      assert.equal((await createWith(fault.unavailable(502, 2))).headers.get('retry-after'), '2');
    });

    it('give HTML in place of JSON', async () => {
      const response = await createWith(fault.htmlInPlaceOfJson());
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    });

    it('give 20 MB', async () => {
      assert.equal((await (await createWith(fault.huge())).arrayBuffer()).byteLength, 20 * 1024 * 1024);
    });

    it('give a reason that no contract knows', async () => {
      const body = await jsonOf(await createWith(fault.patTokenError('fullMoon', 'Try tomorrow.')));
      assert.deepEqual(body, {
        patToken: null,
        patTokenError: 'fullMoon',
        patTokenErrorMessage: 'Try tomorrow.',
      });
    });
  });

  describe('around the effect', () => {
    it('truncate the answer', async () => {
      emulator().faults.add('pats.create', fault.truncated());
      const text = await (await create(emulator())).text();
      assert.match(text, /^\{"patToken":/);
      assert.throws(() => JSON.parse(text) as unknown, SyntaxError);
      assert.equal(emulator().pats.active().length, 1);
    });

    it('put a Retry-After on a success', async () => {
      emulator().faults.add('pats.create', fault.headers({ 'Retry-After': '1' }));
      const response = await create(emulator());
      assert.deepEqual([response.status, response.headers.get('retry-after')], [200, '1']);
    });

    it('grant another scope and end than asked', async () => {
      const validTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5000);
      emulator().faults.add('pats.create', fault.granting({ scope: 'vso.code_full', validTo }));
      const { patToken } = await jsonOf(await create(emulator(), { scope: 'vso.code' }));
      assert.equal(objectOf(patToken)['scope'], 'vso.code_full');
      const pat = emulator().pats.list()[0];
      assert.deepEqual([pat?.scope, pat?.validTo], ['vso.code_full', validTo]);
      assert.match(
        emulator().requestsOf('pats.create')[0]?.body ?? '',
        /"vso\.code"/,
        'the record shows what was asked',
      );
    });

    it('answer late', async () => {
      emulator().faults.add('pats.create', fault.slow(30));
      await issue(emulator());
      assert.ok((emulator().requestsOf('pats.create')[0]?.duration ?? 0) >= 29);
    });
  });

  describe('of the connection', () => {
    const cut = async (call: Promise<Response>): Promise<void> => {
      await assert.rejects(
        call,
        (error: Error & { cause?: { code?: string } }) => error.cause?.code === 'ECONNRESET',
      );
    };

    it('reset it before the PAT is made', async () => {
      emulator().faults.add('pats.create', fault.resetBefore());
      await cut(create(emulator()));
      assert.equal((await emulator().waitFor('pats.create')).connection, 'cutByServer');
      assert.equal(emulator().requestsOf('pats.create')[0]?.status, undefined);
      assert.deepEqual(emulator().pats.list(), []);
    });

    it('reset it after the PAT is made', async () => {
      emulator().faults.add('pats.create', fault.resetAfter());
      await cut(create(emulator()));
      assert.equal(emulator().pats.activeWithName('a job').length, 1);
    });

    it('reset it and make the PAT later', async () => {
      emulator().faults.add('pats.create', fault.resetThenEffect(40));
      await cut(create(emulator()));
      assert.deepEqual(emulator().pats.list(), []);
      assert.equal((await emulator().pats.waitFor(pat => pat.displayName === 'a job')).state, 'active');
    });

    it('make the PAT after the client has left', async () => {
      emulator().faults.add('pats.create', fault.effectAfterClientLeft(20));
      const leaving = new AbortController();
      const call = assert.rejects(create(emulator(), {}, { signal: leaving.signal }), { name: 'AbortError' });
      await emulator().waitFor('pats.create', { phase: 'arrival' });
      leaving.abort();
      await call;
      assert.equal((await emulator().waitFor('pats.create')).connection, 'cutByClient');
      await emulator().pats.waitFor(pat => pat.displayName === 'a job');
    });

    for (const [name, hanging, made] of [
      ['never answer', fault.hang(), 0],
      ['make the PAT and never answer', fault.hangAfter(), 1],
    ] as const) {
      it(`${name}, until the emulator closes`, async () => {
        emulator().faults.add('pats.create', hanging);
        const call = assert.rejects(create(emulator(), { validTo: inOneHour() }));
        await emulator().waitFor('pats.create', { phase: 'arrival' });
        if (made === 1) await emulator().pats.waitFor(() => true);
        await emulator().close();
        await call;
        assert.equal(emulator().pats.list().length, made);
      });
    }
  });

  it('let connectionData know only the anonymous user', async () => {
    emulator().faults.add('connectionData', fault.anonymous());
    const response = await fetch(`${emulator().organizationUrl('contoso')}/_apis/connectionData`);
    const { authenticatedUser } = await jsonOf(response);
    assert.equal(response.status, 200);
    assert.equal(objectOf(authenticatedUser)['id'], 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa');
  });
});
