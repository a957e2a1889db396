import { explained } from '#advice/failure';
import type { Effects } from '#agent/effects';
import { formatLifetime, formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { plainTable } from '#text/table';
import { reportPatEvent } from '#pat/report-event';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { TaskOutcome as StepOutcome } from '../../common/run-task.js';
import type { RevocationResult } from './revoke.js';
import { ASKED_FOR, type RevocationPlan } from './plan-revocations.js';
import type { RevokeRequest } from './request.js';

const MOST_ROWS = 500;
const MOST_NAMED = 20;
/** In the run's timeline, which is no place for thousands of records. */
const MOST_TOLD = 100;
/** Failures first: they are what a person has to look at. */
const ORDER = ['failed', 'would be revoked', 'revoked', 'gone already', 'kept'];

/** The table, the counts, and for each PAT that stays though it should not: its end and the reason. */
export function report(
  outcomes: readonly RevocationResult[],
  { unread, doubt }: RevocationPlan,
  { whatIf, onRevokeFailure }: Pick<RevokeRequest, 'whatIf' | 'onRevokeFailure'>,
  { agent, clock }: Effects,
): StepOutcome | undefined {
  const told = onePerPat(outcomes);
  const sorted = [...told].sort((a, b) => ORDER.indexOf(a.done) - ORDER.indexOf(b.done));
  if (sorted.length > 0) agent.info(tableOf(sorted.slice(0, MOST_ROWS), clock.now()));
  const more = sorted.slice(MOST_ROWS);
  if (more.length > 0) agent.info(`and ${more.length} more: ${reasonsOf(more, rowReason)}.`);
  const unclear = told.filter(outcome => outcome.unclear === true);
  if (unclear.length > 0) {
    agent.warning(
      `Nobody can tell whether the jobs of these PATs have ended, so they stay: ${reasonsOf(unclear, ({ why }) => why, 600)}.`,
    );
  }

  for (const outcome of told.filter(changed).slice(0, MOST_TOLD)) tellLifeOf(outcome, agent);

  const count = (...done: string[]) => told.filter(outcome => done.includes(outcome.done)).length;
  const failed = told.flatMap(outcome => (outcome.done === 'failed' ? [outcome] : []));
  const revoked = count('revoked', 'gone already');
  agent.setOutput('revokedCount', String(revoked));
  agent.setOutput('keptCount', String(count('kept', 'would be revoked')));
  agent.setOutput('failedCount', String(failed.length));
  agent.info(
    whatIf
      ? `What if: ${count('would be revoked')} would be revoked, ${count('kept')} kept. Nothing was changed.`
      : `${revoked} revoked, ${count('kept')} kept, ${failed.length} failed.`,
  );
  for (const { pat, client, done, why } of told.slice(0, MOST_TOLD)) {
    if (done === 'revoked' && why === ASKED_FOR)
      agent.info(`Revoked PAT ${calling(pat)} in ${client.organization.name}.`);
  }
  const refused = told.filter(outcome => outcome.refused === true);
  if (failed.length === 0 && unread.length === 0 && refused.length === 0) {
    return doubt && { result: 'SucceededWithIssues', message: `${doubt.message} ${explained(doubt.topic)}` };
  }

  const remaining = [
    ...failed.map(
      ({ pat, client, failure }) =>
        `PAT ${calling(pat)} ${failure.topic === 'cancelled' ? 'may be' : 'stays'} alive in ${client.organization.name} until ${until(pat)}: ${failure.message}`,
    ),
    ...refused.map(
      ({ pat, client, why }) =>
        `PAT ${calling(pat)} stays alive in ${client.organization.name} until ${until(pat)}, though its id was given: it is ${why}. Where this very PAT is meant, set includeForeign: true.`,
    ),
  ];
  for (const line of remaining.slice(MOST_NAMED)) agent.info(line);
  const lines = [
    ...(doubt === undefined ? [] : [doubt.message]),
    ...unread.map(
      ({ client, failure }) =>
        `The PATs of ${client.organization.name} could not be read, and stay: ${failure.message}`,
    ),
    ...remaining.slice(0, MOST_NAMED),
    ...(remaining.length > MOST_NAMED
      ? [`and ${remaining.length - MOST_NAMED} more, which the log names.`]
      : []),
  ];
  const result = onRevokeFailure === 'fail' ? 'Failed' : 'SucceededWithIssues';
  return { result, message: `${lines.join('\n')} ${explained('revoke-failed')}` };
}

/** A PAT belongs to one organization, though several were asked about it: the one that knows most of it counts. */
function onePerPat(outcomes: readonly RevocationResult[]): RevocationResult[] {
  const told = new Map<string, RevocationResult>();
  for (const outcome of outcomes) {
    const { authorizationId } = outcome.pat;
    const other = told.get(authorizationId);
    if (other === undefined || knowledge(other) < knowledge(outcome)) told.set(authorizationId, outcome);
  }
  return [...told.values()];
}

function changed({ done }: RevocationResult): boolean {
  return done === 'revoked' || done === 'gone already' || done === 'failed';
}

function tellLifeOf(outcome: RevocationResult, agent: Effects['agent']): void {
  const pat = { ...outcome.pat, organization: outcome.client.organization };
  if (outcome.done === 'failed') reportPatEvent('remains', pat, agent, outcome.failure.topic);
  else reportPatEvent(outcome.done === 'revoked' ? 'revoked' : 'gone', pat, agent);
}

function knowledge({ done, pat }: RevocationResult): number {
  return (pat.displayName === '' ? 0 : 4) + (done === 'revoked' ? 2 : done === 'failed' ? 1 : 0);
}

/**
 * How often each reason occurs, the commonest first. One that the service gave for many is told once, with the activity id
 * of the first request.
 */
function reasonsOf(
  outcomes: readonly RevocationResult[],
  reason: (outcome: RevocationResult) => string,
  longest = 100,
): string {
  const counts = new Map<string, { readonly why: string; count: number }>();
  for (const outcome of outcomes) {
    const why = reason(outcome);
    const key = why.replace(/\bactivity id:? [0-9a-f-]+/gi, '');
    const known = counts.get(key) ?? { why, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  const shown = sorted
    .slice(0, MOST_NAMED)
    .map(({ why, count }) => `${count} x ${sanitize(why, longest).replace(/\.$/, '')}`);
  return [...shown, ...(sorted.length > MOST_NAMED ? ['...'] : [])].join('; ');
}

function rowReason(outcome: RevocationResult): string {
  const why = outcome.done === 'failed' ? outcome.failure.what : outcome.why;
  return `${outcome.done} (${why.replace(/, .* ago: too young$/, ': too young')})`;
}

function tableOf(outcomes: readonly RevocationResult[], now: Date): string {
  const several = new Set(outcomes.map(({ client }) => client.organization.url)).size > 1;
  const head = ['done', 'name', 'scopes', 'age', 'until', 'run', 'why', ...(several ? ['organization'] : [])];
  const rows = outcomes.map(outcome => {
    const { pat, run, client } = outcome;
    return [
      outcome.done,
      sanitize(pat.displayName === '' ? pat.authorizationId : pat.displayName, 128),
      sanitize(pat.scope, 60),
      pat.validFrom === undefined ? '' : formatLifetime(now.getTime() - pat.validFrom.getTime()),
      pat.validTo === undefined ? '' : formatMoment(pat.validTo),
      run === undefined ? '' : `${run.host} ${run.runId}`,
      sanitize(outcome.done === 'failed' ? outcome.failure.what : outcome.why, 100),
      ...(several ? [client.organization.name] : []),
    ];
  });
  return plainTable(head, rows);
}

function calling({ displayName, authorizationId }: ListedPat): string {
  return displayName === '' ? authorizationId : `"${sanitize(displayName, 128)}" (${authorizationId})`;
}

function until({ validTo }: ListedPat): string {
  return validTo === undefined ? 'an unknown time' : formatMoment(validTo);
}
