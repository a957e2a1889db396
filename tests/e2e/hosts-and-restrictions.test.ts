import assert from 'node:assert/strict';
import { issuerConnectionName } from '#local-agent/emulated-run';
import { emulatorForEachTest, issuesOf, issueStep, mainOf, postOf, runIssuingJob } from './issuing-job.js';
import { packagedDevExtension } from './packaged-extension.js';
import { assertNoTrace } from './secret-traces.js';
import { NO_DEVELOPMENT_PACKAGE, notHere } from '../not-here.js';

describe('A classic release', () => {
  const emulator = emulatorForEachTest();

  it('issues, names the release in the PAT, and revokes', async () => {
    const job = await runIssuingJob(emulator(), {
      hostType: 'release',
      steps: [issueStep(), { bash: 'echo "end $(pat.validTo)"' }],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    const [pat] = emulator().pats.list();
    const releaseId = job.variables['Release.ReleaseId']?.value ?? 'none';
    assert.match(pat?.displayName ?? '', new RegExp(` job-pat:release/[0-9a-f-]{36}/${releaseId}/`));
    assert.deepEqual(emulator().pats.active(), []);
    assertNoTrace(job, emulator());
  });

  it('takes the names of definition and release for the label', async () => {
    await runIssuingJob(emulator(), {
      hostType: 'release',
      variables: { 'Release.DefinitionName': 'Nightly', 'Release.ReleaseName': 'Release-7' },
    });
    assert.match(emulator().pats.list()[0]?.displayName ?? '', /^Nightly Release-7 job-pat:release\//);
  });
});

describe('A pipeline that restricts what a step may do', () => {
  const emulator = emulatorForEachTest();

  it('to the commands that every task may use loses nothing', async () => {
    for (const steps of [[issueStep({}, { target: { commands: 'restricted' } })], [issueStep()]]) {
      const job = await runIssuingJob(emulator(), { steps, commandRestriction: { commands: 'restricted' } });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.deepEqual(mainOf(job).issues, []);
      assert.equal(job.variables['JOB_PAT']?.isSecret, true);
    }
  });

  it('to the variables of this step gets the PAT', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep(
          {},
          { target: { settableVariables: ['JOB_PAT', 'authorizationId', 'validTo', 'patName'] } },
        ),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(job.variables['JOB_PAT']?.isSecret, true);
    assert.ok(job.outputs['pat.authorizationId'] !== undefined);
  });

  it('to no variables gets no PAT, and it is revoked all the same', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({}, { target: { settableVariables: 'none' } })],
    });
    assert.equal(job.variables['JOB_PAT'], undefined);
    assert.match(issuesOf(mainOf(job), 'warning'), /JOB_PAT/);
    assert.equal(postOf(job).result, 'Succeeded');
    assert.deepEqual(emulator().pats.active(), []);
    assertNoTrace(job, emulator());
  });
});

describe('The development flavour', function () {
  const emulator = emulatorForEachTest();
  const vsix = packagedDevExtension();

  it('runs under its own name', async function () {
    if (vsix === undefined) return notHere(this, NO_DEVELOPMENT_PACKAGE);
    const job = await runIssuingJob(emulator(), {
      vsix,
      steps: [
        {
          task: 'IssuePatDev@1',
          name: 'pat',
          inputs: { patIssuer: issuerConnectionName, scopes: 'vso.code' },
        },
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().pats.list().length, 1);
    assert.deepEqual(emulator().pats.active(), []);
  });
});
