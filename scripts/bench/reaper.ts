import { join } from 'node:path';
import pc from 'picocolors';
import { fault, type BuildSeed, type Emulator, type PatSeed } from '#emulator/index';
import { JOB, PROJECT, stepEnvironment } from './environment.js';
import type { Setting } from './part.js';
import { measuredRun } from './process-runs.js';
import { megabytes, tableOf } from './table.js';

/** How many PATs of how many runs, ten times as many in each row: so growth can be seen. */
const SIZES = [
  { pats: 100, runs: 30 },
  { pats: 1_000, runs: 300 },
  { pats: 10_000, runs: 3_000 },
];

const OTHER_JOB = '33333333-54f2-53f3-20dd-22fc7dff55f9';
const HOUR = 3_600_000;
/** Every answer takes so long, so that requests meet in flight; milliseconds. */
const LATENCY = 5;

/** `RevokePat@1`, `what: orphans`, over more and more PATs. */
export async function reaper({ emulator, tasks, say }: Setting): Promise<string> {
  const environment = {
    ...(await stepEnvironment(emulator)),
    ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN: emulator.jobs.issueToken({
      organization: 'contoso',
    }).value,
    INPUT_WHAT: 'orphans',
    INPUT_MINIMUMAGE: '10m',
    INPUT_WHATIF: 'false',
    INPUT_AS: 'issuer',
    INPUT_ONREVOKEFAILURE: 'warn',
  };
  emulator.faults.add('*', fault.slow(LATENCY), { times: Infinity });
  const rows: string[][] = [];
  for (const { pats, runs } of SIZES) {
    say(`reaper over ${pats} PATs of ${runs} runs`);
    const forget = populate(emulator, pats, runs);
    emulator.forgetRequests();
    const alive = emulator.pats.active('contoso').length;
    const run = await measuredRun(join(tasks, 'RevokePat', 'RevokePatV1', 'main.js'), environment);
    const revoked = alive - emulator.pats.active('contoso').length;
    const count = (operation: string) =>
      emulator.requests.filter(request => request.operation.startsWith(operation)).length;
    rows.push([
      pats.toLocaleString('en'),
      runs.toLocaleString('en'),
      revoked.toLocaleString('en'),
      `${count('pats.list')} + ${count('build.')} + ${count('pats.revoke')}`,
      `${(run.milliseconds / 1000).toFixed(2)} s`,
      `${(run.milliseconds / pats).toFixed(2)} ms`,
      String(emulator.maxInFlight),
      megabytes(run.peak),
    ]);
    forget();
  }
  const head = [
    'PATs',
    'runs',
    'revoked',
    'requests: lists + runs + revokes',
    'time',
    'for each PAT',
    'most in flight',
    'peak memory',
  ];
  const legend =
    `Reaper, once each: of ten runs seven have ended, one was deleted, one goes on after the job, one lives. ` +
    `An answer takes ${LATENCY} ms.`;
  return `${tableOf(head, rows)}\n${pc.dim(legend)}`;
}

/** Fills contoso with runs and their PATs. @returns what clears it again */
function populate(emulator: Emulator, pats: number, runs: number): () => void {
  const yesterday = new Date(Date.now() - 24 * HOUR);
  const first = Math.max(0, ...emulator.runs.all.map(({ id }) => id)) + 1;
  const ids = Array.from({ length: runs }, (_, index) => first + index);
  const builds = ids.map(id => emulator.runs.addBuild(buildOf(id, yesterday)));
  for (const build of builds) if (build.id % 10 === 0) emulator.runs.remove(build);
  const seeds = Array.from({ length: pats }, (_, index): PatSeed => {
    const id = first + (index % runs);
    const nonce = index.toString(16).padStart(8, '0');
    return {
      displayName: `Benchmark job-pat:build/${PROJECT}/${id}/${JOB.slice(0, 8)}/${nonce}`,
      validFrom: yesterday,
    };
  });
  const seeded = emulator.pats.seed(seeds);
  return () => {
    for (const { authorizationId } of seeded) emulator.pats.revoke(authorizationId);
    for (const build of builds) emulator.runs.hide(build);
  };
}

function buildOf(id: number, yesterday: Date): BuildSeed {
  const place = { id, projectId: PROJECT };
  const ended = { id: JOB, state: 'completed', finishTime: yesterday } as const;
  switch (id % 10) {
    case 1:
      return { ...place, jobs: [ended, { id: OTHER_JOB }] };
    case 2:
      return { ...place, jobs: [{ id: JOB }] };
    default:
      return { ...place, status: 'completed', finishTime: yesterday, jobs: [ended] };
  }
}
