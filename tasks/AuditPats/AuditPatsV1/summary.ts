import { countOf } from '#text/count';
import { formatMoment } from '#text/lifetime';
import { counting, type Finding, type Inventory, type InventoryPat } from './inventory.js';
import { markdownText } from './formats.js';
import { severities } from './rules.js';

const MOST_ROWS = 50;
const MOST_NAMED = 20;
const SIGNS = { error: '🔴 error', warning: '🟠 warning', note: '🔵 note' } as const;

/** What the run shows: how it stands, what is worst, and what to do. */
export function summaryOf(inventory: Inventory): string {
  return [
    headline(inventory),
    incomplete(inventory),
    whatToDo(inventory),
    worst(inventory),
    exceptions(inventory),
    `<sub>Read ${markdownText(formatMoment(new Date(inventory.readAt)))}. Every PAT is in the files that this step left, and on the tab PATs.</sub>`,
  ]
    .filter(part => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** How it stands, in one line. */
export function standing({ counts }: Inventory): string {
  const { error, warning, note, excepted } = counts;
  const findings = [countOf(error, 'error'), countOf(warning, 'warning'), countOf(note, 'note')].join(', ');
  return excepted === 0 ? findings : `${findings}, ${excepted} excepted`;
}

function headline(inventory: Inventory): string {
  const { counts, whose, organizations } = inventory;
  const owners = whose === 'issuer' ? 'of the issuing user' : `of ${countOf(counts.users, 'user')}`;
  const where = organizations.map(name => markdownText(name)).join(', ');
  return [
    `**${standing(inventory)}**`,
    '',
    `${countOf(counts.pats, 'PAT')} ${owners} in ${where}: ${counts.active} active, ${counts.expired} expired, ${counts.revoked} revoked.`,
  ].join('\n');
}

function incomplete({ missing }: Inventory): string {
  if (missing.length === 0) return '';
  return [
    '### ⚠️ This audit is not complete',
    '',
    'What is missing may hold anything; run again, or repair what is named here.',
    '',
    ...missing
      .slice(0, MOST_NAMED)
      .map(
        ({ organization, user, reason }) =>
          `- ${markdownText(organization)}${user === null ? '' : `, ${markdownText(user)}`}: ${markdownText(reason, 300)}`,
      ),
    ...(missing.length > MOST_NAMED ? [`- and ${missing.length - MOST_NAMED} more, see inventory.json`] : []),
  ].join('\n');
}

function whatToDo({ rules, counts, general }: Inventory): string {
  const fired = rules
    .map(rule => ({ ...rule, count: counts.byRule[rule.id] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.count - a.count);
  if (fired.length === 0 && general.length === 0) return 'No rule found anything.';
  return table(
    ['', 'Finding', 'PATs', 'What to do'],
    [
      ...fired.map(({ id, title, severity, count, repair }) => [
        SIGNS[severity],
        `${title} (\`${id}\`)`,
        String(count),
        repair,
      ]),
      ...(general.length === 0
        ? []
        : [
            [
              SIGNS.warning,
              'Exception past its end (`exception-expired`)',
              '',
              `Prolong it with a reason, or delete it: ${countOf(general.length, 'exception')} below.`,
            ],
          ]),
    ],
  );
}

function worst({ pats, whose, organizations }: Inventory): string {
  const found = pats.filter(pat => counting(pat).length > 0);
  if (found.length === 0) return '';
  const several = organizations.length > 1;
  const head = [
    '',
    'What is wrong',
    'PAT',
    ...(whose === 'issuer' ? [] : ['User']),
    ...(several ? ['Organization'] : []),
    'Scopes',
    'Ends',
  ];
  const rows = found
    .slice(0, MOST_ROWS)
    .map(pat => [
      SIGNS[counting(pat)[0]?.severity ?? 'note'],
      reason(counting(pat)),
      nameOf(pat),
      ...(whose === 'issuer' ? [] : [markdownText(pat.user?.principalName ?? '', 64)]),
      ...(several ? [markdownText(pat.organization)] : []),
      scopes(pat.scope),
      pat.validTo === null ? '' : markdownText(formatMoment(new Date(pat.validTo))),
    ]);
  const rest =
    found.length > MOST_ROWS ? `\n\nand ${countOf(found.length - MOST_ROWS, 'more PAT')} with findings.` : '';
  return `### Worst first\n\n${table(head, rows)}${rest}`;
}

function nameOf({ displayName, authorizationId }: InventoryPat): string {
  const name = markdownText(displayName, 100);
  return name === '' ? `\`${authorizationId}\`` : name;
}

/** The findings in their words, each rule by its name: a reader looks for what they have in common. */
function reason(findings: readonly Finding[]): string {
  return findings.map(({ rule, message }) => `\`${rule}\`: ${markdownText(message, 300)}`).join('<br>');
}

/** A scope is code; what is none is text from outside. */
function scopes(scope: string): string {
  const words = scope.split(' ').filter(word => word !== '');
  const shown = words
    .slice(0, 6)
    .map(word => (/^[\w.]{1,64}$/.test(word) ? `\`${word}\`` : markdownText(word, 64)));
  return words.length > 6 ? `${shown.join(' ')} and ${words.length - 6} more` : shown.join(' ');
}

function exceptions({ exceptions }: Inventory): string {
  if (exceptions.length === 0) return '';
  const rows = exceptions
    .slice(0, MOST_ROWS)
    .map(({ name, rules, reason, until, expired, uses }) => [
      markdownText(name),
      rules.length === 0 ? 'every rule' : rules.map(id => `\`${id}\``).join(' '),
      markdownText(reason, 200),
      expired ? `**${until}, no longer counts**` : until,
      String(uses),
    ]);
  return `### Exceptions\n\n${table(['Names', 'Rules', 'Reason', 'Until', 'Findings covered'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
