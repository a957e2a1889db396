import assert from 'node:assert/strict';
import type { Emulator, Fault } from '#emulator/index';
import { emulatorForEachTest, issueStep, runIssuingJob, type JobWish, withEmulator } from './issuing-job.js';
import { together } from './jobs-together.js';
import { assertNoTrace, formsOf, traceIn, withoutSecretCommands } from './secret-traces.js';

describe('What a job with IssuePat shows and leaves behind', () => {
  const emulator = emulatorForEachTest({ clientSecret: 'f2~8Q~confidential-client-secret_of-the-app' });

  for (const debug of [false, true]) {
    const mode = debug ? 'with System.Debug' : 'without System.Debug';

    it(`holds no secret in any form, ${mode}`, async () => {
      const job = await runIssuingJob(emulator(), { ...everythingAsked, debug });
      assert.equal(job.result, 'Succeeded', job.log);
      assertNothingRemains(job, emulator());
    });

    it(`holds no secret however stdout and stderr are mixed, ${mode}`, async () => {
      for (const interleavingSeed of [1, 2, 3]) {
        const job = await runIssuingJob(emulator(), { ...everythingAsked, debug, interleavingSeed });
        assert.equal(job.result, 'Succeeded', job.log);
        assertNothingRemains(job, emulator());
      }
    });
  }

  it('is the same for an Entra token that the pipeline got by itself, even in a variable that is not secret', async () => {
    for (const isSecret of [true, false]) {
      const { value } = emulator().entra.issueAccessToken();
      const job = await runIssuingJob(emulator(), {
        steps: [
          { task: 'IssuePat@1', name: 'pat', inputs: { entraToken: '$(entraToken)', scopes: 'vso.code' } },
        ],
        variables: { entraToken: { value, isSecret } },
        debug: true,
      });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.equal(traceIn(job.log, [value]), undefined, job.log);
      for (const step of job.steps) {
        assert.equal(traceIn(withoutSecretCommands(step.rawOutput), [value]), undefined, step.rawOutput);
      }
    }
  });

  it('stays masked when a later step prints the PAT in the forms that tools print', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep(),
        {
          bash: [
            'echo "plain $PAT"',
            'printf %s "$PAT" | base64 --wrap=0; echo',
            'for user in "" user pipeline a ab abc; do printf %s "$user:$PAT" | base64 --wrap=0; echo; done',
            'printf %s "user:$PAT" | base64 --wrap=0 | tr -d = | tr +/ -_; echo',
          ].join('\n'),
          env: { PAT: '$(JOB_PAT)' },
        },
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(job.log, /^plain \*\*\*$/m);
    const [pat] = emulator().pats.list();
    assert.equal(traceIn(job.log, [pat?.value ?? '']), undefined, job.log);
  });

  it('gives the PAT to later steps only where the pipeline says so', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep(), { bash: 'env | sort > seen.txt; cat seen.txt' }],
    });
    const script = job.steps.find(({ title }) => title.startsWith('CmdLine'));
    assert.ok(script !== undefined);
    assert.equal(
      traceIn(
        script.rawOutput,
        emulator()
          .pats.list()
          .map(({ value }) => value),
      ),
      undefined,
    );
  });

  it('sends the PAT to its own organization alone, and the refresh token to Entra alone', async () => {
    await runIssuingJob(emulator(), everythingAsked);
    const pats = emulator()
      .pats.list()
      .map(({ value }) => value);
    for (const request of emulator().requests) {
      const sent = JSON.stringify([request.path, request.query, request.headers, request.body]);
      const refresh = emulator().entra.refreshTokens.some(
        ({ value }) => traceIn(sent, [value]) !== undefined,
      );
      assert.equal(refresh, request.operation === 'entra.token', request.operation);
      assert.equal(
        traceIn(sent, pats) !== undefined,
        request.operation === 'connectionData',
        request.operation,
      );
      assert.equal(
        traceIn(`${request.path}?${request.query}`, secretsSent(emulator())),
        undefined,
        request.query,
      );
    }
  });
});

