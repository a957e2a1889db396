import assert from 'node:assert/strict';
import { emulatedRun, type SignInMode } from '#local-agent/emulated-run';
import { runJob, type JobResult } from '#local-agent/index';
import { fault, type Emulator, type Fault } from '#emulator/index';
import { emulatorForEachTest, issueStep, quickTiming, withEmulator, type JobWish } from './issuing-job.js';
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

  it('revokes after hours also where a step overwrote System.OidcRequestUri in between', async () => {
    emulator().faults.add('entra.token', shortLived);
    const other = 'http://127.0.0.1:9/contoso/Web/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';
    const between = { bash: `echo "##vso[task.setvariable variable=System.OidcRequestUri]${other}"` };
    const job = await runProvenJob(emulator(), 'federation', { steps: [issueStep(), between] });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.active().length, 0);
  });
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
