import { DEFAULT_AUTHORITY } from '#entra/authority';
import { asText } from '#text/json';
import { sanitize } from '#text/sanitize';
import { columnsOf, hanging, wrapped } from '../screen-text.js';
import type { Terminal } from '../terminal.js';
import { EVERY_SCOPE, NO_ROTATION } from './ceiling-options.js';
import { removeSecretCommand, trustCommand } from './federated-registration.js';
import type { MadeConnection } from './make-connection.js';
import type { RegistrationRequest } from './registration-request.js';
import type { ConnectRequest } from './request.js';
import { yamlText } from './yaml-text.js';

/**
 * What was made, and what is left for a person to do.
 *
 * @param organizationId where it was asked for, and told
 */
export async function reportConnection(
  request: ConnectRequest,
  { how, id, project, data }: MadeConnection,
  organizationId: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const { home, name } = request;
  const { bold, dim, green } = terminal.colors.out;
  const { width } = terminal;
  const field = (key: string) => sanitize(asText(data[key]) ?? '', 2_000);
  const rows: (readonly [string, string])[] = [
    ['organization', home.url],
    ['project', sanitize(project.name, 80)],
    ['tenant', field('tenantId')],
    [request.signIn.kind === 'agent-user' ? 'blueprint' : 'application', field('clientId')],
    ...signInRows(request),
    ...(field('authorityUrl') === DEFAULT_AUTHORITY ? [] : [['authority', field('authorityUrl')] as const]),
    ['scopes', spokenScopes(field('allowedScopes'))],
    ['lifetime', field('maxLifetime')],
    ['rotation', spokenRotation(field('maxRotatedLifetime'))],
    ['organizations', field('allowedOrganizations')],
    ...(id === undefined ? [] : [['id', id] as const]),
  ];
  terminal.print(
    [
      wrapped(`${green('✓')} Service connection ${bold(sanitize(name, 256))} ${how}.`, width),
      '',
      ...rows.map(([label, value]) => hanging(`  ${dim(label.padEnd(14))}`, value, width)),
      '',
      wrapped(
        'Whoever may use it can have PATs of this user. Permit single pipelines, and add approvals and checks:',
        width,
      ),
      pageOf(`${home.url}/${encodeURIComponent(project.name)}/_settings/adminservices`, id, width),
      '',
      'Use it in a job:',
      '    - task: IssuePat@1',
      '      inputs:',
      `        patIssuer: ${yamlText(sanitize(name, 256))}`,
      '        scopes: vso.code',
      '',
      ...(await restOf(request, project.name, field('clientId'), organizationId, width)),
    ].join('\n'),
  );
}

function signInRows({ signIn }: ConnectRequest): (readonly [string, string])[] {
  switch (signIn.kind) {
    case 'refresh-token':
      return [];
    case 'federated':
      return [['proof', 'the OIDC token of this connection; no secret is stored']];
    case 'agent-user':
      return [
        ['agent', signIn.agentIdentityId],
        ['user', signIn.agentUser],
        ['proof', 'the OIDC token of this connection; nothing secret is stored'],
      ];
  }
}

const RENEWAL =
  'Its refresh token ends 90 days from now, unless a scheduled pipeline renews it with RenewPatIssuer@1.';
const ONLY_A_RUN =
  'That Entra takes the proof, only a run can show: examples/doctor.yml issues a PAT for five minutes and revokes it.';

/** What differs from one way to sign in to another. Commands stand on a line of their own, however long. */
async function restOf(
  { signIn, home, name }: ConnectRequest,
  project: string,
  clientId: string,
  organizationId: string | undefined,
  width: number,
): Promise<string[]> {
  switch (signIn.kind) {
    case 'refresh-token':
      return [wrapped(RENEWAL, width)];
    case 'federated':
      return [
        wrapped('Remove the client secret of this sign-in from the application:', width),
        removeSecretCommand(clientId),
        '',
        ...(await trustLines({ home, project, name }, organizationId, clientId, 'application', width)),
        wrapped(`${ONLY_A_RUN} ${RENEWAL}`, width),
      ];
    case 'agent-user':
      return [
        ...(await trustLines({ home, project, name }, organizationId, clientId, 'blueprint', width)),
        wrapped(`Preview. ${ONLY_A_RUN}`, width),
      ];
  }
}

async function trustLines(
  place: RegistrationRequest,
  organizationId: string | undefined,
  clientId: string,
  kind: 'application' | 'blueprint',
  width: number,
): Promise<string[]> {
  if (organizationId === undefined)
    return [wrapped(`The ${kind} has to trust this connection; the first run shows how.`, width), ''];
  return [
    wrapped(`The ${kind} has to trust this connection. If it does not yet:`, width),
    await trustCommand(place, organizationId, clientId, kind),
    '',
  ];
}

/** The page of the connection; where its address would break, that of all connections of the project. */
function pageOf(page: string, id: string | undefined, width: number): string {
  const whole = id === undefined ? page : `${page}?resourceId=${id}`;
  return [`  ${whole}`, `  ${page}`].find(line => columnsOf(line) <= width) ?? page;
}

/** The list of all scopes says less than its name. */
export function spokenScopes(scopes: string): string {
  return scopes === '' || scopes === EVERY_SCOPE ? 'every scope but full access' : scopes;
}

export function spokenRotation(lifetime: string): string {
  return lifetime === '' || lifetime === NO_ROTATION ? 'none: it may not rotate' : lifetime;
}
