import { counting, type Inventory } from './inventory.js';
import { csvField } from './formats.js';

const HEAD = [
  'severity',
  'findings',
  'excepted',
  'displayName',
  'organization',
  'user',
  'state',
  'scope',
  'validFrom',
  'validTo',
  'allOrganizations',
  'origin',
  'run',
  'runState',
  'authorizationId',
];

/** One line for each PAT, worst first; lines end as RFC 4180 says. */
export function csvOf({ pats }: Inventory): string {
  const rows = pats.map(pat => {
    const counted = counting(pat);
    const excepted = pat.findings.filter(({ exception }) => exception !== undefined);
    return [
      counted[0]?.severity ?? '',
      counted.map(({ rule }) => rule).join(' '),
      excepted.map(({ rule }) => rule).join(' '),
      pat.displayName,
      pat.organization,
      pat.user?.principalName ?? '',
      pat.state,
      pat.scope,
      pat.validFrom ?? '',
      pat.validTo ?? '',
      String(pat.allOrganizations),
      pat.origin,
      pat.run === null ? '' : `${pat.run.host} ${pat.run.runId}`,
      pat.run?.state ?? '',
      pat.authorizationId,
    ];
  });
  return [HEAD, ...rows].map(row => `${row.map(csvField).join(',')}\r\n`).join('');
}
