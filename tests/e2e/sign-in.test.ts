import assert from 'node:assert/strict';
import { type AadstsCode, fault } from '#emulator/index';
import { assertFailedCleanly, failureOf } from './clean-failure.js';
import {
  emulatorForEachTest,
  issueStep,
  issueStepWithoutConnection,
  mainOf,
  operationsOf,
  runIssuingJob,
  withEmulator,
} from './issuing-job.js';
import { together } from './jobs-together.js';

const day = 24 * 60 * 60_000;

describe('The sign-in of the issuing user', () => {
  const emulator = emulatorForEachTest();

  it('needs a new refresh token when the stored one was not used for 90 days', async () => {
    const { value } = emulator().entra.issueRefreshToken({ issuedAt: new Date(Date.now() - 91 * day) });
    const job = await runIssuingJob(emulator(), { credentials: { apitoken: value } });
    assertFailedCleanly(job, emulator(), 'entra-refused', /AADSTS700082.*sign the issuing user in anew/i);
  });

  it('needs a new refresh token when the sessions of the user were revoked', async () => {
    const { value } = emulator().entra.issueRefreshToken();
    emulator().entra.revokeSessions();
    const job = await runIssuingJob(emulator(), { credentials: { apitoken: value } });
    assertFailedCleanly(job, emulator(), 'entra-refused', /AADSTS50173.*sign the issuing user in anew/i);
  });

  it('names the tenant or the application when it is the wrong one', async () => {
    const elsewhere = '11111111-2222-4333-8444-555555555555';
    const tenant = await runIssuingJob(emulator(), { connection: { tenantId: elsewhere } });
    assertFailedCleanly(tenant, emulator(), 'entra-refused', /tenantId/);
    const application = await runIssuingJob(emulator(), { connection: { clientId: elsewhere } });
    assertFailedCleanly(application, emulator(), 'entra-refused', /AADSTS700016.*clientId/);
  });

  it('asks for consent when the application does not have it', async () => {
    const application = emulator().entra.registerApplication({ consented: ['vso.pats'] });
    const { value } = emulator().entra.issueRefreshToken({ application });
    const job = await runIssuingJob(emulator(), {
      connection: { clientId: application.clientId },
      credentials: { apitoken: value },
    });
    assertFailedCleanly(job, emulator(), 'entra-refused', /AADSTS65001.*vso\.pats and vso\.pats_manage/);
  });

  it('names the address of the agent when Conditional Access blocks it', async () => {
    emulator().faults.add('entra.token', fault.aadsts(53003));
    const job = await runIssuingJob(emulator());
    assertFailedCleanly(job, emulator(), 'entra-refused', /AADSTS53003.*Conditional Access.*agent/);
  });

  it('tells apart a client secret that is wrong, missing or too much', async () => {
    await withEmulator(
      async confidential => {
        const wrong = await runIssuingJob(confidential, {
          credentials: { clientSecret: 'not-the-secret-at-all' },
        });
        assertFailedCleanly(wrong, confidential, 'entra-refused', /AADSTS7000215.*its value, not its id/);
        const missing = await runIssuingJob(confidential, { credentials: { clientSecret: '' } });
        assertFailedCleanly(missing, confidential, 'entra-refused', /AADSTS7000218.*client secret/);
      },
      { clientSecret: 'the-right-secret-of-the-app' },
    );
    const tooMuch = await runIssuingJob(emulator(), {
      credentials: { clientSecret: 'a-secret-of-a-public-app' },
    });
    assertFailedCleanly(tooMuch, emulator(), 'entra-refused', /AADSTS700025.*public client/);
  });

  it('names the user who is not in the organization', async () => {
    const user = emulator().entra.addUser({ organizations: ['fabrikam'] });
    const { value } = emulator().entra.issueRefreshToken({ user });
    const job = await runIssuingJob(emulator(), { credentials: { apitoken: value } });
    assertFailedCleanly(job, emulator(), 'access-denied', /TF400813.*access level Basic/);
  });
});

