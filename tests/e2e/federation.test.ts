import assert from 'node:assert/strict';
import { emulatedRun, issuerConnectionName, type SignInMode } from '#local-agent/emulated-run';
import { runJob, type JobResult } from '#local-agent/index';
import { fault, type Emulator, type Fault } from '#emulator/index';
import {
  emulatorForEachTest,
  issuesOf,
  issueStep,
  logOf,
  mainOf,
  operationsOf,
  postOf,
  quickTiming,
  withEmulator,
  type JobWish,
} from './issuing-job.js';
import { together } from './jobs-together.js';
import { packagedExtension, taskNode } from './packaged-extension.js';
import { assertNoTrace } from './secret-traces.js';

/** A job whose connection holds no secret of the application. */
function runProvenJob(
  emulator: Emulator,
  mode: Exclude<SignInMode, 'refresh-token'>,
  { steps = [issueStep()], connection = {}, variables, timing, ...options }: JobWish = {},
): Promise<JobResult> {
  const run = emulatedRun(emulator, connection, mode);
  return runJob({
    vsix: packagedExtension(),
    node: taskNode,
    ...run,
    ...options,
    pipeline: { steps },
    variables: { ...run.variables, ...variables },
    timing: { ...quickTiming, ...timing },
  });
}

/** Everything that proves somebody on the way to a sign-in. */
const proofsOf = ({ oidc, entra }: Emulator): string[] => [
  ...oidc.issued.map(({ value }) => value),
  ...entra.accessTokens.map(({ value }) => value),
];

/** The usual answer, whose token ends so soon that the post-job stage has to sign in anew. */
const shortLived = fault.changed('short-lived', reply => ({
  ...reply,
  body: Buffer.from(reply.body.toString().replace(/"expires_in":\d+/, '"expires_in":30')),
}));

