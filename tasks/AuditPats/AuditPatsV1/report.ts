import { countOf } from '#text/count';
import type { Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { formatLifetime, formatMoment, MINUTE } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { plainTable } from '#text/table';
import { counting, type Inventory, type Missing } from './inventory.js';
import type { ReportFiles } from './write-reports.js';
import type { AuditRequest } from './request.js';
import { standing } from './summary.js';

const MOST_ROWS = 100;
const MOST_NAMED = 20;
/** The service keeps ten warnings of a step. */
const MOST_WARNED = 8;

/** The table, the counts, and how the step ends. */
export function report(
  inventory: Inventory,
  files: ReportFiles,
  { failOn, warnBefore }: Pick<AuditRequest, 'failOn' | 'warnBefore'>,
  { agent, clock }: Effects,
): TaskOutcome | undefined {
  const { counts, missing, general } = inventory;
  const found = inventory.pats.filter(pat => counting(pat).length > 0);
  if (found.length > 0) agent.info(tableOf(inventory, found.slice(0, MOST_ROWS)));
  if (found.length > MOST_ROWS)
    agent.info(`and ${countOf(found.length - MOST_ROWS, 'more PAT')} with findings.`);
  for (const { message } of general) agent.info(sanitize(message));

  agent.setOutput('patCount', String(counts.pats));
  agent.setOutput('activeCount', String(counts.active));
  agent.setOutput('errorCount', String(counts.error));
  agent.setOutput('warningCount', String(counts.warning));
  agent.setOutput('noteCount', String(counts.note));
  agent.setOutput('exceptedCount', String(counts.excepted));
  agent.setOutput('missingCount', String(counts.missing));
  agent.info(
    `${countOf(counts.pats, 'PAT')}: ${counts.active} active, ${counts.expired} expired, ${counts.revoked} revoked. ${standing(inventory)}.`,
  );
  agent.info(`Inventory: ${files.inventory}`);
  agent.info(`CSV:       ${files.csv}`);
  agent.info(`SARIF:     ${files.sarif}`);

  if (warnBefore !== undefined) warnAhead(inventory, clock.now(), warnBefore, agent);

  const reached = reachedBy(inventory, failOn);
  if (reached === undefined && missing.length === 0) return undefined;
  const lines = [
    ...(reached === undefined ? [] : [`${reached} [audit-findings]`]),
    ...(missing.length === 0 ? [] : [`${notComplete(missing)} [audit-incomplete]`]),
  ];
  return { result: failOn === 'never' ? 'SucceededWithIssues' : 'Failed', message: lines.join('\n') };
}

/**
 * An issue of the run for each PAT that ends soon: the run's page and the service's notifications show it. Those of jobs are
 * meant to end.
 */
function warnAhead({ pats }: Inventory, now: Date, ahead: number, agent: Effects['agent']): void {
  const near = pats
    .filter(({ state, origin }) => state === 'active' && origin !== 'job')
    .flatMap(pat => (pat.validTo === null ? [] : [{ ...pat, end: Date.parse(pat.validTo) }]))
    .filter(({ end }) => end - now.getTime() <= ahead)
    .sort((a, b) => a.end - b.end);
  for (const { displayName, authorizationId, organization, user, end } of near.slice(0, MOST_WARNED)) {
    const name = sanitize(displayName === '' ? authorizationId : displayName, 128);
    const whose = user === null ? '' : ` of ${sanitize(user.principalName, 100)}`;
    agent.warning(
      `PAT "${name}"${whose} in ${sanitize(organization, 50)} ends ${formatMoment(new Date(end))}, in ${formatLifetime(Math.max(0, Math.ceil((end - now.getTime()) / MINUTE) * MINUTE))}.`,
    );
  }
  if (near.length > MOST_WARNED)
    agent.warning(
      `${countOf(near.length - MOST_WARNED, 'more PAT ends', 'more PATs end')} within ${formatLifetime(ahead)}.`,
    );
}

function reachedBy({ counts }: Inventory, failOn: AuditRequest['failOn']): string | undefined {
  const found = failOn === 'never' ? 0 : counts.error + (failOn === 'warning' ? counts.warning : 0);
  if (found === 0) return undefined;
  const warnings = failOn === 'warning' ? ` and ${countOf(counts.warning, 'warning')}` : '';
  return `The audit found ${countOf(counts.error, 'error')}${warnings}, and failOn is ${failOn}. Do what the summary says for each, or add an exception with reason and end to the rules file.`;
}

/** A part that was not read may hold anything: the step does not pass as complete. */
function notComplete(missing: readonly Missing[]): string {
  const lines = missing
    .slice(0, MOST_NAMED)
    .map(
      ({ organization, user, reason }) =>
        `- ${sanitize(organization)}${user === null ? '' : `, ${sanitize(user, 100)}`}: ${sanitize(reason)}`,
    );
  const more = missing.length > MOST_NAMED ? [`- and ${missing.length - MOST_NAMED} more.`] : [];
  return ['The audit is not complete:', ...lines, ...more, 'Run again, or repair what is named.'].join('\n');
}

function tableOf({ whose, organizations }: Inventory, pats: Inventory['pats']): string {
  const several = organizations.length > 1;
  const head = [
    'severity',
    'name',
    ...(whose === 'issuer' ? [] : ['user']),
    'scopes',
    'until',
    'findings',
    ...(several ? ['organization'] : []),
  ];
  const rows = pats.map(pat => [
    counting(pat)[0]?.severity ?? '',
    sanitize(pat.displayName === '' ? pat.authorizationId : pat.displayName, 80),
    ...(whose === 'issuer' ? [] : [sanitize(pat.user?.principalName ?? '', 40)]),
    sanitize(pat.scope, 60),
    pat.validTo === null ? '' : formatMoment(new Date(pat.validTo)),
    counting(pat)
      .map(({ rule }) => rule)
      .join(', '),
    ...(several ? [sanitize(pat.organization, 50)] : []),
  ]);
  return plainTable(head, rows);
}
