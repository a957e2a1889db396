import assert from 'node:assert/strict';
import { JobControl } from '#local-agent/index';
import { type Fault, fault, type OperationFilter } from '#emulator/index';
import { failureOf } from './clean-failure.js';
import {
  assertMoment,
  emulatorForEachTest,
  inParallel,
  issueStep,
  logOf,
  mainOf,
  operationsOf,
  postOf,
  runIssuingJob,
  withEmulator,
} from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';

describe('Two IssuePat steps in one job', () => {
  const emulator = emulatorForEachTest();
  const steps = [
    issueStep({ variableName: 'READ' }, { name: 'read' }),
    issueStep({ variableName: 'WRITE', scopes: 'vso.code_write' }, { name: 'write' }),
  ];

  it('revoke each its own, the last one first', async () => {
    const job = await runIssuingJob(emulator(), { steps });
    assert.equal(job.result, 'Succeeded', job.log);
    const [read, write] = emulator().pats.list();
    assert.ok(logOf(postOf(job, 'read')).includes(read?.displayName ?? 'none'));
    assert.ok(logOf(postOf(job, 'write')).includes(write?.displayName ?? 'none'));
    const revoked = emulator()
      .requestsOf('pats.revoke')
      .map(({ query }) => new URLSearchParams(query).get('authorizationId'));
    assert.deepEqual(revoked, [write?.authorizationId, read?.authorizationId]);
    assert.notEqual(job.variables['READ']?.value, job.variables['WRITE']?.value);
    assert.equal(job.outputs['read.authorizationId']?.value, read?.authorizationId);
    assert.equal(job.outputs['write.authorizationId']?.value, write?.authorizationId);
  });

  it('leave nothing when the second fails', async () => {
    emulator().policies.of('fabrikam').creation = 'blocked';
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({}, { name: 'first' }), issueStep({ organization: 'fabrikam' }, { name: 'second' })],
    });
    assert.equal(job.result, 'Failed');
    assert.equal(mainOf(job, 'first').result, 'Succeeded');
    assert.equal(postOf(job, 'first').result, 'Succeeded');
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('leave alone what belongs to others', async () => {
    const others = emulator().pats.seed([
      { displayName: 'a PAT of a person' },
      { displayName: 'x job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/1/9abb1a8c/00000000' },
    ]);
    emulator().faults.add('pats.create', fault.resetAfter());
    const job = await runIssuingJob(emulator(), { steps });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(emulator().pats.active(), others);
  });
});

