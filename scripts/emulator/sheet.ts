import type { Colors } from 'picocolors/types.js';
import type { AgentIdentity, Emulator, RequestRecord, Violation } from '#emulator/index';
import { commandsFor } from './commands.js';
import type { ProvingJob } from './proof.js';

type Row = readonly [label: string, ...values: string[]];

/** What a person needs to know to use a running emulator, as text for a terminal. */
export function sheet(
  emulator: Emulator,
  organizations: readonly string[],
  colors: Colors,
  job?: ProvingJob,
  agent?: AgentIdentity,
): string {
  const { entra, url } = emulator;
  const [first = ''] = organizations;
  const places: Row[] = [
    ['Organizations', ...organizations.map(name => emulator.organizationUrl(name))],
    ['Git repository', emulator.gitUrl(first)],
    ['npm registry', emulator.npmRegistryUrl(first), colors.dim(`has ${emulator.packageName}`)],
    ['Entra tokens', `${url}/${entra.tenantId}/oauth2/v2.0/token`],
  ];
  const connection: Row[] = [
    ['Organization URL', emulator.organizationUrl(first)],
    ['Entra authority', url],
    ['Tenant id', entra.tenantId],
    ['Client id', entra.clientId],
    ...(entra.clientSecret === undefined ? [] : [['Client secret', entra.clientSecret] as const]),
    ['Refresh token', entra.refreshToken],
    ...(job === undefined || entra.application.isPublic ? [] : [['Client proof', 'federation'] as const]),
  ];
  const proof: Row[] =
    job === undefined
      ? []
      : [
          ['Connection id', job.connection.id],
          ['OIDC request URI', job.requestUri],
          ['Job token', job.token],
          ['Issuer', job.federatedCredentials[0]?.issuer ?? ''],
          ['Subject', job.federatedCredentials[0]?.subject ?? ''],
        ];
  const agentUser: Row[] =
    agent === undefined
      ? []
      : [
          ['Blueprint', agent.blueprint.clientId],
          ['Agent identity', agent.id],
          ["Agent's user", agent.user.principalName],
        ];
  return [
    '',
    `  ${colors.bold('Azure DevOps and Entra on this machine')}   ${colors.cyan(url)}`,
    '',
    ...rows(places, colors),
    '',
    `  ${colors.bold('Service connection')}   ${colors.dim(`${entra.user.displayName}, ${entra.user.principalName}`)}`,
    '',
    ...rows(connection, colors),
    '',
    ...section('OIDC token of the connection', proof, colors),
    ...section("Agent's user", agentUser, colors),
    `  ${colors.bold('Three commands to try in another terminal')}`,
    '',
    ...commandsFor(emulator, first, process.platform === 'win32' ? 'powershell' : 'bash', job).flatMap(
      ({ brings, text }) => [
        `  ${colors.dim(`# ${brings}`)}`,
        ...text.split('\n').map(line => `  ${line}`),
        '',
      ],
    ),
    `  ${colors.dim(`The same, the examples and all routes: ${url}`)}`,
    `  ${colors.dim(
      emulator.checksContract
        ? 'Requests for PATs are compared with the OpenAPI documents of Azure DevOps.'
        : 'No OpenAPI documents found: requests are not compared with them.',
    )}`,
    `  ${colors.dim('Everything is forgotten at the end. Stop with Ctrl+C.')}`,
    '',
    colors.dim(`  ${columns('time', 'status', 'operation', 'organization', 'took')}`),
    '',
  ].join('\n');
}

/** One request as one line. */
export function requestLine(request: RequestRecord, colors: Colors): string {
  const { operation, organization = '', duration = 0, connection } = request;
  const status = connection === 'answered' ? String(request.status ?? '') : 'cut';
  const paint =
    status === 'cut' || status.startsWith('5')
      ? colors.red
      : status.startsWith('2')
        ? colors.green
        : colors.yellow;
  const note = operation === 'unknown' ? `${request.method} ${request.path}` : explanation(request);
  const line = columns(
    request.time.toTimeString().slice(0, 8),
    status,
    operation,
    organization,
    `${Math.round(duration)} ms`,
  );
  // Colour comes last: it would count as width.
  const painted = line.replace(status, paint(status));
  return `  ${note === '' ? painted.trimEnd() : `${painted}${colors.dim(note)}`}`;
}

/** What a request or its answer has against the contract, as one line below that of the request. */
export function violationLine({ side, problem }: Violation, colors: Colors): string {
  return `  ${' '.repeat(18)}${colors.red(`${side} against the contract:`)} ${problem}`;
}

function explanation({ connection, fault }: RequestRecord): string {
  const cut =
    connection === 'cutByClient'
      ? 'the client left'
      : connection === 'cutByServer'
        ? 'the connection was reset'
        : '';
  return [cut, fault ?? ''].filter(text => text !== '').join(', ');
}

function columns(
  time: string,
  status: string,
  operation: string,
  organization: string,
  took: string,
): string {
  return [
    cell(time, 10),
    cell(status, 8),
    cell(operation, 24),
    cell(organization, 14),
    took.padStart(8),
    '  ',
  ].join('');
}

/** A cell with a blank behind it, also when its text is longer than its column. */
function cell(text: string, width: number): string {
  return `${text} `.padEnd(width);
}

function section(title: string, table: readonly Row[], colors: Colors): string[] {
  return table.length === 0 ? [] : [`  ${colors.bold(title)}`, '', ...rows(table, colors), ''];
}

/** Columns of a terminal, as far as one counts on them. */
const WIDTH = 80;

/** Labels with their values beside them, or below where there is no room for one. */
function rows(table: readonly Row[], colors: Colors): string[] {
  return table.flatMap(([label, ...values]) =>
    values.flatMap((value, index) => {
      const shown = index === 0 ? label : '';
      if (22 + value.length <= WIDTH) return [`    ${colors.dim(shown.padEnd(18))}${value}`];
      return [...(shown === '' ? [] : [`    ${colors.dim(shown)}`]), `      ${value}`];
    }),
  );
}
