import assert from 'node:assert/strict';
import type { Emulator } from '../../emulator/index.js';
import { emulatorForEachTest, issueStep, runIssuingJob, type JobWish } from './issuing-job.js';
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
