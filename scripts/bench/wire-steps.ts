import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emulator, PatSeed } from '#emulator/index';
import { JOB, PROJECT, stepEnvironment } from './environment.js';
import type { Environment } from './stage-process.js';

/** A step to send over the wire. */
export interface WireStep {
  readonly what: string;
  /** `RevokePat`, whose version 1 is meant. */
  readonly task: string;
  readonly stage: 'main' | 'post';
  /** Round trips: what is aimed at, and what the requests need that have to wait for each other. */
  readonly atMost?: number;
  readonly least?: number;
  /** Lengths of the wire to measure, in milliseconds there and back. */
  readonly roundTrips: readonly number[];
  /** How often at each; the fastest counts, since whatever else a machine does only adds. */
  readonly runs: number;
  readonly throughProxy?: boolean;
  /** Readies the emulator for one run, and says what the step is given beside its service connection. */
  prepare(emulator: Emulator, folder: string): Promise<Environment> | Environment;
}

const SHORT_WIRES = [0, 40, 150];
const LONG_WIRES = [0, 150];
const DAY = 86_400_000;

/** Ten organizations that one service connection allows. */
export const ORGANIZATIONS = ['contoso', ...Array.from({ length: 9 }, (_, index) => `fabrikam-${index + 1}`)];

/** @param runs for each length of the wire, of the steps that take seconds at most */
export function wireSteps(runs: number): WireStep[] {
  const issuing = { task: 'IssuePat', stage: 'main', roundTrips: SHORT_WIRES, runs } as const;
  const many = { stage: 'main', roundTrips: LONG_WIRES, runs: 1 } as const;
  return [
    {
      ...issuing,
      what: 'issue, verify: false',
      atMost: 5,
      least: 4,
      prepare: () => ({ ...ISSUE, INPUT_VERIFY: 'false' }),
    },
    { ...issuing, what: 'issue with verify', atMost: 6, least: 5, prepare: () => ISSUE },
    {
      ...issuing,
      what: 'issue with verify, proxy',
      atMost: 7,
      least: 6,
      throughProxy: true,
      prepare: () => ISSUE,
    },
    { ...issuing, what: 'post-job revoke', stage: 'post', atMost: 3, least: 3, prepare: () => ISSUE },
    {
      ...issuing,
      what: 'ten organizations, with verify',
      atMost: 7,
      least: 5,
      prepare: () => ({ ...ISSUE, INPUT_ORGANIZATION: ORGANIZATIONS.join(',') }),
    },
    {
      ...many,
      what: 'RevokePat, 1,000 ids',
      task: 'RevokePat',
      atMost: 170,
      least: 131,
      prepare: emulator => ({
        ...REVOKE,
        INPUT_WHAT: 'ids',
        INPUT_AUTHORIZATIONIDS: seedJobPats(emulator, 1_000, 300).join(','),
      }),
    },
    {
      ...many,
      what: 'AuditPats, 200 users',
      task: 'AuditPats',
      atMost: 75,
      least: 53,
      prepare: emulator => auditOf(emulator, 1_000, 200),
    },
    {
      ...many,
      what: 'RotatePat, plan of 20 due',
      task: 'RotatePat',
      atMost: 40,
      prepare: (emulator, folder) => rotationOf(emulator, folder, 20),
    },
  ];
}

/** Ten thousand PATs over a wire of 40 ms; a plan has a thousand entries at most. */
export function largeSteps(): WireStep[] {
  const once = { stage: 'main', roundTrips: [40], runs: 1 } as const;
  return [
    {
      ...once,
      what: 'RevokePat, orphans among 10,000',
      task: 'RevokePat',
      prepare(emulator) {
        seedJobPats(emulator, 10_000, 3_000);
        return { ...REVOKE, INPUT_WHAT: 'orphans', INPUT_MINIMUMAGE: '10m' };
      },
    },
    {
      ...once,
      what: 'AuditPats, 10,000 of 500 users',
      task: 'AuditPats',
      prepare: emulator => auditOf(emulator, 10_000, 500),
    },
    {
      ...once,
      what: 'RotatePat, plan of 1,000 due',
      task: 'RotatePat',
      prepare: (emulator, folder) => rotationOf(emulator, folder, 1_000),
    },
  ];
}

/**
 * What the agent gives a step whose service connection leads to the cloud. The connection stands there twice, as it does
 * with an agent: an older version of the tasks reads its fields one by one.
 */
