import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { LARGEST_ANSWER } from '#http/http-client';
import { clientIn, faultOf, get, useServers, withRealSockets } from '../tasks/loopback.js';
import { failureOf } from '../tasks/world.js';

describe('The HTTP client', () => {
  withRealSockets();
  const serve = useServers();

  it('sends what it is told, its own name, and asks for no compression', async () => {
    let body = '';
    const { port, requests } = await serve((request, response) => {
      void text(request).then(sent => {
        body = sent;
        response.end();
      });
    });
    const url = `http://127.0.0.1:${port}/contoso/_apis/tokens/pats?api-version=7.1-preview.1`;
    await clientIn()(
      get(url, { method: 'POST', body: '{"ä":1}', headers: { 'content-type': 'application/json' } }),
    );
    const [request] = requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request.url, '/contoso/_apis/tokens/pats?api-version=7.1-preview.1');
    assert.equal(request.headers['user-agent'], 'JobPat/0.0.0 (Test)');
    assert.equal(request.headers['accept-encoding'], 'identity');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers.authorization, undefined);
    assert.equal(body, '{"ä":1}');
  });

  it('gives status, headers in lower case and the text', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(418, { 'Retry-After': '3', 'X-Both': ['a', 'b'] }).end('short and stout');
    });
    const answer = await clientIn()(get(`http://localhost:${port}/x`));
    assert.equal(answer.status, 418);
    assert.equal(answer.headers['retry-after'], '3');
    assert.equal(answer.headers['x-both'], 'a, b');
    assert.equal(answer.body, 'short and stout');
  });

  it('puts characters together that were cut between two packets', async () => {
    const { port } = await serve((_, response) => {
      const bytes = Buffer.from('☕');
      response.write(bytes.subarray(0, 1));
      setImmediate(() => response.end(bytes.subarray(1)));
    });
    assert.equal((await clientIn()(get(`http://127.0.0.1:${port}/`))).body, '☕');
  });

  for (const [connections, most] of [
    ['ended', 20],
    ['kept', 4],
  ] as const) {
    it(`connects ${most} times for twenty requests, four at once, when connections are ${connections}`, async () => {
      const { port, connections: made } = await serve((_, response) => response.end('{}'));
      const send = clientIn({}, new AbortController().signal, connections);
      const lane = async () => {
        for (let request = 0; request < 5; request++) await send(get(`http://127.0.0.1:${port}/`));
      };
      await Promise.all([lane(), lane(), lane(), lane()]);
      assert.equal(made.length, most);
    });
  }

  it('keeps no connection for another server, http or https', async () => {
    const [one, other] = await Promise.all([
      serve((_, response) => response.end('one')),
      serve((_, response) => response.end('other')),
    ]);
    const send = clientIn({}, new AbortController().signal, 'kept');
    for (const [{ port }, body] of [
      [one, 'one'],
      [other, 'other'],
      [one, 'one'],
    ] as const)
      assert.equal((await send(get(`http://127.0.0.1:${port}/`))).body, body);
    await faultOf(send(get(`https://127.0.0.1:${one.port}/`)), 'not-trusted');
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`does not follow a redirect of ${status}`, async () => {
      const elsewhere = await serve((_, response) => response.end());
      const { port } = await serve((_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
      });
      assert.equal((await clientIn()(get(`http://127.0.0.1:${port}/`))).status, status);
      assert.equal(elsewhere.connections.length, 0);
    });
  }

  for (const status of [502, 503, 504]) {
    it(`does not repeat a request that was answered with ${status}`, async () => {
      const { port, requests } = await serve((_, response) => response.writeHead(status).end());
      assert.equal((await clientIn()(get(`http://127.0.0.1:${port}/`))).status, status);
      assert.equal(requests.length, 1);
    });
  }

  it('does not connect to a host that may not receive a credential', async () => {
    const { port, connections } = await serve((_, response) => response.end());
    for (const host of ['127.0.0.2', 'ip6-localhost', 'a@127.0.0.1']) {
      await failureOf(() => clientIn()(get(`http://${host}:${port}/`)), 'host-not-allowed');
    }
    assert.equal(connections.length, 0);
  });

  it('ignores a proxy that only the environment names', async () => {
    const { port } = await serve((_, response) => response.end('direct'));
    const before = { ...process.env };
    Object.assign(process.env, {
      HTTP_PROXY: 'http://127.0.0.1:9',
      http_proxy: 'http://127.0.0.1:9',
      HTTPS_PROXY: 'http://127.0.0.1:9',
    });
    try {
      assert.equal((await clientIn()(get(`http://127.0.0.1:${port}/`))).body, 'direct');
    } finally {
      process.env = before;
    }
  });

  it('reads an answer of the largest size', async () => {
    const { port } = await serve((_, response) => response.end('x'.repeat(LARGEST_ANSWER)));
    assert.equal((await clientIn()(get(`http://127.0.0.1:${port}/`))).body.length, LARGEST_ANSWER);
  });

  it('stops reading an answer that is larger, and hangs up', async () => {
    const { port, connections } = await serve((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', pour);
      };
      pour();
    });
    await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`)), 'too-large');
    const [connection] = connections;
    assert.ok(connection);
    if (!connection.closed) await new Promise(resolve => connection.once('close', resolve));
  });

  it('waits no longer than it is told for an answer that does not come', async () => {
    const { port } = await serve(() => undefined);
    const fault = await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`, { timeout: 50 })), 'lost');
    assert.equal(fault.code, 'ETIMEDOUT');
  });

  it('waits no longer than it is told for an answer that comes in drops', async () => {
    const { port } = await serve((_, response) => {
      const drops = setInterval(() => response.write('x'), 5);
      response.on('close', () => {
        clearInterval(drops);
      });
    });
    const fault = await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`, { timeout: 80 })), 'lost');
    assert.equal(fault.code, 'ETIMEDOUT');
  });

  it('takes a connection that ends before the answer for a lost answer', async () => {
    const { port } = await serve((_, response) => response.socket?.resetAndDestroy());
    await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`)), 'lost');
  });

  it('takes a connection that ends in the middle of the answer for a lost answer', async () => {
    const { port } = await serve((_, response) => {
      response
        .writeHead(200, { 'content-length': '100' })
        .write('{"patToken":', () => response.socket?.destroy());
    });
    await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`)), 'lost');
  });

  it('knows that a refused connection carried nothing', async () => {
    const { port, server } = await serve(() => undefined);
    await new Promise(resolve => server.close(resolve));
    const fault = await faultOf(clientIn()(get(`http://127.0.0.1:${port}/`)), 'not-sent');
    assert.equal(fault.code, 'ECONNREFUSED');
  });

  it('ends a request under way when the step is told to stop', async () => {
    const controller = new AbortController();
    const { port } = await serve(() => {
      controller.abort();
    });
    await faultOf(clientIn({}, controller.signal)(get(`http://127.0.0.1:${port}/`)), 'cancelled');
  });

  it('sends nothing after the step was told to stop', async () => {
    const controller = new AbortController();
    const { port, connections } = await serve((_, response) => response.end());
    controller.abort();
    await faultOf(clientIn({}, controller.signal)(get(`http://127.0.0.1:${port}/`)), 'cancelled');
    assert.equal(connections.length, 0);
  });
});
