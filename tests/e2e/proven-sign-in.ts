import assert from 'node:assert/strict';
import { type Emulator } from '#emulator/index';
import { issuerConnectionName } from '#local-agent/emulated-run';
import type { JobResult, ServiceConnection } from '#local-agent/index';
import { runIssuingJob, type JobWish } from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';

/** Runs a job with this connection. No secret may be seen of it, nor any of the tokens by which it is proven. */
export async function runWith(
  emulator: Emulator,
  connection: ServiceConnection,
  wish: JobWish = {},
): Promise<JobResult> {
  const job = await runIssuingJob(emulator, {
    serviceConnections: { [issuerConnectionName]: connection },
    ...wish,
  });
  assertNoProof(job, emulator);
  return job;
}

/** Claims and signature of each OIDC token, T1 and T2; what stands in front of them says only how it was signed. */
function assertNoProof(job: JobResult, emulator: Emulator): void {
  const proofs = [...emulator.oidc.issued.map(({ value }) => value), ...emulator.entra.exchangeTokens];
  assertNoTrace(
    job,
    emulator,
    proofs.flatMap(token => token.split('.').slice(1)),
  );
}

export const succeeded = (job: JobResult): void => {
  assert.equal(job.result, 'Succeeded', job.log);
};

export function assertNothingAlive(emulator: Emulator): void {
  assert.deepEqual(emulator.pats.active(), []);
}
