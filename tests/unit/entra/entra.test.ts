import assert from 'node:assert/strict';
import {
  flood,
  json,
  lost,
  redirect,
  refusedConnection,
  signInPage,
  truncated,
  unavailable,
  type Answer,
} from '../tasks/answers.js';
import { issuePat } from '../tasks/issue-pat.js';
import { sealed } from '../tasks/recorded.js';
import {
  connection,
  failureOf,
  mainStage,
  REFRESH_TOKEN,
  withoutNetwork,
  type World,
} from '../tasks/world.js';

const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';

describe('Signing in with a refresh token', () => {
  withoutNetwork();

  it('is one form POST to the token endpoint of the tenant', async () => {
    const world = mainStage();
    await issuePat(world);
    assert.equal(world.service.count('redeem'), 1);
    const { method, url, headers } = world.service.request('redeem');
    assert.equal(method, 'POST');
    assert.equal(
      url.href,
      `https://login.microsoftonline.com/${connection.fields.tenantId}/oauth2/v2.0/token`,
    );
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(headers['authorization'], undefined);
  });

  it('of a public client sends exactly these fields', async () => {
    const world = mainStage();
    await issuePat(world);
    assert.deepEqual(formOf(world), {
      grant_type: 'refresh_token',
      client_id: connection.fields.clientId,
      refresh_token: REFRESH_TOKEN,
      scope: `${AZURE_DEVOPS}/vso.pats ${AZURE_DEVOPS}/vso.pats_manage offline_access`,
    });
  });

  it('of a confidential client sends its secret too, and masks it', async () => {
    const world = mainStage({ secrets: { clientSecret: 's3cret~value+/=&' } });
    await issuePat(world);
    assert.equal(formOf(world)['client_secret'], 's3cret~value+/=&');
    assert.ok(world.agent.masks.includes('s3cret~value+/=&'));
  });

  it('masks both tokens of the answer before it remembers or uses one', async () => {
    const world = mainStage();
    world.service.next('redeem', () =>
      json(200, { access_token: 'access-1', refresh_token: 'refresh-2', id_token: 'id-3', expires_in: 3599 }),
    );
    await issuePat(world);
    const { events } = world.agent;
    const answer = events.findIndex(({ kind }) => kind === 'answer');
    assert.deepEqual(
      events.slice(answer + 1, answer + 4).map(event => (event.kind === 'mask' ? event.secret : event.kind)),
      ['access-1', 'refresh-2', 'id-3'],
    );
  });

  it('keeps the access token as a secret task variable, and its end beside it, sealed with either token', async () => {
    const world = mainStage();
    await issuePat(world);
    const content = { settings: world.agent.settings(), expires: '2026-03-01T10:59:59.000Z' };
    const token = 'entra-access-token-1';
    const sealedWith = (secret: string) => sealed(content, { secret }, token);
    const [seal] = sealedWith(REFRESH_TOKEN).split(' ');
    const kept = world.agent.events.filter(event => event.kind === 'task variable');
    assert.deepEqual(
      kept.slice(0, 2).map(({ name, secret, value }) => [name, secret, value]),
      [
        ['JobPat.EntraToken', true, token],
        ['JobPat.EntraTokenExpires', false, `${seal}.${sealedWith(token)}`],
      ],
    );
  });

  it('comes back after 503 and 429 as Retry-After says, and after a lost connection', async () => {
    const world = mainStage();
    world.service.next('redeem', unavailable(503, 4), unavailable(429, 6), lost, refusedConnection);
    await issuePat(world);
    assert.equal(world.service.count('redeem'), 5);
    assert.deepEqual(world.clock.waits.slice(0, 2), [4000, 6000]);
    assert.equal(world.service.made.length, 1);
  });

  for (const error of ['temporarily_unavailable', 'server_error']) {
    it(`comes back after 503 that says ${error}`, async () => {
      const world = mainStage();
      world.service.next('redeem', () =>
        json(503, { error, error_description: 'AADSTS90033: A transient error.' }),
      );
      await issuePat(world);
      assert.equal(world.service.count('redeem'), 2);
    });
  }

  for (const expires of [
    1e15,
    '1e15',
    -1,
    '-3600',
    0,
    null,
    true,
    [3600],
    {},
    'soon',
    '',
    '99999999999999999999',
  ]) {
    it(`makes a moment, or none, of expires_in ${JSON.stringify(expires)}, and goes on`, async () => {
      const world = mainStage();
      world.service.next('redeem', () => json(200, { access_token: 'access-1', expires_in: expires }));
      await issuePat(world);
      assert.equal(world.service.made.length, 1);
      const later = world.laterStage();
      later.clock.pass(29 * 3_600_000);
      const text = later.agent.taskVariable('JobPat.EntraTokenExpires') ?? '';
      const { expires: end } = JSON.parse(text.replace(/^\S+ /, '')) as { expires: string };
      assert.ok(Date.parse(end) <= later.clock.now().getTime(), end);
    });
  }

  it('gives up after a minute, without a PAT', async () => {
    const world = mainStage();
    world.service.always('redeem', unavailable());
    const failure = await failureOf(() => issuePat(world), 'service-unavailable');
    assert.match(failure.message, /login\.microsoftonline\.com answered HTTP 503/);
    assert.ok(world.clock.waits.reduce((sum, wait) => sum + wait, 0) <= 60_000);
    assert.equal(world.service.count('create'), 0);
  });

  const useless: Record<string, Answer> = {
    'a web page': signInPage(200),
    'a 203 page': signInPage(203),
    'a redirect': redirect,
    'cut JSON': truncated,
    'no token': () => json(200, { token_type: 'Bearer', expires_in: 3599 }),
    'an empty token': () => json(200, { access_token: '' }),
    'a token with a line break': () => json(200, { access_token: 'a\r\nx-evil: 1' }),
    'a token that is a number': () => json(200, { access_token: 7 }),
    'a token in a 400': () => json(400, { access_token: 'x' }),
    'an empty 401': () => ({ status: 401, body: '' }),
  };
  for (const [name, answer] of Object.entries(useless)) {
    it(`fails at once when it gets ${name}`, async () => {
      const world = mainStage();
      world.service.next('redeem', answer);
      const failure = await failureOf(() => issuePat(world), 'entra-answer-not-usable');
      assert.match(failure.message, /login\.microsoftonline\.com.*authorityUrl/);
      assert.deepEqual(world.service.operations, ['redeem']);
    });
  }

  it('reads no 20 MB', async () => {
    const world = mainStage();
    world.service.next('redeem', flood);
    await failureOf(() => issuePat(world), 'answer-too-large');
    assert.deepEqual(world.service.operations, ['redeem']);
  });
});

function formOf({ service }: World): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(String(service.request('redeem').body)));
}
