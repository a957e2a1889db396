import assert from 'node:assert/strict';
import { MsalNetwork } from '../../../cli/sign-in/msal-network.js';
import type { Http, HttpAnswer, HttpRequest } from '#http/http';
import { HttpFault } from '#http/http';
import { Failure } from '#advice/failure';

const URL_TOKEN = 'https://login.microsoftonline.com/t/oauth2/v2.0/token';
const poll = { body: 'client_id=c&grant_type=device_code&device_code=d&x-client-SKU=msal&x-client-OS=linux' };

/** A network whose answers come in turn, and what was asked of it. */
function network(answers: readonly (object | HttpFault)[], clientSecret?: string) {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const masked: string[] = [];
  const left = [...answers];
  const http: Http = request => {
    requests.push(request);
    const next = left.shift();
    if (next instanceof HttpFault) return Promise.reject(next);
    const { status = 200, ...body } = (next ?? {}) as { status?: number };
    const answer: HttpAnswer = { status, headers: {}, body: JSON.stringify(body) };
    return Promise.resolve(answer);
  };
  const clock = {
    now: () => new Date(0),
    wait: (milliseconds: number) => Promise.resolve(void waits.push(milliseconds)),
  };
  const masker = { mask: (secret: string) => void masked.push(secret) };
  return { network: new MsalNetwork(http, clock, masker, clientSecret), requests, waits, masked };
}

describe("MSAL's requests", () => {
  it('tell nothing of MSAL or this machine, and name the grant as the standard does', async () => {
    const { network: msal, requests } = network([{ access_token: 'a.b.c' }]);
    await msal.sendPostRequestAsync(URL_TOKEN, poll);
    const form = new URLSearchParams(requests[0]?.body);
    assert.deepEqual([...form.keys()].sort(), ['client_id', 'device_code', 'grant_type']);
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:device_code');
  });

  it('carry the secret of a confidential client to the token endpoint only', async () => {
    const code = { user_code: 'U', device_code: 'd', verification_uri: 'https://x', expires_in: 900 };
    const { network: msal, requests } = network([code, { access_token: 'a.b.c' }], 'the-secret');
    await msal.sendPostRequestAsync(URL_TOKEN.replace('token', 'devicecode'), { body: 'client_id=c' });
    await msal.sendPostRequestAsync(URL_TOKEN, poll);
    assert.deepEqual(
      requests.map(({ body }) => body?.includes('the-secret')),
      [false, true],
    );
  });

  it('have every token masked before MSAL sees it', async () => {
    const { network: msal, masked } = network([
      { access_token: 'aaaaaa', refresh_token: 'rrrrrr', id_token: 'iiiiii' },
    ]);
    await msal.sendPostRequestAsync(URL_TOKEN, poll);
    assert.deepEqual(masked, ['aaaaaa', 'rrrrrr', 'iiiiii']);
  });

  it('bring no claims that MSAL could not read, on which no sign-in hangs', async () => {
    const claims = `x.${Buffer.from('{"oid":"1"}').toString('base64url')}.x`;
    const { network: msal } = network([
      { access_token: 'a', id_token: 'e.e.e', client_info: '~' },
      { access_token: 'a', id_token: claims, client_info: Buffer.from('{}').toString('base64url') },
    ]);
    const keys = async () =>
      Object.keys((await msal.sendPostRequestAsync<object>(URL_TOKEN, poll)).body).sort();
    assert.deepEqual(await keys(), ['access_token']);
    assert.deepEqual(await keys(), ['access_token', 'client_info', 'id_token']);
  });

  it('wait five seconds more after each slow_down, and go on', async () => {
    const slow = { status: 400, error: 'slow_down' };
    const { network: msal, waits } = network([slow, slow, { access_token: 'a' }]);
    for (let ask = 0; ask < 2; ask++) {
      const { body } = await msal.sendPostRequestAsync<{ error: string }>(URL_TOKEN, poll);
      assert.equal(body.error, 'authorization_pending');
    }
    await msal.sendPostRequestAsync(URL_TOKEN, poll);
    assert.deepEqual(waits, [5_000, 10_000]);
  });

  it('go on after a lost answer, and not after an untrusted certificate', async () => {
    const { network: msal } = network([
      new HttpFault('lost', 'reset'),
      new HttpFault('not-trusted', 'self-signed'),
    ]);
    const { body } = await msal.sendPostRequestAsync<{ error: string }>(URL_TOKEN, poll);
    assert.equal(body.error, 'authorization_pending');
    await assert.rejects(msal.sendPostRequestAsync(URL_TOKEN, poll), Failure);
    assert.equal(msal.failure?.topic, 'service-unreachable');
  });

  it('know that it is not known whether somebody signed in, until Entra tells', async () => {
    const busy = { status: 503 };
    const pending = { status: 400, error: 'authorization_pending' };
    const { network: msal } = network([pending, busy, new HttpFault('lost', 'reset'), pending, busy]);
    const known: boolean[] = [];
    for (let ask = 0; ask < 5; ask++) {
      await msal.sendPostRequestAsync(URL_TOKEN, poll);
      known.push(msal.unanswered === undefined);
    }
    assert.deepEqual(known, [true, false, false, true, false]);
  });

  it('say that the code ended in doubt, where the question before was not answered', async () => {
    const { network: msal } = network([{ status: 503 }, { status: 400, error: 'expired_token' }]);
    await msal.sendPostRequestAsync(URL_TOKEN, poll);
    await assert.rejects(
      msal.sendPostRequestAsync(URL_TOKEN, poll),
      /did not say whether somebody had signed in/,
    );
  });

  it('name five seconds as the interval where Entra names none', async () => {
    const code = { user_code: 'U', device_code: 'd', verification_uri: 'https://x', expires_in: 900 };
    const { network: msal } = network([code]);
    const { body } = await msal.sendPostRequestAsync<{ interval: number }>(URL_TOKEN, {
      body: 'client_id=c',
    });
    assert.equal(body.interval, 5);
  });
});
