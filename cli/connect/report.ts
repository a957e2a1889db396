import { DEFAULT_AUTHORITY } from '../../tasks/common/inputs/issuer-connection.js';
import { asText } from '#text/json';
import { sanitize } from '#text/sanitize';
import { columnsOf, hanging, wrapped } from '../screen-text.js';
import type { Terminal } from '../terminal.js';
import { EVERY_SCOPE, NO_ROTATION } from './ceiling-options.js';
import type { MadeConnection } from './make-connection.js';
import type { ConnectRequest } from './request.js';
import { yamlText } from './yaml-text.js';

/** What was made, and what is left for a person to do. */
export function reportConnection(
  { home, name }: ConnectRequest,
  { how, id, project, data }: MadeConnection,
  terminal: Terminal,
): void {
  const { bold, dim, green } = terminal.colors.out;
  const { width } = terminal;
  const field = (key: string) => sanitize(asText(data[key]) ?? '', 2_000);
  const rows: (readonly [string, string])[] = [
    ['organization', home.url],
    ['project', sanitize(project.name, 80)],
    ['tenant', field('tenantId')],
    ['application', field('clientId')],
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
      wrapped(
        'Its refresh token ends 90 days from now, unless a scheduled pipeline renews it with RenewPatIssuer@1.',
        width,
      ),
    ].join('\n'),
  );
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
