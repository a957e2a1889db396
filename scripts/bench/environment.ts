import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from '#emulator/index';

const CONNECTION = '3f6f4a5e-7a54-4c3c-9f0e-2f9a4b1f8f10';

/** The project and job that a measured step is part of. */
export const PROJECT = '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c';
export const JOB = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';

/**
 * What the agent gives every step that names the service connection as `patIssuer`: in contoso, and without the
 * variables that no stage reads.
 */
export async function stepEnvironment(emulator: Emulator): Promise<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    AGENT_VERSION: '4.265.0',
    AGENT_TEMPDIRECTORY: await mkdtemp(join(tmpdir(), 'job-pat-bench-')),
    SYSTEM_HOSTTYPE: 'build',
    SYSTEM_TEAMPROJECTID: PROJECT,
    SYSTEM_JOBID: JOB,
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: `${emulator.organizationUrl('contoso')}/`,
    BUILD_BUILDID: '4711',
    BUILD_DEFINITIONNAME: 'Benchmark',
    BUILD_BUILDNUMBER: '1',
    [`ENDPOINT_URL_${CONNECTION}`]: emulator.organizationUrl('contoso'),
    ENDPOINT_URL_SYSTEMVSSCONNECTION: emulator.organizationUrl('contoso'),
    [`ENDPOINT_AUTH_${CONNECTION}`]: JSON.stringify({
      scheme: 'Token',
      parameters: { apitoken: emulator.entra.refreshToken },
    }),
    [`ENDPOINT_DATA_${CONNECTION}`]: JSON.stringify({
      tenantId: emulator.entra.tenantId,
      clientId: emulator.entra.clientId,
      authorityUrl: emulator.url,
      maxRotatedLifetime: '30d',
    }),
    // As an older version of the tasks reads them, which is measured beside today's.
    [`ENDPOINT_AUTH_SCHEME_${CONNECTION}`]: 'Token',
    [`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_APITOKEN`]: emulator.entra.refreshToken,
    [`ENDPOINT_DATA_${CONNECTION}_TENANTID`]: emulator.entra.tenantId,
    [`ENDPOINT_DATA_${CONNECTION}_CLIENTID`]: emulator.entra.clientId,
    [`ENDPOINT_DATA_${CONNECTION}_AUTHORITYURL`]: emulator.url,
    INPUT_PATISSUER: CONNECTION,
  };
}