/** Of each kind of refusal one, beside those that have a cause above. */
const repairs: readonly (readonly [AadstsCode, RegExp])[] = [
  [50076, /[Mm]ulti-factor/],
  [53000, /agent that complies|exempt/],
  [65002, /application of Microsoft.*clientId/],
  [650053, /vso\.pats and vso\.pats_manage/],
  [70043, /sign-in frequency/],
  [70008, /[Ss]ign the issuing user in anew/],
  [50057, /account of the issuing user/],
  [7000222, /client secret.*new one/],
  [90002, /tenantId/],
  [50020, /tenantId/],
  [50196, /fewer PATs/],
];

describe('Entra refuses with', function () {
  this.timeout(60_000);
  const outcomeOf = together(repairs, ([code, repair]) =>
    withEmulator(async emulator => {
      emulator.faults.add('entra.token', fault.aadsts(code));
      const job = await runIssuingJob(emulator);
      assertFailedCleanly(job, emulator, 'entra-refused', repair);
      assert.match(failureOf(mainOf(job)).text, new RegExp(`AADSTS${code}: `));
      assert.deepEqual(operationsOf(emulator), ['entra.token'], 'A refusal is not asked for again.');
    }),
  );
  for (const item of repairs) it(`AADSTS${item[0]}, and the message says what to do`, () => outcomeOf(item));
});

describe('Entra that is too busy', () => {
  it('is asked again', () =>
    withEmulator(async emulator => {
      emulator.faults.add('entra.token', fault.aadsts(90055));
      const job = await runIssuingJob(emulator);
      assert.equal(job.result, 'Succeeded', job.log);
      assert.equal(emulator.requestsOf('entra.token').length, 2);
    }));
});

describe('An Entra token of the pipeline', () => {
  const emulator = emulatorForEachTest();
  const steps = [issueStepWithoutConnection({ entraToken: '$(entraToken)' })];

  it('takes the place of the service connection, in the organization of the run', async () => {
    const { value } = emulator().entra.issueAccessToken();
    const job = await runIssuingJob(emulator(), {
      steps,
      variables: { entraToken: { value, isSecret: true } },
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(operationsOf(emulator()), ['pats.create', 'connectionData', 'pats.revoke']);
    assert.deepEqual(emulator().pats.active(), []);
    assert.equal(emulator().pats.list()[0]?.organization.name, 'contoso');
  });

  it('takes the place of the service connection in other organizations too', async () => {
    const { value } = emulator().entra.issueAccessToken();
    const job = await runIssuingJob(emulator(), {
      steps: [issueStepWithoutConnection({ entraToken: '$(entraToken)', organization: 'fabrikam' })],
      variables: { entraToken: { value, isSecret: true } },
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.list()[0]?.organization.name, 'fabrikam');
  });

  it('that has expired, is of a service principal or has no permission fails with what to do', async () => {
    const { entra } = emulator();
    const tokens = [
      [entra.issueAccessToken({ expiresInSeconds: -60 }), /expired/],
      [entra.issueAccessToken({ servicePrincipal: true }), /[Oo]nly a user/],
      [entra.issueAccessToken({ scopes: ['vso.code'] }), /vso\.pats|Basic/],
      [
        entra.issueAccessToken({ audience: '00000003-0000-0000-c000-000000000000' }),
        /not of a user|Azure DevOps/,
      ],
    ] as const;
    for (const [{ value }, repair] of tokens) {
      const job = await runIssuingJob(emulator(), {
        steps,
        variables: { entraToken: { value, isSecret: true } },
      });
      const { text } = failureOf(mainOf(job));
      assert.match(text, repair);
      assert.equal(job.variables['JOB_PAT'], undefined);
    }
    assert.deepEqual(emulator().pats.list(), []);
  });

  it('must be given, or a service connection, and not both', async () => {
    const none = await runIssuingJob(emulator(), { steps: [issueStepWithoutConnection({})] });
    assertFailedCleanly(none, emulator(), 'input-not-valid', /patIssuer.*entraToken/);

    const both = await runIssuingJob(emulator(), { steps: [issueStep({ entraToken: 'abc.def.ghi' })] });
    assertFailedCleanly(both, emulator(), 'input-not-valid', /patIssuer.*entraToken.*not both/);

    const unset = await runIssuingJob(emulator(), { steps });
    assertFailedCleanly(unset, emulator(), 'input-not-valid', /entraToken.*not set/);
    assert.deepEqual(emulator().requests, []);
  });
});
