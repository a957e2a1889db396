import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { emulatorForEachTest, issueStep, runIssuingJob } from './issuing-job.js';
import { commandLineTool, run } from './cli-process.js';
import { traceIn } from './secret-traces.js';

describe('A step with System.Debug', () => {
  const emulator = emulatorForEachTest();

  it('shows each request and its answer, and nothing that they hold', async () => {
    const job = await runIssuingJob(emulator(), { steps: [issueStep()], debug: true });
    assert.equal(job.result, 'Succeeded', job.log);
    const lines = job.log.split('\n').filter(line => /(Request|Answer) \d+: /.test(line));
    const shown = lines.join('\n');
    assert.match(
      shown,
      /Request 1: POST loopback\/\{(tenant|id)-1\}\/oauth2\/v2\.0\/token, attempt 1, with \{/,
    );
    assert.match(
      shown,
      /Request 2: POST loopback\/\{organization-1\}\/_apis\/tokens\/pats\?api-version=7\.1-preview\.1/,
    );
    assert.match(shown, /Answer 2: 200 after \d+ ms; headers: .*content-type.*; body: \{patToken: \{/);
    // The post-job step.
    assert.match(
      shown,
      /Request 1: DELETE loopback\/\{organization-1\}\/_apis\/tokens\/pats\?authorizationId=\{id-1\}/,
    );
    const [pat] = emulator().pats.list();
    const { value = '', displayName = '', authorizationId = '' } = pat ?? {};
    assert.equal(traceIn(shown, [value]), undefined);
    for (const said of ['contoso', displayName, authorizationId])
      assert.ok(!shown.includes(said), `${said} in ${shown}`);
  });

  it('shows an attempt as what it is, and no command that an answer holds', async () => {
    const body = JSON.stringify({ '##vso[task.setvariable variable=x]y': '##vso[task.complete]' });
    const headers = { 'Content-Type': 'application/json' };
    emulator().faults.add('connectionData', fault.answer({ status: 503, headers, body: Buffer.from(body) }));
    const job = await runIssuingJob(emulator(), { steps: [issueStep()], debug: true });
    assert.match(job.log, /GET \S+connectionData\S+, attempt 2/);
    assert.match(job.log, /Answer 3: 503 after \d+ ms.*\{\{member-1\}: text\}/);
    for (const { rawOutput } of job.steps)
      assert.doesNotMatch(rawOutput, /##vso\[task\.setvariable variable=x/);
  });

  it('is what it takes', async () => {
    const job = await runIssuingJob(emulator(), { steps: [issueStep()] });
    assert.doesNotMatch(job.log, /Request \d+:/);
  });
});

describe('A command with --debug', () => {
  const emulator = emulatorForEachTest();
  before(commandLineTool);

  it('shows each request and its answer, and nothing that they hold', async () => {
    const { value } = emulator().entra.issueAccessToken();
    emulator().pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann' }]);
    const where = ['list', '-o', emulator().organizationUrl('contoso'), '--entra-token'];
    const { stderr, code } = await run([...where, '--debug'], { JOB_PAT_ENTRA_TOKEN: value });
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^debug: Request 1: GET loopback\/\{organization-1\}\/_apis\/tokens\/pats\?displayFilterOption=active/m,
    );
    assert.match(
      stderr,
      /^debug: Answer 1: 200 after \d+ ms; .*\{continuationToken: empty text, patTokens: \[\{/m,
    );
    for (const said of [value, 'laptop', emulator().pats.list()[0]?.authorizationId ?? ''])
      assert.ok(!stderr.includes(said), `${said} in ${stderr}`);
    assert.doesNotMatch((await run(where, { JOB_PAT_ENTRA_TOKEN: value })).stderr, /Request|Answer/);
  });
});
