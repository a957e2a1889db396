import assert from 'node:assert/strict';
import {
  errorMessage,
  flood,
  json,
  lost,
  redirect,
  signInPage,
  throttled,
  timedOut,
  unavailable,
  type Answer,
} from './answers.js';
import {
  CONNECTION,
  federatedStage,
  FederationService,
  FORMS,
  later,
  refusal,
  requestsOf,
} from './federation-service.js';
import { afterJob, issuePat } from './issue-pat.js';
import { failureOf, withoutNetwork } from './world.js';

const MINUTES = 60_000;

describe('The OIDC token of a connection', () => {
  withoutNetwork();

  const final: readonly (readonly [what: string, answer: Answer, message: RegExp])[] = [
    [
      '401',
      errorMessage(401, 'TF400813: The user is not authorized.'),
      /HTTP 401.*token of the job ends with/s,
    ],
    ['403', errorMessage(403, 'No access.'), /HTTP 403, No access\..*may use the service connection/s],
    ['404', errorMessage(404, 'No such plan.'), /HTTP 404/],
    ['a redirect', redirect, /redirect.*token of the job/s],
    ['a web page', signInPage(), /web page in place of JSON.*token of the job/s],
    ['a web page under 200', signInPage(200), /web page/],
    ['20 MB', flood, /sent more than Job PAT reads/],
    ['no token', () => json(200, {}), /answered without one/],
    ['an empty token', () => json(200, { oidcToken: '' }), /answered without one/],
    ['a token that is none', () => json(200, { oidcToken: 'two\nlines here' }), /is no token/],
    ['a token of 40 KB', () => json(200, { oidcToken: 'x'.repeat(40_000) }), /one of 39 KB/],
    ['an object', () => json(200, { oidcToken: { token: 'x' } }), /answered without one/],
    ['nothing', () => ({ status: 204, body: '' }), /answered without one/],
    ['a text', () => ({ status: 200, body: 'hello' }), /something that is not JSON/],
    ['a list', () => ({ status: 200, body: '[1]' }), /something that is not JSON/],
    [
      'a list of one text',
      () => json(200, { count: 9, value: 'There is no explicit reference to service connection x.' }),
      /answered without one: There is no explicit reference.*a task of this job names it/s,
    ],
    [
      'a list of one text, as an error',
      () => json(400, { count: 9, value: 'There is no explicit reference to service connection x.' }),
      /HTTP 400, There is no explicit reference.*a task of this job names it/s,
    ],
  ];
  for (const [what, answer, message] of final) {
    it(`that is answered with ${what} is not asked for again; nothing goes to Entra, and no PAT is made`, async () => {
      const stage = federatedStage();
      stage.federation.always('oidc', answer);
      const { message: text } = await failureOf(() => issuePat(stage.world));
      assert.match(text, message);
      assert.match(text, new RegExp(`No OIDC token for service connection ${CONNECTION}.*token of this job`));
      assert.deepEqual(requestsOf(stage.world), ['oidc']);
      assert.equal(stage.world.service.made.length, 0);
      assert.ok(!text.includes('two'));
    });
  }

  const passing: readonly (readonly [what: string, answers: Answer[], waits: readonly number[]])[] = [
    ['429 with Retry-After', [throttled(7)], [7_000]],
    ['500', [unavailable(500), unavailable(503, 3)], [500, 3_000]],
    ['a connection that was cut', [lost], [500]],
  ];
  for (const [what, answers, waits] of passing) {
    it(`is asked for again after ${what}`, async () => {
      const stage = federatedStage();
      stage.federation.next('oidc', ...answers);
      await issuePat(stage.world);
      assert.deepEqual(stage.world.clock.waits, waits);
      assert.equal(stage.world.service.alive.size, 1);
    });
  }

  for (const [what, answer, topic] of [
    ['429', throttled(9), 'service-throttled'],
    ['500', unavailable(500), 'service-unavailable'],
    ['silence', timedOut, 'service-unreachable'],
  ] as const) {
    it(`that is answered with ${what} for ever fails within the minute, and says what it was and who asked`, async () => {
      const stage = federatedStage();
      stage.federation.always('oidc', answer);
      const { message } = await failureOf(() => issuePat(stage.world), topic);
      assert.match(
        message,
        /^No OIDC token for service connection .* asked for with the token of this job: /,
      );
      assert.doesNotMatch(message, /issuing user/);
      assert.ok(stage.world.clock.waits.reduce((sum, wait) => sum + wait, 0) <= MINUTES);
      assert.equal(stage.federation.forms.length, 0);
    });
  }

  it('of another connection, as its subject tells, is not sent, and no command would let it in', async () => {
    const stage = federatedStage();
    const other = 'dddddddd-1111-4222-8333-444444444444';
    stage.federation.claims = { ...FORMS.entra, sub: FORMS.entra.sub.replace(CONNECTION, other), aud: 'x' };
    const { message } = await failureOf(() => issuePat(stage.world), 'federation-refused');
    assert.match(
      message,
      new RegExp(`given for service connection ${CONNECTION} is of service connection ${other}`),
    );
    assert.doesNotMatch(message, /az /);
    assert.deepEqual(requestsOf(stage.world), ['oidc']);
  });

  it('of the pipeline as a whole is not sent, and no command would let it in', async () => {
    const stage = federatedStage();
    stage.federation.claims = { ...FORMS.vstoken, sub: 'p://contoso/Web/Nightly', aud: 'x' };
    const { message } = await failureOf(() => issuePat(stage.world), 'federation-refused');
    assert.match(message, /is of the pipeline as a whole: its subject is "p:\/\/contoso\/Web\/Nightly"/);
    assert.doesNotMatch(message, /az /);
    assert.deepEqual(requestsOf(stage.world), ['oidc']);
  });

  it('whose job token has died leaves a warning in the post-job stage, which names the PAT', async () => {
    const step = federatedStage({ inputs: { validFor: '4h' } });
    await issuePat(step.world);
    step.world.clock.pass(120 * MINUTES);
    step.federation.always('oidc', errorMessage(401, ''));
    const outcome = await afterJob(later(step));
    assert.equal(outcome?.result, 'SucceededWithIssues');
    const name = step.world.service.made[0]?.displayName ?? '';
    assert.ok(outcome.message.includes(name));
    assert.match(outcome.message, /No OIDC token.*job ends with the job.*give the job a shorter timeout/s);
  });
});

