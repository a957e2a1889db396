import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HttpFault, type Http, type HttpAnswer, type HttpRequest } from '#http/http';
import { debugged, ExchangeRedactor, recorded, type RedactedExchange } from '#http/redacted-exchange';

const ID = '5f2c0b1a-1111-4222-8333-444455556666';
const json = (value: unknown, status = 200, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: { authorization: 'Bearer eyAccess.token.x' },
  timeout: 1,
  ...more,
});

/** What is recorded of these requests, with one redactor. */
async function recordOf(
  answer: HttpAnswer | HttpFault,
  ...requests: HttpRequest[]
): Promise<RedactedExchange[]> {
  const told: RedactedExchange[] = [];
  let now = 0;
  const http: Http = () => (answer instanceof HttpFault ? Promise.reject(answer) : Promise.resolve(answer));
  const send = recorded(
    http,
    new ExchangeRedactor(),
    () => (now += 20),
    each => told.push(each),
  );
  for (const request of requests) await send(request).catch(() => undefined);
  return told;
}

async function linesOf(answer: HttpAnswer | HttpFault, ...requests: HttpRequest[]): Promise<string[]> {
  const lines: string[] = [];
  const http: Http = () => (answer instanceof HttpFault ? Promise.reject(answer) : Promise.resolve(answer));
  const send = debugged(http, new ExchangeRedactor(), () => 0, { debug: text => lines.push(text) });
  for (const request of requests) await send(request).catch(() => undefined);
  return lines;
}

describe('An exchange in redacted form', () => {
  it('shows method, host, path, status, names of headers, shapes and time, and no value', async () => {
    const url = `https://vssps.dev.azure.com/contoso/_apis/tokens/pats?authorizationId=${ID}&api-version=7.1-preview.1`;
    const body = JSON.stringify({ displayName: 'laptop of Ann', allOrgs: false });
    const answer = json(
      {
        patToken: { displayName: 'laptop of Ann', validTo: '2026-03-01T12:00:00Z', token: 'pppp' },
        patTokenError: '',
      },
      200,
      { 'x-vss-e2eid': 'secret' },
    );
    const [exchange] = await recordOf(answer, get(url, { method: 'POST', body }));
    assert.deepEqual(exchange, {
      number: 1,
      method: 'POST',
      host: 'vssps.dev.azure.com',
      path: '/{organization-1}/_apis/tokens/pats?authorizationId={id-1}&api-version=7.1-preview.1',
      attempt: 1,
      sent: { allOrgs: 'boolean', displayName: 'text' },
      answer: {
        status: 200,
        headers: ['content-type', 'x-vss-e2eid'],
        body: {
          patToken: { displayName: 'text', token: 'text', validTo: 'moment' },
          patTokenError: 'empty text',
        },
      },
      milliseconds: 20,
    });
  });

  it('gives the same thing the same name, and another thing another one', async () => {
    const at = (path: string) => get(`https://dev.azure.com/${path}`);
    const paths = (
      await recordOf(
        json({}),
        at('contoso/Shop/_apis/build/builds/712'),
        at(`CONTOSO/shop/_apis/serviceendpoint/endpoints/${ID}`),
        at('fabrikam/Shop/_apis/build/builds/713'),
        at('contoso/_apis/projects/Shop'),
      )
    ).map(({ path }) => path);
    assert.deepEqual(paths, [
      '/{organization-1}/{project-1}/_apis/build/builds/{number-1}',
      '/{organization-1}/{project-1}/_apis/serviceendpoint/endpoints/{id-1}',
      '/{organization-2}/{project-1}/_apis/build/builds/{number-2}',
      '/{organization-1}/_apis/projects/{project-1}',
    ]);
  });

  it('counts the attempts at one address', async () => {
    const one = get('https://dev.azure.com/contoso/_apis/connectionData');
    const other = get('https://dev.azure.com/contoso/_apis/projects');
    const attempts = (await recordOf(json({}), one, other, one, one)).map(({ attempt }) => attempt);
    assert.deepEqual(attempts, [1, 1, 2, 3]);
  });

  const hosts: readonly (readonly [
    url: string,
    service: HttpRequest['service'],
    host: string,
    path: string,
  ])[] = [
    [
      'https://contoso.vssps.visualstudio.com/_apis/tokens/pats',
      undefined,
      '{organization-1}.vssps.visualstudio.com',
      '/_apis/tokens/pats',
    ],
    [
      'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token',
      'entra',
      'login.microsoftonline.com',
      '/{tenant-1}/oauth2/v2.0/token',
    ],
    [
      'https://contoso-shop.vault.azure.net/secrets/token/1',
      'key-vault',
      '{vault-1}.vault.azure.net',
      '/secrets/{name-1}/{number-1}',
    ],
    [
      'http://127.0.0.1:8080/contoso/_apis/projects',
      undefined,
      'loopback',
      '/{organization-1}/_apis/projects',
    ],
    [
      'https://tfs.contoso.example/contoso/_apis/projects',
      undefined,
      '{host-1}',
      '/{organization-1}/_apis/projects',
    ],
    [
      'https://dev.azure.com/token/pats/_apis/projects',
      undefined,
      'dev.azure.com',
      '/{organization-1}/{project-1}/_apis/projects',
    ],
  ];
  for (const [url, service, host, path] of hosts) {
    it(`says of ${url} where it is, and not whose`, async () => {
      const [exchange] = await recordOf(json({}), get(url, service === undefined ? {} : { service }));
      assert.deepEqual([exchange?.host, exchange?.path], [host, path]);
    });
  }

  it('knows what stands in a form, in a page, in plain text and in nothing', async () => {
    const form = get('https://login.microsoftonline.com/x/oauth2/v2.0/token', {
      method: 'POST',
      service: 'entra',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=refresh_token&refresh_token=1.Arefresh',
    });
    const [asked] = await recordOf(json({}), form);
    assert.deepEqual(asked?.sent, { grant_type: 'text', refresh_token: 'text' });
    const kinds = await Promise.all(
      ['<!DOCTYPE html><p>Ann', 'Ann', '', '\uFEFF'].map(async body => {
        const [exchange] = await recordOf({ status: 203, headers: {}, body }, get('https://dev.azure.com/x'));
        return exchange && 'body' in exchange.answer ? exchange.answer.body : undefined;
      }),
    );
    assert.deepEqual(kinds, ['web page', 'plain text', 'nothing', 'nothing']);
  });

  it('shows no name that people give to members', async () => {
    const answer = json({
      variables: { DB_PASSWORD: { value: 'x', isSecret: true }, Plain: { value: 'y' } },
      'ann.miller@contoso.com and others': 1,
      contosoSetting: 2,
      [`p${'A1'.repeat(40)}`]: 3,
      '##vso[task.setvariable variable=x]y': 4,
    });
    const [exchange] = await recordOf(answer, get('https://dev.azure.com/contoso/_apis/projects'));
    assert.deepEqual(exchange && 'body' in exchange.answer ? exchange.answer.body : undefined, {
      variables: { each: [{ isSecret: 'boolean', value: 'text' }, { value: 'text' }] },
      '{member-1}': 'number',
      '{member-2}': 'number',
      '{member-3}': 'number',
      '{member-4}': 'number',
    });
  });

  it('shows each kind in a list once', async () => {
    const [exchange] = await recordOf(
      json({ value: [{ a: 1 }, { a: 2 }, { a: null }] }),
      get('https://dev.azure.com/x'),
    );
    assert.deepEqual(exchange && 'body' in exchange.answer ? exchange.answer.body : undefined, {
      value: [{ a: 'null' }, { a: 'number' }],
    });
  });

  it('tells why there is no answer, in words of ours', async () => {
    const fault = new HttpFault('not-sent', 'getaddrinfo ENOTFOUND dev.contoso.example', 'ENOTFOUND');
    const [exchange] = await recordOf(fault, get('https://dev.azure.com/x'));
    assert.deepEqual(exchange?.answer, { fault: 'not-sent ENOTFOUND' });
  });

  it('holds nothing of what was said, whatever it was', async () => {
    const word = fc
      .string({ unit: 'binary', minLength: 6, maxLength: 40 })
      .filter(text => /[^\w.@$-]|\d{3}/.test(text));
    await fc.assert(
      fc.asyncProperty(word, word, word, async (organization, value, name) => {
        const url = `https://dev.azure.com/${encodeURIComponent(organization)}/_apis/x?y=${encodeURIComponent(value)}`;
        const lines = await linesOf(
          json({ a: value, [name]: value }),
          get(url, { body: JSON.stringify({ value }) }),
        );
        const text = lines.join('\n');
        for (const said of [organization, value, name, encodeURIComponent(value)])
          assert.ok(!text.includes(said), `${JSON.stringify(said)} in ${text}`);
      }),
    );
  });
});

