import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import tls from 'node:tls';
import type { Certificates } from '#http/http-client';
import { certificateFor, type Certificate } from '../../../scripts/certificate.js';
import { clientIn, faultOf, get, portOf, useServers, withRealSockets } from '../tasks/loopback.js';
import { NO_OPENSSL, notHere } from '../../not-here.js';

const BASIC = `Basic ${Buffer.from('job pat:p@ss:word').toString('base64')}`;

/** A proxy that asks for a name and a password, and leads every tunnel to one port of this machine. */
function proxyTo(port: () => number, tunnels: IncomingMessage[]): Server {
  const proxy = createServer();
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push(request);
    if (request.headers['proxy-authorization'] !== BASIC) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const server = connect(port(), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    const hangUp = (): void => {
      server.destroy();
      client.destroy();
    };
    server.on('error', hangUp);
    client.on('error', hangUp).on('close', hangUp);
  });
  return proxy;
}

describe('The HTTP client behind a proxy', () => {
  withRealSockets();
  const serve = useServers();
  let target = 0;
  let tunnels: IncomingMessage[] = [];

  async function proxy(more: object = {}) {
    tunnels = [];
    const { port, requests } = await serve(
      (_, response) => response.end('the proxy'),
      proxyTo(() => target, tunnels),
    );
    const credentials = { proxyUsername: 'job pat', proxyPassword: 'p@ss:word' };
    return { requests, settings: { proxyUrl: `http://127.0.0.1:${port}`, ...credentials, ...more } };
  }

  it('reaches loopback through a tunnel, with its credentials', async () => {
    target = (await serve((_, response) => response.end('the service'))).port;
    const { settings, requests } = await proxy();
    const answer = await clientIn({ proxy: settings })(get('http://localhost:8080/contoso'));
    assert.equal(answer.body, 'the service');
    assert.deepEqual([tunnels[0]?.method, tunnels[0]?.url], ['CONNECT', 'localhost:8080']);
    assert.equal(tunnels[0]?.headers['proxy-authorization'], BASIC);
    assert.equal(tunnels[0].headers.authorization, undefined);
    assert.equal(requests.length, 0);
  });

  it('goes past it to hosts that the bypass list matches', async () => {
    const { port } = await serve((_, response) => response.end('the service'));
    const { settings } = await proxy({ proxyBypassHosts: ['^https?://other', '127\\.0\\.0\\.1'] });
    const answer = await clientIn({ proxy: settings })(get(`http://127.0.0.1:${port}/`));
    assert.equal(answer.body, 'the service');
    assert.equal(tunnels.length, 0);
  });

  it('is asked for a tunnel ahead of the request when told to dial', async () => {
    const service = await serve((_, response) => response.end('the service'));
    target = service.port;
    const { settings } = await proxy();
    const http = clientIn({ proxy: settings });
    http.dial({ url: 'http://localhost:8080/' });
    await once(service.server, 'connection');
    assert.equal(service.requests.length, 0);
    assert.equal((await http(get('http://localhost:8080/'))).body, 'the service');
    assert.equal(tunnels.length, 1);
  });

  it('keeps a tunnel for the next request where connections are kept', async () => {
    target = (await serve((_, response) => response.end('the service'))).port;
    const { settings } = await proxy();
    const http = clientIn({ proxy: settings }, undefined, 'kept');
    for (let request = 0; request < 3; request++) await http(get('http://localhost:8080/'));
    assert.equal(tunnels.length, 1);
  });

  it('that wants other credentials fails for good, and nothing reaches the service', async () => {
    const service = await serve((_, response) => response.end());
    target = service.port;
    const { settings } = await proxy({ proxyPassword: 'wrong' });
    const fault = await faultOf(clientIn({ proxy: settings })(get('http://localhost:8080/')), 'not-trusted');
    assert.match(fault.message, /statusCode=407/);
    assert.equal(service.connections.length, 0);
  });

  it('that has a fault carried nothing, and may be asked again', async () => {
    const broken = createServer();
    broken.on('connect', (_: IncomingMessage, client: Socket) =>
      client.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'),
    );
    const { port } = await serve(() => undefined, broken);
    const settings = { proxyUrl: `http://127.0.0.1:${port}` };
    await faultOf(clientIn({ proxy: settings })(get('http://localhost:8080/')), 'not-sent');
  });

  it('that is down carried nothing', async () => {
    const { server } = await serve(() => undefined);
    const settings = { proxyUrl: `http://127.0.0.1:${portOf(server)}` };
    await new Promise(resolve => server.close(resolve));
    await faultOf(clientIn({ proxy: settings })(get('http://localhost:8080/')), 'not-sent');
  });

  it('skips an entry of the bypass list that is no pattern, as the agent does', async () => {
    const { port } = await serve((_, response) => response.end('the service'));
    const { settings } = await proxy({ proxyBypassHosts: ['(', '*\\.corp\\.example', '127\\.0\\.0\\.1'] });
    const answer = await clientIn({ proxy: settings })(get(`http://127.0.0.1:${port}/`));
    assert.equal(answer.body, 'the service');
    assert.equal(tunnels.length, 0);
  });

  for (const entry of [
    '^127\\.0\\.0\\.1$',
    '127\\.0\\.0\\.1$',
    '^127\\.0\\.0\\.1:PORT$',
    '^http://127\\.0\\.0\\.1:PORT$',
  ])
    it(`goes past it to a host, with or without its port, that the anchored entry ${entry} matches`, async () => {
      const { port } = await serve((_, response) => response.end('the service'));
      const { settings } = await proxy({ proxyBypassHosts: [entry.replace('PORT', String(port))] });
      await clientIn({ proxy: settings })(get(`http://127.0.0.1:${port}/`));
      assert.equal(tunnels.length, 0);
    });

  it('is not passed for a path or a query that the bypass list matches', async () => {
    target = (await serve((_, response) => response.end('the service'))).port;
    const { settings } = await proxy({ proxyBypassHosts: ['corp\\.example'] });
    await clientIn({ proxy: settings })(
      get('http://localhost:8080/corp.example/oauth2/v2.0/token?x=corp.example'),
    );
    assert.equal(tunnels.length, 1);
  });

  it('is not passed for a NO_PROXY that only the environment names', async () => {
    target = (await serve((_, response) => response.end('the service'))).port;
    const { settings } = await proxy();
    process.env['NO_PROXY'] = 'localhost';
    try {
      await clientIn({ proxy: settings })(get('http://localhost:8080/contoso'));
    } finally {
      delete process.env['NO_PROXY'];
    }
    assert.equal(tunnels.length, 1);
  });
});