describe('A service that sends back what it was sent', function () {
  this.timeout(30_000);
  const operations = ['entra.token', 'pats.create', 'connectionData', 'pats.revoke'] as const;
  /** Texts are cut when they are long: the cut must not let a part of a secret through. */
  const lengths = [0, 150, 250, 290];
  const cases = operations.flatMap(operation => lengths.map(length => ({ operation, length })));
  const outcomeOf = together(cases, ({ operation, length }) =>
    withEmulator(async emulator => {
      emulator.faults.add(operation, echo('.'.repeat(length)), { times: 3 });
      const job = await runIssuingJob(emulator, { debug: true });
      assert.match(job.log, /You sent/);
      assertNoTrace(job, emulator);
    }),
  );
  for (const item of cases) {
    it(`at ${item.operation}, after ${item.length} other characters, makes the step show no secret`, () =>
      outcomeOf(item));
  }
});

/** An error that tells the header and the body of the request. */
function echo(before: string): Fault {
  return {
    name: 'echo',
    act: async ({ call }) => {
      const body = new URLSearchParams(call.body.toString()).get('refresh_token') ?? '';
      const sent = `${(call.headers.authorization ?? '').replace(/^\w+ /, '')}${body}`;
      const text = `You sent ${before}${sent} and ${Buffer.from(sent).toString('base64')}`;
      const answer = call.path.endsWith('/token')
        ? { error: 'invalid_grant', error_description: `AADSTS70000: ${text}`, error_codes: [70000] }
        : { message: text, typeKey: 'EchoException' };
      return Promise.resolve({
        status: 403,
        headers: { 'Content-Type': 'application/json' },
        body: Buffer.from(JSON.stringify(answer)),
      });
    },
  };
}

describe('The search for traces of secrets', () => {
  const secret = 'q7Zr0pXc4LwN8sVb2TyH6mKd1GfJ9aQe';

  it('finds every form, and a part of it', () => {
    for (const form of formsOf(secret))
      assert.notEqual(traceIn(`before ${form} after`, [secret]), undefined, form);
    assert.notEqual(traceIn(secret.slice(3, 24), [secret]), undefined);
    assert.equal(traceIn('before *** after', [secret]), undefined);
  });

  it('passes over commands that make a secret known to the agent, and nothing else', () => {
    const kept = withoutSecretCommands(
      [
        `##vso[task.setsecret]${secret}`,
        `##vso[task.setvariable variable=a;issecret=true;]${secret}`,
        `##vso[task.settaskvariable variable=a;issecret=true;]${secret}`,
        `##vso[task.setvariable variable=a;issecret=false;]kept 1`,
        `##vso[task.debug]kept 2`,
      ].join('\n'),
    );
    assert.equal(traceIn(kept, [secret]), undefined);
    assert.match(kept, /kept 1[^]*kept 2/);
  });
});

const everythingAsked: JobWish = {
  steps: [
    issueStep({
      organization: 'contoso, fabrikam',
      scopes: 'vso.code_write vso.packaging',
      basicVariableName: 'JOB_PAT_BASIC',
    }),
  ],
};

function secretsSent(emulator: Emulator): string[] {
  const { entra, pats } = emulator;
  return [...entra.refreshTokens, ...entra.accessTokens, ...pats.list()].map(({ value }) => value);
}

function assertNothingRemains(job: Awaited<ReturnType<typeof runIssuingJob>>, emulator: Emulator): void {
  assertNoTrace(job, emulator);
  assert.deepEqual(job.leftovers, [], 'No file may be left in temp folder, work tree or home.');
  assert.deepEqual(job.orphans, [], 'No process may be left.');
  assert.deepEqual(job.uploads, []);
  assert.deepEqual(emulator.pats.active(), []);
}
