import { sealOfStep } from '#agent/seal';
import { SETTLED_FIELDS } from '#agent/stage-settings';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import pc from 'picocolors';
import type { Emulator } from '#emulator/index';
import { JOB, PROJECT, stepEnvironment } from './environment.js';
import type { Setting } from './part.js';
import { measureMemory, pairedRuns, type Pair } from './process-runs.js';
import { kilobytes, megabytes, milliseconds, tableOf } from './table.js';

/** One stage of a task to measure. */
interface MeasuredStage {
  readonly what: string;
  readonly script: string;
  /** Ratio to an empty process. */
  readonly budget: number;
  /** Needs nothing that an earlier stage left, which another version would have to read. */
  readonly runsAlone: boolean;
  /** Makes the environment of one run; for the post-job step that issues the PAT to revoke. */
  readonly prepare: () => Promise<Record<string, string>>;
}

/** The stages of IssuePat against an empty Node process, pair by pair. */
export async function startUp({ emulator, tasks, against, runs, say }: Setting): Promise<string> {
  const rows: string[][] = [];
  for (const stage of await stagesOf(emulator, join(tasks, 'IssuePat', 'IssuePatV1'))) {
    say(`${stage.what}: ${runs} pairs`);
    const before = emulator.requests.length;
    const other = stage.runsAlone ? against : undefined;
    const pair = await pairedRuns(
      stage.script,
      stage.prepare,
      runs,
      other && join(other.tasks, 'IssuePat', 'IssuePatV1', basename(stage.script)),
    );
    const processes = other === undefined ? 1 : 2;
    const requests = (emulator.requests.length - before) / (runs + pair.warmups) / processes;
    const memory = await measureMemory(stage.script, await stage.prepare());
    const ratio = `${(memory.task / memory.empty).toFixed(2)}x`;
    rows.push(
      [
        stage.what,
        milliseconds(pair.median),
        spread(pair),
        `${stage.budget.toFixed(1)}x`,
        requests.toFixed(1),
        ...(against === undefined ? [] : [pair.toOther === undefined ? '' : `${pair.toOther.toFixed(2)}x`]),
      ],
      ['  peak memory', megabytes(memory.task), ratio, '1.5x', '', ...(against === undefined ? [] : [''])],
    );
  }
  const head = [
    ...['what', 'median', 'ratio to an empty process', 'budget', 'requests'],
    ...(against === undefined ? [] : [`to ${against.label}`]),
  ];
  const legend = `Node ${process.version}, ${runs} pairs; ratio: median of the pairs (fastest to slowest tenth).`;
  return `${tableOf(head, rows)}\n${pc.dim(legend)}`;
}

/** The programs of each task, those of IssuePat with their budget, and the whole package. */
export async function sizes({ tasks, package: { bytes } }: Setting): Promise<string> {
  const rows: string[][] = [];
  for (const task of (await readdir(tasks)).sort()) {
    const folder = join(tasks, task, `${task}V1`);
    for (const file of (await readdir(folder)).filter(name => name.endsWith('.js')).sort()) {
      const { size } = await stat(join(folder, file));
      const isBundle = task === 'IssuePat' && file.endsWith('.bundle.js');
      rows.push([`${task} ${file}`, kilobytes(size), isBundle ? '300 KB' : '']);
    }
  }
  return tableOf(['what', 'size', 'budget'], [...rows, ['package', kilobytes(bytes), '900 KB']]);
}

async function stagesOf(emulator: Emulator, folder: string): Promise<MeasuredStage[]> {
  const main = join(folder, 'main.js');
  const base = {
    ...(await stepEnvironment(emulator)),
    INPUT_SCOPES: 'vso.code',
    INPUT_VALIDFOR: '1h',
    INPUT_VARIABLENAME: 'JOB_PAT',
    INPUT_VERIFY: 'false',
    INPUT_REVOKE: 'afterJob',
    INPUT_ONREVOKEFAILURE: 'warn',
    INPUT_ALLOWUNKNOWNSCOPES: 'false',
  };
  return [
    {
      what: 'IssuePat, verify: false',
      script: main,
      budget: 2.2,
      runsAlone: true,
      prepare: () => Promise.resolve(base),
    },
    {
      what: 'IssuePat, verify: true',
      script: main,
      budget: 2.2,
      runsAlone: true,
      prepare: () => Promise.resolve({ ...base, INPUT_VERIFY: 'true' }),
    },
    {
      what: 'post-job revoke',
      script: join(folder, 'post.js'),
      budget: 2.1,
      runsAlone: false,
      prepare: async () => ({ ...base, ...(await leftByMain(emulator, base)) }),
    },
  ];
}

/** The task variables that the main step would have left for a PAT of its own, under its seal. */
async function leftByMain(
  emulator: Emulator,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const validTo = new Date(Date.now() + 3_600_000);
  const displayName = `Benchmark job-pat:build/${PROJECT}/4711/${JOB.slice(0, 8)}/00000000`;
  const [pat] = emulator.pats.seed([{ organization: 'contoso', displayName, scope: 'vso.code', validTo }]);
  if (pat === undefined) throw new Error('The emulator seeded no PAT.');
  const recorded = {
    organization: emulator.organizationUrl('contoso'),
    displayName,
    validTo: validTo.toISOString(),
    asked: new Date().toISOString(),
    authorizationId: pat.authorizationId,
  };
  const id = environment['INPUT_PATISSUER'] ?? '';
  const settings = {
    collection: environment['ENDPOINT_URL_SYSTEMVSSCONNECTION'] ?? '',
    proxyUrl: '',
    connection: {
      id,
      url: environment[`ENDPOINT_URL_${id}`] ?? '',
      fields: Object.fromEntries(
        SETTLED_FIELDS.map(name => [name, environment[`ENDPOINT_DATA_${id}_${name.toUpperCase()}`] ?? '']),
      ),
    },
  };
  const seal = sealOfStep({
    input: name => environment[`INPUT_${name.toUpperCase()}`] ?? '',
    secretInput: () => '',
    secretTaskVariable: () => '',
    taskVariableMayBeForged: () => false,
    settings: () => settings,
    variable: name => environment[name.replaceAll('.', '_').toUpperCase()],
    connection: id => ({
      scheme: 'Token',
      secret: name => environment[`ENDPOINT_AUTH_PARAMETER_${id}_${name.toUpperCase()}`] ?? '',
    }),
  });
  const token = emulator.entra.issueAccessToken().value;
  return {
    VSTS_TASKVARIABLE_JOBPAT_RECORD: await seal.put({ pats: [recorded] }),
    VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN: token,
    VSTS_TASKVARIABLE_JOBPAT_ENTRATOKENEXPIRES: await seal.put({ expires: validTo.toISOString() }, token),
  };
}

function spread({ ratio, tenth, ninetieth }: Pair): string {
  return `${pc.bold(`${ratio.toFixed(2)}x`)} (${tenth.toFixed(2)} to ${ninetieth.toFixed(2)})`;
}
