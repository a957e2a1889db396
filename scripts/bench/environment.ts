import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from '../../emulator/index.js';

/** One stage of a task to measure. */
export interface MeasuredStage {
  readonly what: string;
  readonly script: string;
  /** Ratio to an empty process. */
  readonly budget: number;
  /** Makes the environment of one run; for the post-job step that issues the PAT to revoke. */
  readonly prepare: () => Promise<Record<string, string>>;
}

const CONNECTION = '3f6f4a5e-7a54-4c3c-9f0e-2f9a4b1f8f10';

/** The stages of IssuePat, in an environment as the agent gives it, but without the variables no stage reads. */
export async function issuePatEnvironment(emulator: Emulator, folder: string): Promise<MeasuredStage[]> {
  const temp = await mkdtemp(join(tmpdir(), 'job-pat-bench-'));
  const base = {
    PATH: process.env['PATH'] ?? '',
    AGENT_VERSION: '4.265.0',
    AGENT_TEMPDIRECTORY: temp,
    SYSTEM_HOSTTYPE: 'build',
    SYSTEM_TEAMPROJECTID: '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c',
    SYSTEM_JOBID: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: `${emulator.organizationUrl('contoso')}/`,
    BUILD_BUILDID: '4711',
    BUILD_DEFINITIONNAME: 'Benchmark',
    BUILD_BUILDNUMBER: '1',
    [`ENDPOINT_URL_${CONNECTION}`]: emulator.organizationUrl('contoso'),
    [`ENDPOINT_AUTH_SCHEME_${CONNECTION}`]: 'Token',
    [`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_APITOKEN`]: emulator.entra.refreshToken,
    [`ENDPOINT_DATA_${CONNECTION}_TENANTID`]: emulator.entra.tenantId,
    [`ENDPOINT_DATA_${CONNECTION}_CLIENTID`]: emulator.entra.clientId,
    [`ENDPOINT_DATA_${CONNECTION}_AUTHORITYURL`]: emulator.url,
    INPUT_PATISSUER: CONNECTION,
    INPUT_SCOPES: 'vso.code',
    INPUT_VALIDFOR: '1h',
    INPUT_VARIABLENAME: 'JOB_PAT',
    INPUT_VERIFY: 'false',
    INPUT_REVOKE: 'afterJob',
    INPUT_ONREVOKEFAILURE: 'warn',
    INPUT_ALLOWUNKNOWNSCOPES: 'false',
  };
  const main = join(folder, 'main.js');
  return [
    {
      what: 'IssuePat, verify: false',
      script: main,
      budget: 2.2,
      prepare: () => Promise.resolve(base),
    },
    {
      what: 'IssuePat, verify: true',
      script: main,
      budget: 2.2,
      prepare: () => Promise.resolve({ ...base, INPUT_VERIFY: 'true' }),
    },
    {
      what: 'post-job revoke',
      script: join(folder, 'post.js'),
      budget: 2.1,
      prepare: () => Promise.resolve({ ...base, ...leftByMain(emulator) }),
    },
  ];
}

/** The task variables that the main step would have left for a PAT of its own. */
function leftByMain(emulator: Emulator): Record<string, string> {
  const validTo = new Date(Date.now() + 3_600_000);
  const displayName = 'Benchmark job-pat:build/6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c/4711/12f1170f/00000000';
  const [pat] = emulator.pats.seed([{ organization: 'contoso', displayName, scope: 'vso.code', validTo }]);
  if (pat === undefined) throw new Error('The emulator seeded no PAT.');
  const record = [
    {
      organization: emulator.organizationUrl('contoso'),
      displayName,
      validTo: validTo.toISOString(),
      authorizationId: pat.authorizationId,
    },
  ];
  return {
    VSTS_TASKVARIABLE_JOBPAT_RECORD: JSON.stringify(record),
    VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN: emulator.entra.issueAccessToken().value,
    VSTS_TASKVARIABLE_JOBPAT_ENTRATOKENEXPIRES: validTo.toISOString(),
  };
}
