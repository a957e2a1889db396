import Table from 'cli-table3';
import type { Effects } from '../../common/effects.js';
import { spokenLifetime, spokenMoment } from '../../common/lifetime.js';
import { outsideText } from '../../common/outside-text.js';
import type { Outcome as StepOutcome } from '../../common/run-task.js';
import type { Outcome } from './carry-out.js';

const MOST_ROWS = 500;
const MOST_NAMED = 20;
/** Failures first: they are what a person has to look at. */
const ORDER = ['failed', 'would be revoked', 'revoked', 'gone already', 'kept'];

/** The table, the counts, and for each PAT that stays though it should not: its end and the reason. */
export function report(
  outcomes: readonly Outcome[],
  whatIf: boolean,
  { agent, clock }: Effects,
): StepOutcome | undefined {
  const sorted = [...outcomes].sort((a, b) => ORDER.indexOf(a.done) - ORDER.indexOf(b.done));
  if (sorted.length > 0) agent.info(tableOf(sorted.slice(0, MOST_ROWS), clock.now()));
  if (sorted.length > MOST_ROWS) agent.info(`and ${sorted.length - MOST_ROWS} more.`);

  const count = (...done: string[]) => outcomes.filter(outcome => done.includes(outcome.done)).length;
  const failed = outcomes.flatMap(outcome => (outcome.done === 'failed' ? [outcome] : []));
  const revoked = count('revoked', 'gone already');
  agent.setOutput('revokedCount', String(revoked));
  agent.setOutput('keptCount', String(count('kept', 'would be revoked')));
  agent.setOutput('failedCount', String(failed.length));
  agent.info(
    whatIf
      ? `What if: ${count('would be revoked')} would be revoked, ${count('kept')} kept. Nothing was changed.`
      : `${revoked} revoked, ${count('kept')} kept, ${failed.length} failed.`,
  );
  if (failed.length === 0) return undefined;

  const lines = failed.slice(0, MOST_NAMED).map(({ pat, book, failure }) => {
    const until = pat.validTo === undefined ? 'an unknown time' : spokenMoment(pat.validTo);
    const name =
      pat.displayName === ''
        ? pat.authorizationId
        : `"${outsideText(pat.displayName, 128)}" (${pat.authorizationId})`;
    return `PAT ${name} stays alive in ${book.organization.name} until ${until}: ${failure.message}`;
  });
  if (failed.length > MOST_NAMED)
    lines.push(`and ${failed.length - MOST_NAMED} more, which the table names.`);
  const result = agent.input('onRevokeFailure').toLowerCase() === 'fail' ? 'Failed' : 'SucceededWithIssues';
  return { result, message: `${lines.join('\n')} [revoke-failed]` };
}

function tableOf(outcomes: readonly Outcome[], now: Date): string {
  const table = new Table({
    head: ['organization', 'name', 'scopes', 'age', 'run', 'why', 'done'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const outcome of outcomes) {
    const { pat, run, book } = outcome;
    table.push([
      book.organization.name,
      pat.displayName === '' ? pat.authorizationId : outsideText(pat.displayName, 128),
      outsideText(pat.scope, 60),
      pat.validFrom === undefined ? '' : spokenLifetime(now.getTime() - pat.validFrom.getTime()),
      run === undefined ? '' : `${run.host} ${run.runId}`,
      outsideText(outcome.why, 100),
      outcome.done === 'failed' ? `failed: ${outsideText(outcome.failure.what, 100)}` : outcome.done,
    ]);
  }
  return table.toString();
}
