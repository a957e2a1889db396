import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { environmentHttp } from '../../../cli/network.js';
import type { HttpRequest } from '#http/http';

const asked = (url: string): HttpRequest => ({
  method: 'GET',
  url,
  service: 'azure-devops',
  headers: {},
  timeout: 10_000,
});

describe('The network of a command', () => {
  let server: Server;
  let seen: IncomingMessage[] = [];
  let port = 0;

  before(async () => {
    server = createServer((request, response) => {
      seen.push(request);
      response.setHeader('content-type', 'application/json').end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  beforeEach(() => {
    seen = [];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const never = new AbortController().signal;
  const http = (environment: Readonly<Record<string, string>>, masked: string[] = [], signal = never) =>
    environmentHttp(
      'JobPat/1 (test)',
      environment,
      secret => masked.push(secret),
      () => undefined,
      signal,
    );

  it('goes straight where no variable names a proxy, and says who asks', async () => {
    const answer = await http({})(asked(`http://127.0.0.1:${port}/a`));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      seen.map(({ url, headers }) => [url, headers['user-agent']]),
      [['/a', 'JobPat/1 (test)']],
    );
  });

  it('goes by the proxy of the environment, signed in there, and masks its password', async () => {
    const masked: string[] = [];
    const tunnels: IncomingMessage[] = [];
    server.once('connect', (request: IncomingMessage, socket: Duplex) => {
      tunnels.push(request);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const proxy = { HTTPS_PROXY: `http://ann:p%40ss@127.0.0.1:${port}` };
    await assert.rejects(http(proxy, masked)(asked('https://contoso.example/a')));
    const [tunnel] = tunnels;
    assert.equal(tunnel?.url, 'contoso.example:443');
    const credential = Buffer.from('ann:p@ss').toString('base64');
    assert.equal(tunnel.headers['proxy-authorization'], `Basic ${credential}`);
    assert.deepEqual(masked, ['p@ss']);
  });

  it('asks who may receive a credential before a byte is sent', async () => {
    const refuse = () => {
      throw new Error('not there');
    };
    const refusing = environmentHttp('JobPat/1', {}, () => undefined, refuse, never);
    await assert.rejects(async () => refusing(asked(`http://127.0.0.1:${port}/a`)), /not there/);
    assert.deepEqual(seen, []);
  });

  it('ends with the command', async () => {
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(http({}, [], stop.signal)(asked(`http://127.0.0.1:${port}/a`)), {
      kind: 'cancelled',
    });
  });
});