describe('An answer of any size', () => {
  it('is looked at for no longer than it takes to say what it is', async () => {
    const strange = Array.from({ length: 3_000 }, (_, at) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, member) => [`m ${at} ${member}`, at])),
    );
    const start = performance.now();
    const lines = await linesOf(json(strange), get('https://dev.azure.com/contoso/_apis/projects'));
    assert.ok(performance.now() - start < 5_000);
    assert.ok(lines.every(line => line.length <= 4_001));
    let deep: unknown = 1;
    for (let depth = 0; depth < 50; depth++) deep = [deep];
    const [, line] = await linesOf(json(deep), get('https://dev.azure.com/x'));
    assert.match(line ?? '', /body: \[{8}more\]{8}$/);
  });

  it('that cannot be shown is an answer all the same', async () => {
    const lines: string[] = [];
    const broken = { ...json({}), headers: undefined } as unknown as HttpAnswer;
    const send = debugged(
      () => Promise.resolve(broken),
      new ExchangeRedactor(),
      () => 0,
      {
        debug: text => lines.push(text),
      },
    );
    assert.equal(await send(get('https://dev.azure.com/x')), broken);
    assert.equal(lines[1], 'A request or its answer cannot be shown.');
  });
});

describe('The debug lines of an exchange', () => {
  it('are one when it leaves and one when it is answered', async () => {
    const lines = await linesOf(
      json({ patTokens: [], continuationToken: '' }),
      get('https://vssps.dev.azure.com/contoso/_apis/tokens/pats?$top=100'),
    );
    assert.deepEqual(lines, [
      'Request 1: GET vssps.dev.azure.com/{organization-1}/_apis/tokens/pats?$top=100, attempt 1',
      'Answer 1: 200 after 0 ms; headers: content-type; body: {continuationToken: empty text, patTokens: []}',
    ]);
  });

  it('say that there was no answer', async () => {
    const [, second] = await linesOf(new HttpFault('lost', 'x', 'ETIMEDOUT'), get('https://dev.azure.com/x'));
    assert.equal(second, 'Answer 1: none after 0 ms: lost ETIMEDOUT');
  });
});
