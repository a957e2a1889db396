import assert from 'node:assert/strict';
import { JobControl, type JobResult } from '#local-agent/index';
import { type Emulator, type Fault, fault } from '#emulator/index';
import { assertNoStackTrace } from './clean-failure.js';
import {
  emulatorForEachTest,
  issuesOf,
  issueStep,
  type JobWish,
  logOf,
  mainOf,
  operationsOf,
  postOf,
  runIssuingJob,
} from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';

describe('The post-job step', function () {
  this.timeout(30_000);
  const emulator = emulatorForEachTest();

  describe('without a main step', () => {
    it('succeeds and asks nobody', async () => {
      for (const debug of [false, true]) {
        const job = await runIssuingJob(emulator(), {
          steps: [issueStep({}, { condition: false })],
          debug,
        });
        assert.equal(job.result, 'Succeeded', job.log);
        assert.equal(mainOf(job).started, false);
        assert.equal(postOf(job).started, true);
        assert.match(logOf(postOf(job)), /[Nn]othing to revoke/);
      }
      assert.deepEqual(emulator().requests, []);
    });

    it('succeeds also when its inputs could not be used at all', async () => {
      const job = await runIssuingJob(emulator(), {
        steps: [{ task: 'IssuePat@1', name: 'pat', inputs: { scopes: '' }, condition: false }],
        connection: { url: 'https://evil.example/x' },
      });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.deepEqual(emulator().requests, []);
    });

    it('succeeds when the main step failed before it asked for anything', async () => {
      const job = await runIssuingJob(emulator(), { steps: [issueStep({ validFor: '0' })] });
      assert.equal(mainOf(job).result, 'Failed');
      assert.equal(postOf(job).result, 'Succeeded');
      assert.deepEqual(emulator().requests, []);
    });
  });

  describe('revokes the PAT although the service', () => {
    const passing: Readonly<Record<string, readonly Fault[]>> = {
      'asks to wait a second': [fault.throttled(1)],
      'is unavailable twice': [fault.unavailable(), fault.unavailable(503, 1)],
      'resets the connection before': [fault.resetBefore()],
      'resets the connection after': [fault.resetAfter()],
      'sends a web page once': [fault.htmlInPlaceOfJson()],
      'sends 20 MB once': [fault.huge()],
      'wants another sign-in': [fault.signIn()],
    };
    for (const [title, faults] of Object.entries(passing)) {
      it(title, async () => {
        for (const one of faults) emulator().faults.add('pats.revoke', one);
        const job = await runIssuingJob(emulator());
        assert.equal(job.result, 'Succeeded', job.log);
        assert.deepEqual(emulator().pats.active(), []);
        assertNoTrace(job, emulator());
      });
    }

    it('had Entra down for a moment when a new sign-in was needed', async () => {
      emulator().faults.add('pats.revoke', fault.unauthorized());
      const job = await runIssuingJob(emulator(), {
        onStageEnd: ({ stage }) => {
          if (stage === 'main') emulator().faults.add('entra.token', fault.unavailable());
        },
      });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.deepEqual(emulator().pats.active(), []);
    });
  });

  describe('that cannot revoke the PAT', () => {
    const lasting: Readonly<Record<string, Fault>> = {
      'because the service stays away': fault.unavailable(503, 3600),
      'because it is slowed down for long': fault.throttled(3600),
      'because the sign-in is never accepted': fault.signIn(),
      'because it is forbidden': fault.errorWithByteOrderMark({
        status: 403,
        typeKey: 'AccessCheckException',
        message: 'TF0815: The door is closed.',
      }),
    };
    for (const [reason, obstacle] of Object.entries(lasting)) {
      it(`${reason}, warns which PAT lives until when, and how to end it`, async () => {
        emulator().faults.add('pats.revoke', obstacle, { times: Infinity });
        const job = await runIssuingJob(emulator());
        assert.equal(job.result, 'SucceededWithIssues', job.log);
        assert.equal(postOf(job).result, 'SucceededWithIssues');
        assertTellsWhatRemains(job, emulator(), 'warning');
      });
    }

    it('fails the job when it was told to', async () => {
      emulator().faults.add('pats.revoke', fault.unavailable(503, 3600), { times: Infinity });
      const job = await runIssuingJob(emulator(), { steps: [issueStep({ onRevokeFailure: 'fail' })] });
      assert.equal(job.result, 'Failed', job.log);
      assert.equal(postOf(job).result, 'Failed');
      assertTellsWhatRemains(job, emulator(), 'error');
    });

    it('only warns with continueOnError, also when it was told to fail', async () => {
      emulator().faults.add('pats.revoke', fault.unavailable(503, 3600), { times: Infinity });
      const job = await runIssuingJob(emulator(), {
        steps: [issueStep({ onRevokeFailure: 'fail' }, { continueOnError: true })],
      });
      assert.equal(job.result, 'SucceededWithIssues');
    });

    it('tells each PAT of several organizations, and revokes the others', async () => {
      emulator().faults.add('pats.revoke', fault.unavailable(503, 3600), {
        times: Infinity,
        when: ({ path }) => path.includes('contoso'),
      });
      const job = await runIssuingJob(emulator(), {
        steps: [issueStep({ organization: 'contoso, fabrikam' })],
      });
      assert.equal(job.result, 'SucceededWithIssues');
      assert.deepEqual(emulator().pats.active('fabrikam'), []);
      assertTellsWhatRemains(job, emulator(), 'warning');
    });

    it('says the name and the end when it knows no more than the name', async () => {
      emulator().faults.add('pats.create', fault.resetAfter(), { times: Infinity });
      emulator().faults.add('pats.list', fault.unavailable(503, 3600), { times: Infinity });
      const job = await runIssuingJob(emulator());
      assert.equal(job.result, 'Failed');
      const [pat] = emulator().pats.active();
      const warning = issuesOf(postOf(job), 'warning');
      assert.ok(warning.includes(pat?.displayName ?? 'none'), warning);
      assert.ok(warning.includes(endOf(pat?.validTo)), warning);
      assert.match(warning, /revoke/);
    });
  });

  it('is run again where the step has retries, and then revokes', async () => {
    emulator().faults.add('pats.revoke', fault.unavailable(503, 3600));
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({ onRevokeFailure: 'fail' }, { retryCountOnTaskFailure: 1 })],
    });
    assert.equal(postOf(job).attempts, 2);
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('that is killed and run again revokes, also after the service has done so', async () => {
    for (const answer of [fault.hang(), fault.hangAfter()]) {
      emulator().faults.add('pats.revoke', answer);
      const job = await killedInPostJob({ steps: [issueStep({}, { retryCountOnTaskFailure: 1 })] });
      assert.equal(postOf(job).attempts, 2);
      assert.equal(postOf(job).result, 'Succeeded', job.log);
      assert.deepEqual(emulator().pats.active(), []);
    }
  });

  it('asks nothing of a PAT that a later step has revoked already but to revoke it', async () => {
    const job = await runIssuingJob(emulator(), {
      onStageEnd: ({ stage }) => {
        if (stage !== 'main') return;
        for (const pat of emulator().pats.active()) emulator().pats.revoke(pat.authorizationId);
      },
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(operationsOf(emulator()).slice(-1), ['pats.revoke']);
  });

  async function killedInPostJob(wish: JobWish): Promise<JobResult> {
    const control = new JobControl();
    let killed = false;
    const forget = emulator().on('arrival', ({ operation }) => {
      if (operation !== 'pats.revoke' || killed) return;
      killed = true;
      setImmediate(() => {
        control.killStep('SIGKILL');
      });
    });
    const job = await runIssuingJob(emulator(), { ...wish, control });
    forget();
    return job;
  }
});

/** Every PAT that is alive is named with its organization, its id, its end and the way to revoke it. */
function assertTellsWhatRemains(job: JobResult, emulator: Emulator, type: 'warning' | 'error'): void {
  const post = postOf(job);
  const text = issuesOf(post, type);
  const alive = emulator.pats.active();
  assert.ok(alive.length > 0);
  for (const pat of alive) {
    for (const part of [pat.displayName, pat.authorizationId, pat.organization.name, endOf(pat.validTo)]) {
      assert.ok(text.includes(part), `"${part}" is missing: ${text}`);
    }
  }
  assert.match(text, /_usersSettings\/tokens/);
  assert.match(text, /\[revoke-failed\] https:\S+\/v\d+\.\d+\.\d+\/docs\/troubleshooting\.md#revoke-failed$/);
  assertNoStackTrace(post);
  assertNoTrace(job, emulator);
}

/** A moment as the log tells it. */
function endOf(moment: Date | undefined): string {
  return moment?.toISOString().slice(0, 16).replace('T', ' ') ?? 'none';
}