export async function cloudEnvironment(emulator: Emulator): Promise<Record<string, string>> {
  const environment = await stepEnvironment(emulator);
  const id = environment['INPUT_PATISSUER'] ?? '';
  const { tenantId, clientId } = emulator.entra;
  const data = {
    tenantId,
    clientId,
    maxRotatedLifetime: '30d',
    allowedOrganizations: ORGANIZATIONS.join(','),
  };
  const jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value;
  return {
    ...environment,
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: `${CLOUD}/`,
    [`ENDPOINT_URL_${id}`]: CLOUD,
    ENDPOINT_URL_SYSTEMVSSCONNECTION: `${CLOUD}/`,
    ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN: jobToken,
    [`ENDPOINT_DATA_${id}`]: JSON.stringify(data),
    ...Object.fromEntries(
      Object.entries(data).map(([name, value]) => [`ENDPOINT_DATA_${id}_${name.toUpperCase()}`, value]),
    ),
    [`ENDPOINT_DATA_${id}_AUTHORITYURL`]: '',
  };
}

const CLOUD = 'https://dev.azure.com/contoso';

const ISSUE = {
  INPUT_SCOPES: 'vso.code',
  INPUT_VALIDFOR: '1h',
  INPUT_VARIABLENAME: 'JOB_PAT',
  INPUT_VERIFY: 'true',
  INPUT_REVOKE: 'afterJob',
  INPUT_ONREVOKEFAILURE: 'warn',
  INPUT_ALLOWUNKNOWNSCOPES: 'false',
};

const REVOKE = {
  INPUT_WHATIF: 'false',
  INPUT_AS: 'issuer',
  INPUT_ONREVOKEFAILURE: 'warn',
  INPUT_INCLUDEFOREIGN: 'false',
};

/** PATs of jobs of so many runs that have ended. @returns their authorization ids */
function seedJobPats(emulator: Emulator, pats: number, runs: number): string[] {
  const yesterday = new Date(Date.now() - DAY);
  const first = Math.max(0, ...emulator.runs.all.map(({ id }) => id)) + 1;
  for (let id = first; id < first + runs; id++) {
    const jobs = [{ id: JOB, state: 'completed', finishTime: yesterday } as const];
    emulator.runs.addBuild({ id, projectId: PROJECT, status: 'completed', finishTime: yesterday, jobs });
  }
  const seeds = Array.from({ length: pats }, (_, index): PatSeed => {
    const nonce = index.toString(16).padStart(8, '0');
    return {
      organization: 'contoso',
      displayName: `Benchmark job-pat:build/${PROJECT}/${first + (index % runs)}/${JOB.slice(0, 8)}/${nonce}`,
      validFrom: yesterday,
    };
  });
  return emulator.pats.seed(seeds).map(({ authorizationId }) => authorizationId);
}

const audits = new WeakMap<Emulator, Environment>();

/** Nothing is changed by it, so one organization serves every run. */
function auditOf(emulator: Emulator, pats: number, users: number): Environment {
  const audit = audits.get(emulator) ?? newAudit(emulator, pats, users);
  audits.set(emulator, audit);
  return audit;
}

function newAudit(emulator: Emulator, pats: number, users: number): Environment {
  const administrator = emulator.entra.addUser({
    principalName: `admin-${emulator.pats.version}@contoso.example`,
    administrator: true,
  });
  const owners = Array.from({ length: users - 2 }, () => emulator.entra.addUser({}));
  const now = Date.now();
  emulator.pats.seed(
    Array.from({ length: pats }, (_, index): PatSeed => {
      const owner = owners[index % owners.length];
      return {
        organization: 'contoso',
        ...(owner === undefined ? {} : { owner }),
        displayName: `Benchmark ${index}`,
        scope: index % 7 === 0 ? 'vso.code_write vso.packaging' : 'vso.code',
        validFrom: new Date(now - (index % 200) * DAY),
        validTo: new Date(now + ((index % 120) + 10) * DAY),
      };
    }),
  );
  const token = emulator.entra.issueAccessToken({ user: administrator, scopes: ['user_impersonation'] });
  return {
    INPUT_PATISSUER: '',
    INPUT_WHOSE: 'organization',
    INPUT_ADMINTOKEN: token.value,
    INPUT_ORGANIZATION: CLOUD,
    INPUT_FAILON: 'never',
    INPUT_PEOPLE: 'names',
  };
}

const PER_GROUP = 4;

/** Runs of an earlier step may have brought it. */
function addProject(emulator: Emulator): void {
  try {
    emulator.projects.add('contoso', { id: PROJECT, name: 'benchmark' });
  } catch (error) {
    if (!String(error).includes('already')) throw error;
  }
}

async function rotationOf(emulator: Emulator, folder: string, entries: number): Promise<Environment> {
  const plan = join(folder, 'plan.yml');
  const mark = String(emulator.pats.version);
  addProject(emulator);
  for (let group = 0; group < entries / PER_GROUP; group++)
    emulator.variableGroups.add({ name: `g${mark}-${group}`, projects: [PROJECT] });
  const lines = Array.from(
    { length: entries },
    (_, index) =>
      `- { name: Benchmark ${mark} ${index}, variableGroup: g${mark}-${Math.floor(index / PER_GROUP)}, variableName: PAT_${index} }`,
  );
  await writeFile(plan, `pats:\n${lines.join('\n')}\n`);
  return {
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
    INPUT_PLAN: plan,
  };
}
