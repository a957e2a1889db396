import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { portOf } from '../unit/tasks/loopback.js';
import { assertFailedCleanly } from '../e2e/clean-failure.js';
import { emulatorForEachTest, issueStep, logOf, postOf, runIssuingJob } from '../e2e/issuing-job.js';

/** A script that prints a line, as any step of a job can. */
const printing = (line: string): object => ({ script: `echo '${line}'` });
const setting = (name: string, value: string): object =>
  printing(`##vso[task.setvariable variable=${name}]${value}`);

describe('Where a credential may go: an earlier step that prints lines', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  let listener: Server;
  let heard = 0;
  beforeEach(async () => {
    heard = 0;
    listener = createServer((_, response) => {
      heard += 1;
      response.end('{}');
    });
    listener.on('connection', () => (heard += 1));
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => listener.close());
  const there = () => `http://127.0.0.1:${portOf(listener)}`;

  for (const name of ['System.CollectionUri', 'System.TeamFoundationCollectionUri', 'System.OidcRequestUri'])
    it(`gets no request by ${name}`, async () => {
      const job = await runIssuingJob(emulator(), {
        steps: [setting(name, `${there()}/contoso/`), issueStep()],
      });
      assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(name));
      assert.equal(heard, 0);
    });

  for (const name of ['INPUT_ORGANIZATION', 'input.entraToken', 'NODE_EXTRA_CA_CERTS', 'AGENT_PROXYURL'])
    it(`gets no request by a variable ${name}`, async () => {
      const job = await runIssuingJob(emulator(), { steps: [setting(name, there()), issueStep()] });
      assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(name.replace('.', '\\.')));
      assert.equal(heard, 0);
    });

  for (const input of [{ organization: 'LISTENER/x' }])
    it('gets no request by an organization on loopback', async () => {
      const organization = input.organization.replace('LISTENER', there());
      const job = await runIssuingJob(emulator(), { steps: [issueStep({ organization })] });
      assertFailedCleanly(job, emulator(), 'ceiling-exceeded', /allowedOrganizations/);
      assert.equal(heard, 0);
    });

  it('does not make a task trust an authority', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [setting('Agent.CAInfo', '/dev/zero'), issueStep()],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(job.log, /Agent\.CAInfo names .*not used/);
  });

  it('does not keep the post-job from revoking', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep(),
        setting('INPUT_SCOPES', 'app_token'),
        setting('System.TeamFoundationCollectionUri', `${there()}/contoso/`),
        setting('VSTS_TASKVARIABLE_JOBPAT_RECORD', '[]'),
      ],
    });
    assert.match(logOf(postOf(job)), /INPUT_SCOPES/);
    assert.deepEqual(emulator().pats.active(), []);
    assert.equal(heard, 0);
  });
});