describe('The assertion at Entra', () => {
  withoutNetwork();

  it('is sent again while Entra is busy, for no other is asked', async () => {
    const stage = federatedStage();
    stage.federation.next('entra', unavailable(503, 2), unavailable(429, 2));
    await issuePat(stage.world);
    assert.deepEqual(requestsOf(stage.world).slice(0, 4), ['oidc', 'entra', 'entra', 'entra']);
    assert.equal(new Set(stage.federation.forms.map(form => form['client_assertion'])).size, 1);
  });

  it('that is out of its time range is asked for anew, once', async () => {
    const stage = federatedStage();
    const { federation } = stage;
    federation.next('oidc', () => json(200, { oidcToken: federation.issue({ nbf: 1, exp: 2, iat: 1 }) }));
    await issuePat(stage.world);
    assert.deepEqual(requestsOf(stage.world).slice(0, 4), ['oidc', 'entra', 'oidc', 'entra']);
    assert.equal(stage.world.service.alive.size, 1);
  });

  it('that stays out of its time range fails, and names the clocks', async () => {
    const stage = federatedStage();
    const { federation } = stage;
    federation.always('oidc', () => json(200, { oidcToken: federation.issue({ nbf: 1e9, exp: 1e9 + 300 }) }));
    const { message } = await failureOf(() => issuePat(stage.world), 'entra-refused');
    assert.match(
      message,
      /good from 2001-09-09T01:46:40.000Z to 2001-09-09T01:51:40.000Z; the clock of this agent says 2026-03-01T10:00:00.000Z.*clock/s,
    );
    assert.deepEqual(requestsOf(stage.world), ['oidc', 'entra', 'oidc', 'entra']);
  });

  for (const code of [700016, 700025, 700027, 7000216, 50000, 70052, 700223, 700211, 700213, 700212]) {
    it(`that is refused with AADSTS${code} is not tried again`, async () => {
      const stage = federatedStage();
      stage.federation.always('entra', () => refusal(code, 'No.'));
      await failureOf(() => issuePat(stage.world), 'entra-refused');
      assert.deepEqual(requestsOf(stage.world), ['oidc', 'entra']);
    });
  }

  it('of a public client must not lead to the advice to clear a secret', async () => {
    const stage = federatedStage();
    stage.federation.always('entra', () => refusal(700025, 'Client is public.'));
    const { message } = await failureOf(() => issuePat(stage.world));
    assert.match(message, /still a public client.*Allow public client flows.*Nothing has to be removed/s);
    assert.doesNotMatch(message, /clear|client secret/);
  });

  for (const form of ['vstoken', 'entra'] as const) {
    for (const [what, trusted, code] of [
      ['issuer', { iss: 'https://elsewhere.example', sub: FORMS[form].sub }, 700211],
      ['subject', { iss: FORMS[form].iss, sub: 'sc://contoso/Web/Other' }, 700213],
      ['subject in this case', { iss: FORMS[form].iss, sub: FORMS[form].sub.toUpperCase() }, 7002138],
      ['audience', { ...FORMS[form], aud: 'api://Other' }, 700212],
    ] as const) {
      it(`of ${form} whose ${what} Entra does not know is shown, with the one command that lets it in`, async () => {
        const stage = federatedStage();
        const { federation } = stage;
        federation.claims = { ...FORMS[form], aud: 'api://AzureADTokenExchange' };
        federation.trusted = [trusted];
        const { message } = await failureOf(() => issuePat(stage.world), 'entra-refused');
        const { iss, sub } = FORMS[form];
        assert.match(message, new RegExp(`AADSTS${code}`));
        assert.ok(
          message.includes(`issuer: ${iss}\nsubject: ${sub}\naudience: api://AzureADTokenExchange\n`),
        );
        const [command, ...others] = message.split('\n').filter(line => line.startsWith('az '));
        assert.deepEqual(others, []);
        const json = /--parameters '(.*)'$/.exec(command ?? '')?.[1] ?? '';
        const credential = JSON.parse(json) as Record<string, unknown>;
        assert.deepEqual(
          [credential['issuer'], credential['subject'], credential['audiences']],
          [iss, sub, ['api://AzureADTokenExchange']],
        );
        assert.equal(message.includes('upper and lower case'), code === 7002138);
        assert.match(message, /\nIt takes Entra some minutes/);
      });
    }
  }

  it('is not known outside of the job: the refresh token alone is refused', async () => {
    const federation = new FederationService();
    const { world } = federatedStage({ fields: { clientProof: '' } }, federation);
    const { message } = await failureOf(() => issuePat(world), 'entra-refused');
    assert.match(message, /AADSTS7000218.*set clientProof to federation/s);
    assert.equal(federation.asked.length, 0);
  });
});
