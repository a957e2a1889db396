import { DEFAULT_AUTHORITY } from '../../tasks/common/inputs/issuer-connection.js';
import { asText } from '../../tasks/common/text/json.js';
import { outsideText } from '../../tasks/common/text/outside-text.js';
import type { Terminal } from '../terminal.js';
import type { MadeConnection } from './make-connection.js';
import type { ConnectRequest } from './request.js';

/** What was made, and what is left for a person to do. */
export function reportConnection(
  { home, name }: ConnectRequest,
  { how, id, project, data }: MadeConnection,
  terminal: Terminal,
): void {
  const { bold, dim, green } = terminal.colors.out;
  const field = (key: string) => outsideText(asText(data[key]) ?? '', 200);
  const page = `${home.url}/${encodeURIComponent(project.name)}/_settings/adminservices${id === undefined ? '' : `?resourceId=${id}`}`;
  const rows: (readonly [string, string])[] = [
    ['organization', home.url],
    ['project', outsideText(project.name, 80)],
    ['tenant', field('tenantId')],
    ['application', field('clientId')],
    ...(field('authorityUrl') === DEFAULT_AUTHORITY ? [] : [['authority', field('authorityUrl')] as const]),
    ['scopes', field('allowedScopes') || 'every scope but full access'],
    ['lifetime', field('maxLifetime') || '24h'],
    ['organizations', field('allowedOrganizations') || home.name],
    ...(id === undefined ? [] : [['id', id] as const]),
  ];
  terminal.print(
    [
      `${green('✓')} Service connection ${bold(outsideText(name, 256))} ${how}.`,
      '',
      ...rows.map(([label, value]) => `    ${dim(label.padEnd(15))}${value}`),
      '',
      'Whoever may use it can have PATs of this user. Permit single pipelines, and add approvals and checks:',
      `    ${page}`,
      '',
      'Use it in a job:',
      '    - task: IssuePat@1',
      '      inputs:',
      `        patIssuer: ${outsideText(name, 256)}`,
      '        scopes: vso.code',
      '',
      'Its refresh token ends 90 days from now, unless a scheduled pipeline renews it with RenewPatIssuer@1.',
    ].join('\n'),
  );
}
