import type { Emulator } from '#emulator/index';
import { defaultInputs } from './memory-agent.js';
import type { StageEnd } from './stage-process.js';

/** The environment of a step of IssuePat, as the agent writes it. */
export function environmentOf(
  emulator: Emulator,
  connection: string,
  inputs: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const all = { ...defaultInputs(), patIssuer: connection, scopes: 'vso.code', ...inputs };
  return {
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ENDPOINT_URL_SYSTEMVSSCONNECTION: emulator.organizationUrl('contoso'),
    [`ENDPOINT_URL_${connection}`]: emulator.organizationUrl('contoso'),
    [`ENDPOINT_DATA_${connection}`]: JSON.stringify({
      tenantId: emulator.entra.tenantId,
      clientId: emulator.entra.clientId,
      authorityUrl: emulator.url,
    }),
    [`ENDPOINT_AUTH_${connection}`]: JSON.stringify({
      scheme: 'Token',
      parameters: { apitoken: emulator.entra.refreshToken },
    }),
    SYSTEM_HOSTTYPE: 'build',
    SYSTEM_TEAMPROJECTID: 'abababab-1212-4343-8565-787878787878',
    SYSTEM_JOBID: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
    BUILD_BUILDID: '4711',
    BUILD_DEFINITIONNAME: 'Nightly mirror',
  };
}

/** What the agent keeps for a later stage of the same step. */
export function taskVariables({ commands }: StageEnd): Record<string, string> {
  return Object.fromEntries(
    commands
      .filter(({ name }) => name === 'task.settaskvariable')
      .map(({ properties, value }) => [
        `VSTS_TASKVARIABLE_${(properties['variable'] ?? '').replaceAll('.', '_').toUpperCase()}`,
        value,
      ]),
  );
}