describe('A step that is retried', function () {
  this.timeout(30_000);
  const emulator = emulatorForEachTest();
  const retried = { retryCountOnTaskFailure: 2 };

  it('leaves no stray of an attempt that was killed at any request', async () => {
    await inParallel(['entra.token', 'pats.create', 'connectionData'], 3, operation =>
      withEmulator(async own => {
        const control = new JobControl();
        let killed = false;
        own.on('arrival', request => {
          if (killed || request.operation !== operation) return;
          killed = true;
          control.killStep('SIGKILL');
        });
        const job = await runIssuingJob(own, { steps: [issueStep({}, retried)], control });
        assert.equal(mainOf(job).attempts, 2, operation);
        assert.equal(job.result, 'Succeeded', job.log);
        assert.equal(job.variables['JOB_PAT']?.value, own.pats.list().at(-1)?.value);
        assert.deepEqual(own.pats.active(), []);
        assertNoTrace(job, own);
      }),
    );
  });

  it('has ended the PAT of the earlier attempt before it takes a new one', async () => {
    emulator().faults.add('connectionData', fault.unavailable(503, 3600));
    let mostAlive = 0;
    emulator().on('request', () => {
      mostAlive = Math.max(mostAlive, emulator().pats.active().length);
    });
    const job = await runIssuingJob(emulator(), { steps: [issueStep({}, retried)] });
    assert.equal(mainOf(job).attempts, 2);
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.list().length, 2);
    assert.equal(mostAlive, 1);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('leaves nothing when every attempt fails', async () => {
    emulator().faults.add('connectionData', fault.unavailable(503, 3600), { times: Infinity });
    const job = await runIssuingJob(emulator(), { steps: [issueStep({}, retried)] });
    assert.equal(mainOf(job).attempts, 3);
    assert.equal(job.result, 'Failed');
    assert.deepEqual(emulator().pats.active(), []);
    assert.equal(job.variables['JOB_PAT'], undefined);
  });
});

describe('A step that may fail', () => {
  const emulator = emulatorForEachTest();

  it('leaves the job partially succeeded, and no PAT', async () => {
    emulator().faults.add('pats.create', fault.patTokenError('accessDenied'));
    const job = await runIssuingJob(emulator(), { steps: [issueStep({}, { continueOnError: true })] });
    assert.equal(job.result, 'SucceededWithIssues');
    assert.equal(job.variables['JOB_PAT'], undefined);
    assert.deepEqual(emulator().pats.list(), []);
  });
});

describe('A step for several organizations', function () {
  this.timeout(30_000);
  const organizations = { organizations: ['contoso', 'fabrikam', 'tail-spin'] };
  const emulator = emulatorForEachTest(organizations);
  const connection = { allowedOrganizations: 'contoso fabrikam tail-spin' };
  const steps = [issueStep({ organization: 'contoso, fabrikam\ntail-spin', basicVariableName: 'BASIC' })];

  it('gives one PAT for each, in a variable of its own', async () => {
    const job = await runIssuingJob(emulator(), { steps, connection });
    assert.equal(job.result, 'Succeeded', job.log);
    for (const [organization, suffix] of [
      ['contoso', 'CONTOSO'],
      ['fabrikam', 'FABRIKAM'],
      ['tail-spin', 'TAIL_SPIN'],
    ] as const) {
      const [pat] = emulator().pats.list(organization);
      const value = pat?.value ?? 'none';
      assert.equal(job.variables[`JOB_PAT_${suffix}`]?.value, value);
      assert.equal(job.variables[`BASIC_${suffix}`]?.value, Buffer.from(`:${value}`).toString('base64'));
      assert.equal(job.variables[`BASIC_${suffix}`]?.isSecret, true);
    }
    assert.equal(job.variables['JOB_PAT'], undefined);
    const pats = emulator().pats.list();
    const output = (name: string): string[] | undefined => job.outputs[`pat.${name}`]?.value.split(',');
    assert.deepEqual(
      output('authorizationId'),
      pats.map(({ authorizationId }) => authorizationId),
    );
    assert.deepEqual(
      output('patName'),
      pats.map(({ displayName }) => displayName),
    );
    for (const [index, { validTo }] of pats.entries()) assertMoment(output('validTo')?.[index], validTo);
    assert.deepEqual(emulator().pats.active(), []);
    assert.equal(emulator().requestsOf('entra.token').length, 1);
    assertNoTrace(job, emulator());
  });

  it('gives all or none', async () => {
    const obstacles: readonly (readonly [OperationFilter, Fault])[] = [
      ['pats.create', fault.patTokenError('accessDenied')],
      ['pats.create', fault.signIn()],
      ['pats.create', fault.truncated()],
      ['pats.create', fault.granting({ scope: 'app_token' })],
      ['connectionData', fault.unavailable(503, 3600)],
    ];
    await inParallel(obstacles, obstacles.length, ([operation, obstacle]) =>
      withEmulator(async own => {
        own.faults.add(operation, obstacle, { when: ({ path }) => path.includes('tail-spin') });
        const job = await runIssuingJob(own, { steps, connection });
        assert.match(failureOf(mainOf(job)).text, /tail-spin|127\.0\.0\.1/);
        assert.deepEqual(own.pats.active(), [], `${obstacle.name}\n${job.log}`);
        assert.ok(own.pats.list('contoso').length > 0, 'The first PATs were made.');
        const handedOver = Object.keys(job.variables).filter(name => /^(JOB_PAT|BASIC)/.test(name));
        assert.deepEqual(handedOver, []);
        assert.deepEqual(job.outputs, {});
        assertNoTrace(job, own);
      }, organizations),
    );
  });

  it('takes an organization that is named twice once', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({ organization: `contoso, Contoso\n${emulator().organizationUrl('contoso')}` })],
      connection,
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.list().length, 1);
    assert.equal(job.variables['JOB_PAT']?.isSecret, true);
  });
});

describe('revoke: never', () => {
  const emulator = emulatorForEachTest();
  const steps = [issueStep({ revoke: 'never' })];

  it('leaves the PAT to a later job, with what that needs', async () => {
    const job = await runIssuingJob(emulator(), { steps });
    assert.equal(job.result, 'Succeeded', job.log);
    const [pat] = emulator().pats.active();
    assert.equal(job.outputs['pat.authorizationId']?.value, pat?.authorizationId);
    assert.equal(job.variables['JOB_PAT']?.value, pat?.value);
    assert.deepEqual(operationsOf(emulator()), ['entra.token', 'pats.create', 'connectionData']);
    assert.equal(postOf(job).result, 'Succeeded');
    assertNoTrace(job, emulator());
  });

  it('leaves nothing when the step fails', async () => {
    emulator().faults.add('connectionData', fault.unavailable(503, 3600));
    const job = await runIssuingJob(emulator(), { steps });
    assert.equal(job.result, 'Failed');
    assert.equal(emulator().pats.list().length, 1);
    assert.deepEqual(emulator().pats.active(), []);
  });
});
