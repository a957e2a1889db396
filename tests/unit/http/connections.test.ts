import assert from 'node:assert/strict';
import { once, setMaxListeners } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import type { ServerResponse } from 'node:http';
import { MOST_CONNECTIONS } from '#http/connections';
import { certificateFor } from '../../../scripts/certificate.js';
import { NO_OPENSSL, notHere } from '../../not-here.js';
import {
  clientIn,
  faultOf,
  get,
  useServers,
  withRealSockets,
  type LoopbackServer,
} from '../tasks/loopback.js';

const root = ({ port }: LoopbackServer) => `http://127.0.0.1:${port}/`;

describe('A connection that is dialled', () => {
  withRealSockets();
  const serve = useServers();

  async function dialled(count?: number) {
    const server = await serve((_, response) => response.end('the service'));
    const http = clientIn();
    http.dial({ url: root(server) }, count);
    while (server.connections.length < (count ?? 1)) await once(server.server, 'connection');
    return { server, http };
  }

  it('carries nothing until a request takes it', async () => {
    const { server, http } = await dialled();
    assert.equal(server.requests.length, 0);
    assert.equal((await http(get(root(server)))).body, 'the service');
    assert.equal(server.connections.length, 1);
  });

  it('serves one request where connections end', async () => {
    const { server, http } = await dialled(2);
    for (let request = 0; request < 3; request++) await http(get(root(server)));
    assert.equal(server.connections.length, 3);
  });

  it('leaves a request that comes before it is open nothing to wait for twice', async () => {
    const server = await serve((_, response) => response.end('the service'));
    const http = clientIn();
    http.dial({ url: root(server) });
    await http(get(root(server)));
    assert.equal(server.connections.length, 1);
  });

  for (const how of ['destroy', 'resetAndDestroy'] as const)
    it(`is replaced when the server closes it first (${how})`, async () => {
      const { server, http } = await dialled();
      const [first] = server.connections;
      assert.ok(first);
      first[how]();
      await once(first, 'close');
      assert.equal((await http(get(root(server), { method: 'POST', body: '{}' }))).body, 'the service');
      assert.equal(server.connections.length, 2);
    });

  it('is silent when it is refused, and the request says why', async () => {
    const server = await serve(() => undefined);
    await new Promise(resolve => server.server.close(resolve));
    const http = clientIn();
    http.dial({ url: root(server) }, 3);
    await new Promise(setImmediate);
    assert.equal((await faultOf(http(get(root(server))), 'not-sent')).code, 'ECONNREFUSED');
  });

  it('goes to no host that may not receive a credential', async () => {
    const server = await serve(() => undefined);
    const http = clientIn();
    http.dial({ url: `http://127.0.0.2:${server.port}/` });
    http.dial({ url: `http://a@127.0.0.1:${server.port}/` });
    await http(get(root(await serve((_, response) => response.end()))));
    assert.equal(server.connections.length, 0);
  });

  it('is not opened once the step was told to stop', async () => {
    const controller = new AbortController();
    const server = await serve(() => undefined);
    controller.abort();
    clientIn({}, controller.signal).dial({ url: root(server) });
    await clientIn()(get(root(await serve((_, response) => response.end()))));
    assert.equal(server.connections.length, 0);
  });

  it('shakes hands over TLS before the request, and trusts no other certificate than the request does', async function () {
    const certificate = certificateFor(['127.0.0.1']);
    if (certificate === undefined) return notHere(this, NO_OPENSSL);
    try {
      const { key, certificate: cert } = certificate;
      const secure = createSecureServer({ key, cert });
      const server = await serve((_, response) => response.end('the service'), secure);
      const url = `https://127.0.0.1:${server.port}/`;
      const http = clientIn({ certificates: { authority: cert, client: undefined } });
      http.dial({ url });
      await once(secure, 'secureConnection');
      assert.equal((await http(get(url))).body, 'the service');
      assert.equal(server.connections.length, 1);

      const stranger = clientIn();
      stranger.dial({ url });
      await once(secure, 'tlsClientError');
      await faultOf(stranger(get(url)), 'not-trusted');
      assert.equal(server.requests.length, 1);
    } finally {
      certificate.remove();
    }
  });
});

describe('Connections that are kept', () => {
  withRealSockets();
  const serve = useServers();
  const kept = () => clientIn({}, new AbortController().signal, 'kept');

  it('are eight to a host at most, whoever asks, and dialled ones count', async () => {
    const waiting: ServerResponse[] = [];
    const server = await serve((_, response) => {
      waiting.push(response);
      // As soon as all that can be open are, they are answered, and the rest follows on the same connections.
      if (waiting.length >= 8) for (const answer of waiting.splice(0)) answer.end();
    });
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const http = clientIn({}, signal, 'kept');
    http.dial({ url: root(server) }, 30);
    await Promise.all(Array.from({ length: 16 }, () => http(get(root(server)))));
    assert.equal(server.connections.length, 8);
  });

  it('are twelve at most to all hosts together, and a host without one gets room', async () => {
    const servers: LoopbackServer[] = [];
    for (let host = 0; host < 4; host++) servers.push(await serve((_, response) => response.end()));
    const http = kept();
    for (const server of servers) {
      await Promise.all(Array.from({ length: 8 }, () => http(get(root(server)))));
      const open = servers.flatMap(({ connections }) => connections.filter(({ closed }) => !closed));
      assert.ok(open.length <= MOST_CONNECTIONS, `${open.length} are open`);
    }
    assert.ok(servers.every(({ requests }) => requests.length === 8));
  });

  it('leave half of the room to another host where two are busy', async () => {
    const one = await serve((_, response) => response.end());
    const other = await serve((_, response) => response.end());
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const http = clientIn({}, signal, 'shared');
    await Promise.all(
      [one, other].flatMap(server => Array.from({ length: 8 }, () => http(get(root(server))))),
    );
    assert.deepEqual([one.connections.length, other.connections.length], [5, 5]);
  });

  it('that hang are ended with their request, and make room', async () => {
    const server = await serve((request, response) => {
      if (request.url !== '/hang') response.end();
    });
    const http = kept();
    const hanging = Array.from({ length: 8 }, () =>
      faultOf(http(get(`${root(server)}hang`, { timeout: 50 })), 'lost'),
    );
    await Promise.all(hanging);
    assert.equal((await http(get(root(server)))).status, 200);
  });

  it('are not used again when the server said that it closes', async () => {
    const server = await serve((_, response) => response.setHeader('connection', 'close').end());
    const http = kept();
    for (let request = 0; request < 3; request++) await http(get(root(server)));
    assert.equal(server.connections.length, 3);
  });
});
