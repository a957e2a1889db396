import assert from 'node:assert/strict';
import { json } from '../tasks/answers.js';
import { issuePat } from '../tasks/issue-pat.js';
import { failureOf, mainStage, REFRESH_TOKEN, withoutNetwork } from '../tasks/world.js';

/** AADSTS codes with words of what to tell the user (facts: Entra error shape and what to do). */
const hints: readonly (readonly [codes: readonly number[], hint: RegExp])[] = [
  [[50076, 50079, 50072, 50074, 50078], /Multi-factor.*refresh token/],
  [[53003], /Conditional Access.*administrator/],
  [[53000, 53001, 530032, 530035], /agent that complies|exempt/],
  [[65001, 90094, 90095, 65004], /vso\.pats and vso\.pats_manage.*anew/],
  [[65002], /register one of your own/],
  [[650053, 70011, 28002], /vso\.pats and vso\.pats_manage/],
  [[700082, 70008], /expired.*90 days.*anew/],
  [[70043], /sign-in frequency/i],
  [[70000, 50173, 50132, 50133], /anew.*store/],
  [[50126, 50034, 50055, 50056, 50057, 50053], /account of the issuing user/],
  [[7000215, 7000222], /secret/],
  [[7000218], /Allow public client flows/],
  [[700025], /public client.*secret/],
  [[700016, 90002, 50020], /tenant/],
  [[9001023], /id of your tenant/],
  [[50196, 90055], /fewer|slow/],
];

const refusal = (code: number, error = 'invalid_grant', codes: readonly number[] = [code]) =>
  json(400, {
    error,
    error_description: `AADSTS${code}: A text that changes. Trace ID: 0 Timestamp: 2026-03-01 10:00:00Z`,
    error_codes: codes,
    timestamp: '2026-03-01 10:00:00Z',
    trace_id: '00000000-0000-0000-0000-000000000000',
    correlation_id: '00000000-0000-0000-0000-000000000000',
  });

describe('A refusal of Entra', () => {
  withoutNetwork();

  for (const [codes, hint] of hints) {
    for (const code of codes) {
      it(`AADSTS${code} says what to do, after one request`, async () => {
        const world = mainStage();
        world.service.next('redeem', () => refusal(code));
        const failure = await failureOf(() => issuePat(world), 'entra-refused');
        assert.match(failure.what, new RegExp(`login\\.microsoftonline\\.com.*invalid_grant.*AADSTS${code}`));
        assert.match(failure.repair, hint);
        assert.deepEqual(world.service.operations, ['redeem']);
      });
    }
  }

  it('is read from the text where the list of codes is missing', async () => {
    const world = mainStage();
    world.service.next('redeem', () => refusal(53003, 'invalid_grant', []));
    assert.match((await failureOf(() => issuePat(world))).repair, /Conditional Access/);
  });

  for (const [error, hint] of [
    ['invalid_grant', /refresh token/],
    ['interaction_required', /browser/],
    ['consent_required', /administrator/],
    ['invalid_client', /clientId/],
    ['unauthorized_client', /clientId/],
    ['invalid_scope', /vso\.pats/],
    ['something_new', /tenantId, clientId/],
  ] as const) {
    it(`${error} with an unknown code goes by the error`, async () => {
      const world = mainStage();
      world.service.next('redeem', () => refusal(999_999, error));
      assert.match((await failureOf(() => issuePat(world), 'entra-refused')).repair, hint);
    });
  }

  it('with a status of 401 is one too', async () => {
    const world = mainStage();
    world.service.next('redeem', () => ({ ...refusal(7000215, 'invalid_client'), status: 401 }));
    assert.match((await failureOf(() => issuePat(world), 'entra-refused')).repair, /secret is wrong/);
  });

  it('shows its text in one line, without a logging command', async () => {
    const world = mainStage();
    world.service.next('redeem', () =>
      json(400, {
        error: 'invalid_grant\n##vso[task.complete]',
        error_description: `AADSTS70000: \r\n##vso[task.setvariable variable=x]y ${'long '.repeat(2000)}`,
        error_codes: ['##vso[x]', null, 70000],
      }),
    );
    const { message } = await failureOf(() => issuePat(world), 'entra-refused');
    assert.doesNotMatch(message, /[\r\n]|##vso\[/);
    assert.ok(message.length < 1000);
  });

  it('never shows the refresh token by its own doing', async () => {
    const world = mainStage();
    world.service.next('redeem', () => refusal(70000));
    const { message } = await failureOf(() => issuePat(world));
    assert.ok(!message.includes(REFRESH_TOKEN));
    assert.ok(!world.agent.lines().join('\n').includes(REFRESH_TOKEN));
  });
});
