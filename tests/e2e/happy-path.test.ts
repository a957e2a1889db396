import assert from 'node:assert/strict';
import { type Emulator, type Fault, fault } from '#emulator/index';
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

describe('A job with IssuePat', () => {
  const emulator = emulatorForEachTest();

  it('issues with 3 requests, 2 without verify, and revokes with 1', async () => {
    await runIssuingJob(emulator());
    assert.deepEqual(operationsOf(emulator()), [
      'entra.token',
      'pats.create',
      'connectionData',
      'pats.revoke',
    ]);

    emulator().forgetRequests();
    await runIssuingJob(emulator(), { steps: [issueStep({ verify: false })] });
    assert.deepEqual(operationsOf(emulator()), ['entra.token', 'pats.create', 'pats.revoke']);
    assert.deepEqual(emulator().violations, []);
  });

  it('asks for the scopes and the lifetime of the step, in one organization, under a name that tells run and job', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep({
          scopes: 'Code (Read & write), vso.code; vso.work',
          validFor: '90m',
          displayName: 'Nightly',
        }),
      ],
    });
    const [request] = emulator().requestsOf('pats.create');
    const body = objectIn(request?.body ?? '');
    const { value: runId } = job.variables['Build.BuildId'] ?? { value: '' };
    const jobId = job.variables['System.JobId']?.value.slice(0, 8) ?? '';
    const projectId = job.variables['System.TeamProjectId']?.value ?? '';

    assert.deepEqual(String(body['scope']).split(' ').sort(), ['vso.code_write', 'vso.work']);
    assert.equal(body['allOrgs'], false);
    assert.match(
      String(body['displayName']),
      new RegExp(`^Nightly job-pat:build/${projectId}/${runId}/${jobId}/[0-9a-f]{8}$`),
    );
    const lifetime = Date.parse(String(body['validTo'])) - (request?.time.getTime() ?? 0);
    assert.ok(Math.abs(lifetime - 90 * 60_000) < 10_000, `The lifetime is ${lifetime} ms.`);
  });

  it('names the PAT in ASCII and at most 128 characters when the definition has another name', async () => {
    await runIssuingJob(emulator(), {
      variables: {
        'Build.DefinitionName': `Bäckerei 🥐 ##vso[task.complete result=Failed]x\r\n${'y'.repeat(200)}`,
      },
    });
    const name = emulator().pats.list()[0]?.displayName ?? '';
    assert.ok(name.length <= 128, name);
    assert.match(name, /^[A-Za-z0-9 ._:/-]+ job-pat:build\/[^/]+\/\d+\/[0-9a-f]{8}\/[0-9a-f]{8}$/);
  });

  it('gives later steps the PAT in a secret variable, and one ready for a Basic header', async () => {
    const url = `${emulator().organizationUrl('contoso')}/_apis/connectionData`;
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep({ basicVariableName: 'JOB_PAT_BASIC' }),
        {
          bash: `curl -sf -o /dev/null -w 'user %{http_code}\\n' -u ":$PAT" ${url}`,
          env: { PAT: '$(JOB_PAT)' },
        },
        {
          bash: `curl -sf -o /dev/null -w 'header %{http_code}\\n' -H "Authorization: Basic $BASIC" ${url}`,
          env: { BASIC: '$(JOB_PAT_BASIC)' },
        },
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(job.log, /^user 200$/m);
    assert.match(job.log, /^header 200$/m);
    assert.equal(job.variables['JOB_PAT']?.isSecret, true);
    assert.equal(job.variables['JOB_PAT_BASIC']?.isSecret, true);
    assert.equal(job.variables['JOB_PAT'].value, emulator().pats.list()[0]?.value);
  });

  it('uses the variable name of the step and no other', async () => {
    const job = await runIssuingJob(emulator(), { steps: [issueStep({ variableName: 'clone.token' })] });
    assert.equal(job.variables['clone.token']?.isSecret, true);
    assert.equal(job.variables['JOB_PAT'], undefined);
  });

  it('tells authorization id, end and name as outputs that are not secret', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep(),
        { bash: 'echo "id $(pat.authorizationId) end $(pat.validTo) name $(pat.patName)"' },
      ],
    });
    const pat = emulator().pats.list()[0];
    assert.deepEqual(Object.keys(job.outputs).sort(), [
      'pat.authorizationId',
      'pat.gitUserEmail',
      'pat.gitUserName',
      'pat.patName',
      'pat.validTo',
    ]);
    assert.ok(Object.values(job.outputs).every(({ isSecret }) => !isSecret));
    assert.equal(job.outputs['pat.authorizationId']?.value, pat?.authorizationId);
    assert.equal(job.outputs['pat.patName']?.value, pat?.displayName);
    assertMoment(job.outputs['pat.validTo']?.value, pat?.validTo);
    assert.ok(job.log.includes(`id ${String(pat?.authorizationId)} end `), job.log);
  });

  it('tells in its log what was issued, and afterwards what was revoked', async () => {
    const job = await runIssuingJob(emulator());
    const name = emulator().pats.list()[0]?.displayName ?? '';
    assert.ok(logOf(mainOf(job)).includes(name));
    assert.match(logOf(mainOf(job)), /\$\(JOB_PAT\)/);
    assert.ok(logOf(postOf(job)).includes(`Revoked PAT "${name}"`));
  });

  it('leaves a PAT that REST and git refuse', async () => {
    const job = await runIssuingJob(emulator());
    const value = job.variables['JOB_PAT']?.value ?? '';
    assert.deepEqual(emulator().pats.active(), []);
    assert.notEqual(value, '');
    assert.equal(
      await statusWith(emulator(), value, `${emulator().organizationUrl('contoso')}/_apis/connectionData`),
      401,
    );
    const refs = `${emulator().gitUrl('contoso')}/info/refs?service=git-upload-pack`;
    assert.equal(await statusWith(emulator(), value, refs), 401);
  });

  it('keeps the PAT alive until the last step of the job', async () => {
    const alive: number[] = [];
    await runIssuingJob(emulator(), {
      steps: [issueStep(), { bash: 'true', name: 'last' }],
      onStageEnd: ({ name }) => {
        if (name === 'last') alive.push(emulator().pats.active().length);
      },
    });
    assert.deepEqual(alive, [1]);
  });

  it('waits until the service knows the new PAT', async () => {
    emulator().policies.set({ activationDelay: 700 });
    const job = await runIssuingJob(emulator());
    assert.equal(job.result, 'Succeeded', job.log);
    assert.ok(emulator().requestsOf('connectionData').length > 1);
  });

  it('does not take an answer to the anonymous user for a proof', async () => {
    emulator().faults.add('connectionData', fault.anonymous());
    const job = await runIssuingJob(emulator());
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().requestsOf('connectionData').length, 2);
  });

  it('signs in anew for the revoke when the saved sign-in has ended by then', async () => {
    emulator().faults.add('entra.token', endingIn(30));
    const job = await runIssuingJob(emulator());
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(operationsOf(emulator()), [
      'entra.token',
      'pats.create',
      'connectionData',
      'entra.token',
      'pats.revoke',
    ]);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('signs in anew for the revoke when the saved sign-in is not accepted any more', async () => {
    for (const refusal of [fault.signIn(), fault.redirect(), fault.unauthorized()]) {
      emulator().faults.add('pats.revoke', refusal);
      const job = await runIssuingJob(emulator());
      assert.equal(job.result, 'Succeeded', job.log);
    }
    assert.equal(emulator().requestsOf('entra.token').length, 6);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('accepts every way in which the service says that a PAT is revoked, or gone already', async () => {
    const ways: readonly ((emulator: Emulator) => void)[] = [
      ({ manners }) => {
        manners.revoked = 200;
      },
      ({ faults }) => {
        faults.add('pats.revoke', fault.resetAfter());
      },
      ({ faults, manners }) => {
        manners.unknownRevoked = 'success';
        faults.add('pats.revoke', fault.resetAfter());
      },
      ({ faults }) => {
        faults.add('pats.revoke', fault.patTokenError('tokenNotFound'));
      },
    ];
    await inParallel(ways, ways.length, way =>
      withEmulator(async own => {
        way(own);
        const job = await runIssuingJob(own);
        assert.equal(job.result, 'Succeeded', job.log);
      }),
    );
  });
});

/** The real sign-in, with a token that says it ends in so many seconds. */
function endingIn(seconds: number): Fault {
  return fault.changed('short-lived', reply => ({
    ...reply,
    body: Buffer.from(reply.body.toString().replace(/"expires_in":\d+/, `"expires_in":${seconds}`)),
  }));
}

async function statusWith(emulator: Emulator, pat: string, url: string): Promise<number> {
  assert.ok(url.startsWith(emulator.url));
  const authorization = `Basic ${Buffer.from(`:${pat}`).toString('base64')}`;
  const answer = await fetch(url, { headers: { authorization, 'x-tfs-fedauthredirect': 'Suppress' } });
  await answer.arrayBuffer();
  return answer.status;
}

function objectIn(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value));
  return { ...value };
}
