import type { JobResult, StepResult } from '#local-agent/index';
import type { Emulator, Pat, PatSeed } from '#emulator/index';
import { issuerConnectionName } from '#local-agent/emulated-run';
import { type Inputs, type JobWish, mainOf, runIssuingJob } from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';

/** The project of the local agent's runs. */
export const projectId = '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b';
export const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
export const otherJobId = '33333333-54f2-53f3-20dd-22fc7dff55f9';

/** The name of a PAT of a job, as the contract writes it. */
export function nameOf(
  runId: number,
  { host = 'build', project = projectId, job = jobId, nonce = '0123abcd', label = 'Nightly' } = {},
): string {
  return `${label} job-pat:${host}/${project}/${runId}/${job.slice(0, 8)}/${nonce}`;
}

/** Names of as many PATs of one job. */
export function namesOf(runId: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    nameOf(runId, { nonce: index.toString(16).padStart(8, '0') }),
  );
}

export function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

/** PATs of the issuing user that were made yesterday. */
export function seed(emulator: Emulator, names: readonly string[], more: PatSeed = {}): Pat[] {
  return emulator.pats.seed(
    names.map(displayName => ({ displayName, validFrom: minutesAgo(24 * 60), ...more })),
  );
}

/** What a job with one step `RevokePat@1` came to. */
export interface Revoking {
  readonly job: JobResult;
  readonly step: StepResult;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs `RevokePat@1` as the issuing user, in a job that may read the runs of contoso. No secret may be seen of it. */
export async function revoke(
  emulator: Emulator,
  inputs: Inputs,
  { jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value, ...wish }: JobWish = {},
): Promise<Revoking> {
  const issuer = inputs['as'] === 'administrator' ? {} : { patIssuer: issuerConnectionName };
  const steps = [{ task: 'RevokePat@1', name: 'revoke', inputs: { ...issuer, ...inputs } }];
  const job = await runIssuingJob(emulator, { steps, jobToken, ...wish });
  assertNoTrace(job, emulator, [jobToken]);
  const named = Object.entries(job.outputs).map(
    ([name, { value }]) => [name.replace('revoke.', ''), value] as const,
  );
  return { job, step: mainOf(job, 'revoke'), outputs: Object.fromEntries<string>(named) };
}

/** Names of the PATs that are alive, sorted. */
export function alive(emulator: Emulator): string[] {
  return emulator.pats
    .active()
    .map(({ displayName }) => displayName)
    .sort();
}

/** The row of the table that shows a PAT, its columns parted by more than one blank. */
export function rowOf({ step }: Revoking, displayName: string): string {
  return step.log.find(line => line.includes(` ${displayName} `)) ?? '';
}
