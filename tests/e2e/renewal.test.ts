import assert from 'node:assert/strict';
import { issuerConnectionName } from '#local-agent/emulated-run';
import type { JobResult } from '#local-agent/index';
import { type Emulator, fault } from '#emulator/index';
import { emulatorForEachTest, issuesOf, mainOf, runIssuingJob } from './issuing-job.js';
import { storedIssuer } from './rotating-job.js';
import { assertNoTrace } from './secret-traces.js';

async function renew(emulator: Emulator, description = '', inputs: object = {}): Promise<JobResult> {
  const serviceConnections = { [issuerConnectionName]: storedIssuer(emulator, description) };
  const jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value;
  const task = 'RenewPatIssuer@1';
  const steps = [{ task, name: 'renew', inputs: { patIssuer: issuerConnectionName, ...inputs } }];
  const job = await runIssuingJob(emulator, { steps, serviceConnections, jobToken });
  assertNoTrace(job, emulator, [jobToken]);
  return job;
}

describe('RenewPatIssuer', function () {
  this.timeout(30_000);
  const emulator = emulatorForEachTest();
  const saved = () => emulator().connections.get(issuerConnectionName);

  it('puts a newer refresh token, proved by use, in the place of the old, and notes when', async () => {
    const old = emulator().entra.refreshToken;
    const job = await renew(emulator(), 'The issuer of the shops.');
    assert.equal(job.result, 'Succeeded', job.log);
    const { parameters, description, references, data } = saved();
    const tokens = emulator().entra.refreshTokens.map(({ value }) => value);
    assert.notEqual(parameters['apitoken'], old);
    assert.ok(tokens.includes(parameters['apitoken'] ?? ''));
    assert.equal(emulator().requestsOf('entra.token').length, 2, 'redeem, prove');
    assert.match(references[0]?.description ?? '', /^The issuer of the shops\.\njob-pat:renewed\/\d{4}-/);
    assert.match(description, /^The issuer of the shops\./);
    assert.equal(references.length, 2, 'It stays shared.');
    assert.equal(data['clientId'], emulator().entra.clientId);
  });

  it('warns when nobody knows how old the refresh token is, and next time does not', async () => {
    const first = await renew(emulator());
    assert.match(issuesOf(mainOf(first, 'renew'), 'warning'), /does not tell when/);
  });

  it('that may not write keeps the old one in place, and says until when it lives', async () => {
    const old = emulator().entra.refreshToken;
    // The roles are taken away once the connection is there.
    emulator().on('arrival', () => {
      saved().roles = { buildService: 'reader', people: 'reader' };
    });
    const job = await renew(emulator());
    assert.equal(job.result, 'Failed');
    assert.match(issuesOf(mainOf(job, 'renew')), /Administrator/);
    assert.match(job.log, /still holds the refresh token from before, which works for 90d at most/);
    assert.equal(saved().parameters['apitoken'], old);
  });

  it('whose newer token does not work writes nothing', async () => {
    const old = emulator().entra.refreshToken;
    let redeemed = 0;
    emulator().faults.add('entra.token', fault.aadsts(70000), {
      when: () => ++redeemed > 1,
    });
    const job = await renew(emulator());
    assert.equal(job.result, 'Failed');
    assert.equal(saved().parameters['apitoken'], old);
    assert.equal(emulator().requestsOf('serviceendpoint.update').length, 0);
  });

  it('whose write is answered with 500 after the work finds that it was done', async () => {
    emulator().faults.add(
      'serviceendpoint.update',
      fault.changed('500 after the work', () => ({ status: 500, headers: {}, body: Buffer.from('') })),
    );
    const job = await renew(emulator());
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(emulator().requestsOf('serviceendpoint.update').length, 1);
  });

  it('as the issuer writes with a PAT of five minutes, which is dead afterwards', async () => {
    const job = await renew(emulator(), '', { writeAs: 'issuer' });
    assert.equal(job.result, 'Succeeded', job.log);
    const [brief] = emulator().pats.list();
    assert.equal(brief?.scope, 'vso.serviceendpoint_manage');
    assert.deepEqual(emulator().pats.active(), []);
  });
});
