import assert from 'node:assert/strict';
import { fault, type Fault } from '#emulator/index';
import { agentUserConnection, emulatedRun, issuerConnectionName } from '#local-agent/emulated-run';
import { emulatorForEachTest, issuesOf, logOf, mainOf, operationsOf, runIssuingJob } from './issuing-job.js';
import { runWith, succeeded, assertNothingAlive } from './proven-sign-in.js';

describe("An agent's user", () => {
  const emulator = emulatorForEachTest();

  it('issues and revokes with nothing that is stored, and says once that this is a preview', async () => {
    const job = await runWith(emulator(), agentUserConnection(emulator()));
    succeeded(job);
    assert.deepEqual(operationsOf(emulator()), [
      'oidctoken',
      ...['entra.token', 'entra.token', 'entra.token'],
      ...['pats.create', 'connectionData', 'pats.revoke'],
    ]);
    assert.equal(logOf(mainOf(job)).match(/preview/gi)?.length, 1);
    assertNothingAlive(emulator());
  });

  it('shows nothing of the chain with System.Debug either', async () => {
    succeeded(await runWith(emulator(), agentUserConnection(emulator()), { debug: true }));
  });

  it('signs in anew in the post-job, where the first sign-in has ended', async () => {
    emulator().faults.add('entra.token', endsAtOnce(), { when: fault.atStep('agentUser') });
    const job = await runWith(emulator(), agentUserConnection(emulator()));
    assert.notEqual(job.result, 'Failed', job.log);
    assert.equal(emulator().requestsOf('oidctoken').length, 2);
    assertNothingAlive(emulator());
  });

  it('has nothing to renew', async () => {
    const job = await runWith(emulator(), agentUserConnection(emulator()), {
      steps: [{ task: 'RenewPatIssuer@1', name: 'renew', inputs: { patIssuer: issuerConnectionName } }],
    });
    succeeded(job);
    assert.match(logOf(mainOf(job, 'renew')), /nothing to renew/i);
  });

  const refusals = [
    ['blueprint', 7000229, /blueprint/i],
    ['agentIdentity', 7000112, /agent identity/i],
    ['agentUser', 65001, /consent/i],
    ['agentUser', 50034, /user/i],
  ] as const;
  for (const [step, code, said] of refusals) {
    it(`is told at which step Entra refuses: ${step}, AADSTS${code}`, async () => {
      emulator().faults.add('entra.token', fault.aadsts(code), { when: fault.atStep(step) });
      const job = await runWith(emulator(), agentUserConnection(emulator()));
      assert.equal(job.result, 'Failed');
      assert.match(issuesOf(mainOf(job)), said);
      assert.match(issuesOf(mainOf(job)), new RegExp(`AADSTS${code}`));
      assert.deepEqual(emulator().requestsOf('pats.create'), []);
    });
  }
});

describe('The connection of the stand-in', () => {
  const emulator = emulatorForEachTest();

  for (const mode of ['refresh-token', 'federation', 'agent-user'] as const) {
    it(`signs in by ${mode}`, async () => {
      const { serviceConnections = {} } = emulatedRun(emulator(), {}, mode);
      succeeded(await runIssuingJob(emulator(), { serviceConnections }));
    });
  }
});

/** The sign-in gives a token that is over before the job is. */
function endsAtOnce(): Fault {
  return fault.changed('a token that ends at once', reply => {
    const body = { ...(JSON.parse(reply.body.toString('utf8')) as object), expires_in: 1 };
    return { ...reply, body: Buffer.from(JSON.stringify(body)) };
  });
}
