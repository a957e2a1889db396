import { azureDevOpsResource } from '#emulator/entra/directory';
import type { Emulator } from '#emulator/index';
import type { ProvingJob } from './proof.js';

/** A command to paste into a terminal, and what it brings. */
export interface Command {
  readonly brings: string;
  readonly text: string;
}

export type Shell = 'bash' | 'powershell';

/** Three commands that use a running emulator: a token of Entra, a PAT made with it, and a run of the local agent. */
export function commandsFor(
  emulator: Emulator,
  organization: string,
  shell: Shell,
  job?: ProvingJob,
): readonly [token: Command, pat: Command, agent: Command] {
  const write = shell === 'bash' ? bash : powershell;
  const [token, pat] = write(emulator, organization, job);
  return [
    { brings: 'A token of Entra for the issuing user', text: token },
    { brings: 'With it, a PAT', text: pat },
    {
      brings: 'A run of the local agent',
      text: `npm run agent -- examples/quickstart.yml --emulator ${emulator.url}`,
    },
  ];
}

const BODY = '{"displayName":"my first","scope":"vso.code"}';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function fieldsOf({ entra }: Emulator): [name: string, value: string][] {
  return [
    ['grant_type', 'refresh_token'],
    ['client_id', entra.clientId],
    ['scope', `${azureDevOpsResource}/.default`],
    ['refresh_token', entra.refreshToken],
    ...(entra.clientSecret === undefined ? [] : [['client_secret', entra.clientSecret] as [string, string]]),
  ];
}

function isProven({ entra }: Emulator): boolean {
  return !entra.application.isPublic && entra.clientSecret === undefined;
}

function proofUrl({ requestUri, connection }: ProvingJob): string {
  return `${requestUri}?api-version=7.1&serviceConnectionId=${connection.id}`;
}

function bash(emulator: Emulator, organization: string, job?: ProvingJob): [token: string, pat: string] {
  const proven = isProven(emulator) ? job : undefined;
  const member = (name: string) => `node -pe 'JSON.parse(require("fs").readFileSync(0)).${name}'`;
  const proof =
    proven === undefined
      ? []
      : [
          [
            `PROOF=$(curl -s -X POST -d '' -H 'Authorization: Bearer ${proven.token}'`,
            `'${proofUrl(proven)}'`,
            `| ${member('oidcToken')})`,
          ].join(' \\\n  '),
        ];
  const fields = fieldsOf(emulator).map(([name, value]) => `-d ${name}=${word(value)}`);
  const assertion =
    proven === undefined
      ? []
      : [`-d client_assertion_type=${ASSERTION_TYPE}`, '-d client_assertion="$PROOF"'];
  return [
    [
      ...proof,
      [
        `TOKEN=$(curl -s ${tokenUrl(emulator)}`,
        ...[...fields, ...assertion],
        `| ${member('access_token')})`,
      ].join(' \\\n  '),
      'echo "A token of ${#TOKEN} letters"',
    ].join('\n'),
    [
      `curl -s '${patUrl(emulator, organization)}'`,
      `-H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json'`,
      `-d '${BODY}'`,
    ].join(' \\\n  '),
  ];
}

function word(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `'${encodeURIComponent(value).replaceAll("'", '%27')}'`;
}

function powershell(
  emulator: Emulator,
  organization: string,
  job?: ProvingJob,
): [token: string, pat: string] {
  const proven = isProven(emulator) ? job : undefined;
  const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const proof =
    proven === undefined
      ? []
      : [
          `$headers = @{ Authorization = 'Bearer ${proven.token}' }`,
          `$proof = (Invoke-RestMethod -Method Post -Headers $headers -Uri '${proofUrl(proven)}').oidcToken`,
        ];
  const assertion =
    proven === undefined
      ? []
      : [`  client_assertion_type = '${ASSERTION_TYPE}'`, '  client_assertion = $proof'];
  return [
    [
      ...proof,
      `$token = (Invoke-RestMethod -Method Post -Uri ${tokenUrl(emulator)} -Body @{`,
      ...fieldsOf(emulator).map(([name, value]) => `  ${name} = ${quoted(value)}`),
      ...assertion,
      '}).access_token',
      '"A token of $($token.Length) letters"',
    ].join('\n'),
    [
      '$headers = @{ Authorization = "Bearer $token" }',
      `$body = '${BODY}'`,
      `$url = '${patUrl(emulator, organization)}'`,
      'Invoke-RestMethod -Method Post -Headers $headers -ContentType application/json -Body $body -Uri $url',
    ].join('\n'),
  ];
}

function tokenUrl({ url, entra }: Emulator): string {
  return `${url}/${entra.tenantId}/oauth2/v2.0/token`;
}

function patUrl(emulator: Emulator, organization: string): string {
  return `${emulator.organizationUrl(organization)}/_apis/tokens/pats?api-version=7.1-preview.1`;
}