describe('The HTTP client over TLS', () => {
  withRealSockets();
  const serve = useServers();
  let certificate: Certificate | undefined;

  before(function () {
    certificate = certificateFor(['dev.azure.com', '127.0.0.1']);
    if (certificate === undefined) notHere(this, NO_OPENSSL);
  });
  after(() => certificate?.remove());

  async function service() {
    assert.ok(certificate);
    const { key, certificate: cert, authorityFile } = certificate;
    const server = createSecureServer({ key, cert });
    return { ...(await serve((_, response) => response.end('the service'), server)), authorityFile };
  }

  it('trusts the authority that the agent was given', async () => {
    const { port, authorityFile } = await service();
    const http = clientIn({ certificates: authority(authorityFile) });
    assert.equal((await http(get(`https://127.0.0.1:${port}/`))).body, 'the service');
  });

  it('trusts the public authorities beside it', async () => {
    const { port, authorityFile } = await service();
    const seen: unknown[] = [];
    const spied = tls.createSecureContext;
    tls.createSecureContext = options => {
      seen.push(options?.ca);
      return spied(options);
    };
    try {
      const http = clientIn({ certificates: authority(authorityFile) });
      await http(get(`https://127.0.0.1:${port}/`));
      await http(get(`https://127.0.0.1:${port}/`));
    } finally {
      tls.createSecureContext = spied;
    }
    // A list would take the place of the public ones. Made once for all connections: that takes longer than a request.
    assert.deepEqual(seen, [undefined]);
  });

  it('trusts no other, and sends nothing', async () => {
    const { port, requests } = await service();
    await faultOf(clientIn()(get(`https://127.0.0.1:${port}/`)), 'not-trusted');
    assert.equal(requests.length, 0);
  });

  it('does not take the certificate of another host', async () => {
    const { port, authorityFile, requests } = await service();
    const http = clientIn({ certificates: authority(authorityFile) });
    const fault = await faultOf(http(get(`https://localhost:${port}/`)), 'not-trusted');
    assert.equal(fault.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.equal(requests.length, 0);
  });

  it('reaches Azure DevOps through the proxy, which sees the host and its own credentials only', async () => {
    const { port, authorityFile, requests } = await service();
    const tunnels: IncomingMessage[] = [];
    const proxy = await serve(
      () => undefined,
      proxyTo(() => port, tunnels),
    );
    const http = clientIn({
      certificates: authority(authorityFile),
      proxy: {
        proxyUrl: `http://127.0.0.1:${proxy.port}`,
        proxyUsername: 'job pat',
        proxyPassword: 'p@ss:word',
      },
    });
    assert.equal((await http(get('https://dev.azure.com/contoso'))).body, 'the service');
    assert.equal(tunnels[0]?.url, 'dev.azure.com:443');
    assert.equal(tunnels[0].headers.authorization, undefined);
    assert.equal(requests[0]?.headers.authorization, 'Bearer a-token');
    assert.equal(requests[0].headers['proxy-authorization'], undefined);
  });
});

function authority(file: string): Certificates {
  return { authority: readFileSync(file, 'utf8'), client: undefined };
}
