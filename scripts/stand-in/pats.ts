import type { Emulator } from '#emulator/index';
import type { PatSeed } from '#emulator/pats/store';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Household {
  readonly organization: string;
  readonly projectId: string;
  /** The run of the local agent; a job of it has left a PAT. */
  readonly run: number;
  /** Tells the store of the PAT that is due for rotation. */
  readonly mark: string;
}

/**
 * The 40 PATs of the issuing user, and the runs that those of jobs belong to. The first one is that of the variable
 * group, which ends in two days.
 */
export function patsOf(emulator: Emulator, { organization, projectId, run, mark }: Household): PatSeed[] {
  const now = Date.now();
  /** A PAT so many days old, which lives for so many days. */
  const pat = (
    displayName: string,
    scope: string,
    age: number,
    life: number,
    more: PatSeed = {},
  ): PatSeed => ({
    organization,
    displayName,
    scope,
    validFrom: new Date(now - age * DAY),
    validTo: new Date(now + (life - age) * DAY),
    ...more,
  });
  /** A PAT that a job made so many hours ago. */
  const ofJob = (label: string, scope: string, id: number, job: string, hours: number): PatSeed =>
    pat(
      `${label} job-pat:build/${projectId}/${id}/${job.slice(0, 8)}/${nonce(id, hours)}`,
      scope,
      hours / 24,
      1,
    );

  const lost = [4601, 4618, 4633, 4650, 4667, 4688];
  for (const id of lost) {
    const finishTime = new Date(now - 9 * HOUR);
    emulator.runs.addBuild({
      organization,
      projectId,
      id,
      status: 'completed',
      finishTime,
      jobs: [{ id: jobId(id) }],
    });
  }
  const running = [4702, 4705];
  for (const id of running)
    emulator.runs.addBuild({ organization, projectId, id, jobs: [{ id: jobId(id) }] });
  const [endedJob, otherJob] = [jobId(run), jobId(run + 1)];
  emulator.runs.addBuild({
    organization,
    projectId,
    id: run,
    jobs: [
      {
        id: endedJob,
        name: 'Lost',
        state: 'completed',
        result: 'failed',
        finishTime: new Date(now - 6 * HOUR),
      },
      { id: otherJob, name: 'Wait' },
    ],
  });

  return [
    pat(`Nightly mirror job-pat:rotated/${mark}/0000aaaa`, 'vso.code', 28, 30),
    ofJob('Lost', 'vso.code', run, endedJob, 7),
    ...lost.map((id, index) =>
      ofJob(index % 2 === 0 ? 'Nightly mirror' : 'Publish', 'vso.packaging_write', id, jobId(id), 10),
    ),
    ...running.map(id => ofJob('Deploy', 'vso.release_execute', id, jobId(id), 1)),
    pat('Migration of 2025', 'app_token', 200, 365),
    pat('Migration of all organizations', 'vso.code vso.work', 200, 365, { allOrganizations: true }),
    pat('Laptop', 'vso.code_write vso.work', 20, 60),
    pat('Laptop', 'vso.code', 3, 30),
    pat('Package feed', 'vso.packaging', 10, 60),
    pat('Package feed, publishing', 'vso.packaging_write', 10, 60),
    pat('Reporting', 'vso.analytics vso.work', 15, 45),
    pat('Dashboard', 'vso.build vso.work', 40, 60),
    pat('Terraform', 'vso.serviceendpoint_manage', 5, 30),
    pat('Release train', 'vso.release_execute vso.build', 25, 60),
    pat('Backup', 'vso.code', 57, 60),
    pat('Wiki robot', 'vso.wiki_write', 12, 30),
    pat('Test results', 'vso.test_write', 8, 30),
    pat('Build badges', 'vso.build', 30, 60),
    ...[
      'Old laptop',
      'Spike',
      'Conference demo',
      'Import',
      'Agent pool',
      'Old feed',
      'Training',
      'Audit of spring',
    ].map((name, index) => pat(name, 'vso.code', 70 + index, 60)),
    ...['Leaked', 'Workshop', 'Intern', 'Old release', 'Preview', 'Sandbox', 'Trial', 'Wrong scope'].map(
      (name, index) => pat(name, 'vso.work', 9 + index, 60, { revoked: true }),
    ),
  ];
}

/** Jobs that never ran here. */
function jobId(run: number): string {
  return `${(0xb0b00000 + run).toString(16)}-54f2-53f3-20dd-22fc7dff55f9`;
}

function nonce(run: number, hours: number): string {
  return (run * 64 + hours).toString(16).padStart(8, '0');
}