describe('A job whose connection proves the application', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  for (const provider of ['vstoken', 'entra'] as const) {
    it(`issues with one more request, and revokes with one, where the issuer is ${provider}`, async () => {
      emulator().oidc.provider = provider;
      const job = await runProvenJob(emulator(), 'federation', { debug: true });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.deepEqual(operationsOf(emulator()), [
        'oidctoken',
        'entra.token',
        'pats.create',
        'connectionData',
        'pats.revoke',
      ]);
      assert.deepEqual(emulator().violations, []);
      assertNoTrace(job, emulator(), proofsOf(emulator()));
    });
  }

  it('has a refresh token that is worth nothing without the proof', async () => {
    const { serviceConnections = {} } = emulatedRun(emulator(), {}, 'federation');
    const { [issuerConnectionName]: connection } = serviceConnections;
    const response = await fetch(`${emulator().url}/${emulator().entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: connection?.data?.['clientId'] ?? '',
        refresh_token: connection?.parameters?.['apitoken'] ?? '',
        scope: '499b84ac-1321-427f-aa17-267ca6975798/.default',
      }),
    });
    assert.equal(response.ok, false);
    assert.match(await response.text(), /AADSTS7000218/);
  });

  it('revokes after hours, with a new proof', async () => {
    emulator().faults.add('entra.token', shortLived);
    const job = await runProvenJob(emulator(), 'federation');
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(operationsOf(emulator()).slice(4), ['oidctoken', 'entra.token', 'pats.revoke']);
    assert.equal(emulator().pats.active().length, 0);
  });

  it('shows issuer, subject and a command where the application trusts nobody yet, and makes no PAT', async () => {
    const { entra } = emulator();
    const application = entra.registerApplication({ federatedCredentials: [] });
    application.federatedCredentials.push({ issuer: 'https://a', subject: 'b', audience: 'c' });
    const run = emulatedRun(emulator(), { clientId: application.clientId }, 'federation');
    const { [issuerConnectionName]: connection } = run.serviceConnections ?? {};
    assert.ok(connection !== undefined);
    const serviceConnections = {
      [issuerConnectionName]: {
        ...connection,
        parameters: { apitoken: entra.issueRefreshToken({ application }).value },
        data: { ...connection.data, clientId: application.clientId },
      },
    };
    const job = await runProvenJob(emulator(), 'federation', { serviceConnections });
    assert.equal(job.result, 'Failed');
    const [token] = emulator().oidc.issued;
    const log = logOf(mainOf(job));
    assert.ok(log.includes(`issuer: ${String(token?.claims['iss'])}`), log);
    assert.ok(log.includes(`subject: ${String(token?.claims['sub'])}`), log);
    const [, json = ''] =
      /^.*az ad app federated-credential create --id \S+ --parameters '(\{.*\})'$/m.exec(log) ?? [];
    assert.equal((JSON.parse(json) as { subject: string }).subject, token?.claims['sub']);
    assert.equal(emulator().pats.list().length, 0);
    assertNoTrace(job, emulator(), proofsOf(emulator()));
  });

  it('sends the token of the job nowhere else where a step before overwrites System.OidcRequestUri', async () => {
    const other = 'http://127.0.0.1:9/contoso/Web/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';
    const before = { bash: `echo "##vso[task.setvariable variable=System.OidcRequestUri]${other}"` };
    const job = await runProvenJob(emulator(), 'federation', { steps: [before, issueStep()] });
    assert.equal(job.result, 'Failed');
    assert.match(issuesOf(mainOf(job)), /System\.OidcRequestUri .* names another place/);
    assert.deepEqual(operationsOf(emulator()), []);
  });

  it('revokes after hours also where a step overwrote System.OidcRequestUri in between', async () => {
    emulator().faults.add('entra.token', shortLived);
    const other = 'http://127.0.0.1:9/contoso/Web/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';
    const between = { bash: `echo "##vso[task.setvariable variable=System.OidcRequestUri]${other}"` };
    const job = await runProvenJob(emulator(), 'federation', { steps: [issueStep(), between] });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.active().length, 0);
  });

  it('is refused with a client secret in the same connection, before any request', async () => {
    const run = emulatedRun(emulator(), {}, 'federation');
    const { [issuerConnectionName]: connection } = run.serviceConnections ?? {};
    assert.ok(connection !== undefined);
    const parameters = { ...connection.parameters, clientSecret: 'left-over' };
    const job = await runProvenJob(emulator(), 'federation', {
      serviceConnections: { [issuerConnectionName]: { ...connection, parameters } },
    });
    assert.match(issuesOf(mainOf(job)), /Remove the client secret/);
    assert.deepEqual(operationsOf(emulator()), []);
  });
});

describe('An agent’s user', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  it('signs in with nothing that is stored, in three steps, and revokes with one request', async () => {
    const job = await runProvenJob(emulator(), 'agent-user', { debug: true });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(operationsOf(emulator()), [
      'oidctoken',
      'entra.token',
      'entra.token',
      'entra.token',
      'pats.create',
      'connectionData',
      'pats.revoke',
    ]);
    assert.equal(logOf(mainOf(job)).match(/is a preview/g)?.length, 1);
    assert.doesNotMatch(logOf(postOf(job)), /preview/);
    assertNoTrace(job, emulator(), proofsOf(emulator()));
  });

  it('revokes after hours, with a new chain', async () => {
    emulator().faults.add('entra.token', shortLived, { when: fault.atStep('agentUser') });
    const job = await runProvenJob(emulator(), 'agent-user');
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.active().length, 0);
  });

  it('has nothing to renew', async () => {
    const step = { task: 'RenewPatIssuer@1', name: 'pat', inputs: { patIssuer: issuerConnectionName } };
    const job = await runProvenJob(emulator(), 'agent-user', { steps: [step] });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(job.log, /nothing to renew/);
    assert.deepEqual(operationsOf(emulator()), []);
  });

  for (const [step, name] of [
    ['blueprint', 'the blueprint, step 1 of 3'],
    ['agentIdentity', 'the agent identity, step 2 of 3'],
    ['agentUser', "the agent's user, step 3 of 3"],
  ] as const) {
    it(`that Entra refuses at ${step} is told so, and no PAT is made`, async () => {
      emulator().faults.add('entra.token', fault.aadsts(700016), { when: fault.atStep(step) });
      const job = await runProvenJob(emulator(), 'agent-user');
      assert.match(issuesOf(mainOf(job)), new RegExp(`refused ${name}`));
      assert.equal(emulator().pats.list().length, 0);
    });
  }
});

describe('An Entra that sends the proof back', function () {
  this.timeout(60_000);
  /** Texts are cut when they are long: the cut must not let a part of the proof through. */
  const lengths = [0, 150, 250, 290];
  const cases = lengths.flatMap(length =>
    (['blueprint', 'agentIdentity', 'agentUser', 'refreshToken'] as const).map(step => ({ length, step })),
  );
  const outcomeOf = together(cases, ({ length, step }) =>
    withEmulator(async emulator => {
      emulator.faults.add('entra.token', echo('.'.repeat(length)), { when: fault.atStep(step) });
      const mode = step === 'refreshToken' ? 'federation' : 'agent-user';
      const job = await runProvenJob(emulator, mode, { debug: true });
      assert.match(job.log, /You sent/);
      assertNoTrace(job, emulator, proofsOf(emulator));
    }),
  );
  for (const item of cases) {
    it(`at ${item.step}, after ${item.length} other characters, makes the step show nothing of it`, () =>
      outcomeOf(item));
  }
});

/** An error that tells the proofs of the request, whole, in parts and encoded. */
function echo(before: string): Fault {
  return {
    name: 'echo',
    act: ({ call }) => {
      const form = new URLSearchParams(call.body.toString());
      const valuesOf = (...names: string[]) => names.flatMap(name => form.get(name) ?? []);
      const proofs = valuesOf('client_assertion', 'user_federated_identity_credential');
      const sent = [...proofs, ...valuesOf('refresh_token')];
      const parts = [...sent, ...proofs.flatMap(token => token.split('.').slice(1))];
      const encoded = sent.map(token => Buffer.from(token).toString('base64'));
      const text = `AADSTS70000: You sent ${before}${[...parts, ...encoded].join(' ')}`;
      return Promise.resolve({
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ error: 'invalid_grant', error_description: text })),
      });
    },
  };
}

describe('The place that gives OIDC tokens', function () {
  this.timeout(60_000);
  const answers: readonly (readonly [name: string, fault: Fault, message: RegExp])[] = [
    ['no token', fault.noOidcToken(), /answered without one/],
    ['text', fault.oidcToken('not a token'), /something that is no token/],
    ['a token that Entra cannot read', fault.oidcToken('token'), /AADSTS50027/],
  ];
  const outcomeOf = together([...answers], ([, act, message]) =>
    withEmulator(async emulator => {
      emulator.faults.add('oidctoken', act, { times: 9 });
      const job = await runProvenJob(emulator, 'federation', { debug: true });
      assert.equal(job.result, 'Failed', job.log);
      assert.match(issuesOf(mainOf(job)), message);
      assert.equal(emulator.pats.list().length, 0);
      assertNoTrace(job, emulator, proofsOf(emulator));
    }),
  );
  for (const answer of answers) it(`answers with ${answer[0]}`, () => outcomeOf(answer));
});
