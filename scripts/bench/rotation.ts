import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { fault } from '#emulator/index';
import { PROJECT, stepEnvironment } from './environment.js';
import type { Setting } from './part.js';
import { measuredRun } from './process-runs.js';
import { megabytes, tableOf } from './table.js';

const SIZES = [20, 200] as const;
/** So many entries share a variable group. */
const PER_GROUP = 10;
/** Every answer takes so long, so that requests meet in flight; milliseconds. */
const LATENCY = 5;

/** `RotatePat@1` with plans of more and more entries: all due, then none. */
export async function rotation({ emulator, tasks, say }: Setting): Promise<string> {
  emulator.projects.add('contoso', { id: PROJECT, name: 'benchmark' });
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-bench-'));
  const environment = {
    ...(await stepEnvironment(emulator)),
    ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN: emulator.jobs.issueToken({
      organization: 'contoso',
    }).value,
    INPUT_ALLOWUNKNOWNSCOPES: 'false',
    INPUT_SCOPES: 'vso.code',
    INPUT_VALIDFOR: '30d',
    INPUT_RENEWBEFORE: '7d',
    INPUT_OVERLAP: '24h',
    INPUT_STORE: 'variableGroup',
    INPUT_CONNECTIONPARAMETER: 'apitoken',
    INPUT_WRITEAS: 'jobToken',
    INPUT_FORCE: 'false',
    INPUT_TAKEOVER: 'false',
    INPUT_WHATIF: 'false',
    INPUT_PLAN: join(folder, 'plan.yml'),
  };
  emulator.faults.add('*', fault.slow(LATENCY), { times: Infinity });
  const rows: string[][] = [];
  try {
    for (const entries of SIZES) {
      for (let group = 0; group < entries / PER_GROUP; group++)
        emulator.variableGroups.add({ name: `g${entries}-${group}`, projects: [PROJECT] });
      await writeFile(join(folder, 'plan.yml'), planOf(entries));
      for (const what of ['all due', 'none due']) {
        say(`rotation of ${entries} PATs, ${what}`);
        emulator.forgetRequests();
        const run = await measuredRun(join(tasks, 'RotatePat', 'RotatePatV1', 'main.js'), environment);
        rows.push([
          String(entries),
          what,
          String(emulator.requests.length),
          (emulator.requests.length / entries).toFixed(2),
          `${(run.milliseconds / 1000).toFixed(2)} s`,
          `${(run.milliseconds / entries).toFixed(1)} ms`,
          String(emulator.maxInFlight),
          megabytes(run.peak),
        ]);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const head = [
    'PATs',
    'rotations',
    'requests',
    'for each PAT',
    'time',
    'for each PAT',
    'most in flight',
    'peak memory',
  ];
  const legend = `Rotation by a plan, once each, ${PER_GROUP} PATs in a variable group. An answer takes ${LATENCY} ms.`;
  return `${tableOf(head, rows)}\n${pc.dim(legend)}`;
}

function planOf(entries: number): string {
  const lines = Array.from({ length: entries }, (_, index) => {
    const group = `g${entries}-${Math.floor(index / PER_GROUP)}`;
    return `- { name: Benchmark ${entries} ${index}, variableGroup: ${group}, variableName: PAT_${index} }`;
  });
  return `pats:\n${lines.join('\n')}\n`;
}
