import { countOf } from '#text/count';
import { explained } from '#advice/failure';
import type { Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import type { ListedPat } from '#azure-devops/listed-pat';
import { formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { plainTable } from '#text/table';
import type { RotationRequest } from './request.js';
import type { Result, Superseded } from './rotate.js';

/** Failures first: they are what a person has to look at. */
const ORDER: readonly Result['done'][] = [
  'failed',
  'not known',
  'overtaken',
  'would rotate',
  'rotated',
  'kept',
];
const MOST_NAMED = 20;
/** The service keeps ten warnings of a step. */
const MOST_WARNED = 8;

/** The table, the outputs, and each failure as an error of its own. */
export function report(
  results: readonly Result[],
  { whatIf, entries, warnBefore }: Pick<RotationRequest, 'whatIf' | 'entries' | 'warnBefore'>,
  { agent, clock }: Effects,
): TaskOutcome | undefined {
  const sorted = [...results].sort((a, b) => ORDER.indexOf(a.done) - ORDER.indexOf(b.done));
  agent.info(tableOf(sorted));
  for (const result of results) tellTidied(result, agent);
  const next = nextDue(results);
  if (next !== undefined) agent.info(`The next rotation is due ${formatMoment(next)}.`);

  agent.setOutput('rotated', String(results.some(({ done }) => done === 'rotated')));
  agent.setOutput('authorizationId', results.map(result => liveOf(result)?.authorizationId ?? '').join(','));
  agent.setOutput('validTo', results.map(result => liveOf(result)?.validTo?.toISOString() ?? '').join(','));

  for (const { entry, renews } of results.map(result => ({ ...result, renews: rotatesEachTime(result) }))) {
    if (renews !== undefined) agent.warning(`PAT "${entry.name}" ${renews}: every run will rotate it.`);
  }
  if (warnBefore !== undefined) warnAhead(results, new Date(clock.now().getTime() + warnBefore), agent);
  const failed = results.flatMap(result => (result.done === 'failed' ? [result] : []));
  for (const { entry, failure } of failed.slice(0, MOST_NAMED))
    agent.error(`PAT "${entry.name}": ${failure.message} ${explained(failure.topic)}`);
  if (failed.length > 0) {
    const message =
      entries.length === 1
        ? `PAT "${failed[0]?.entry.name ?? ''}" was not rotated.`
        : `${failed.length} of ${entries.length} PATs failed.`;
    return { result: 'Failed', message };
  }
  const unknown = results.flatMap(result => (result.done === 'not known' ? [result] : []));
  for (const { entry, place, failure } of unknown.slice(0, MOST_NAMED))
    agent.warning(`PAT "${entry.name}" in the ${place}: ${failure.message} [${failure.topic}]`);
  if (unknown.length > 0) {
    const message = `What if: nothing was changed. Of ${unknown.length} of ${entries.length} PATs it is not known what would be done.`;
    return { result: 'SucceededWithIssues', message };
  }
  const remaining = results.flatMap(result => tidiedOf(result)?.remaining ?? []);
  if (remaining.length === 0)
    return whatIf ? { result: 'Succeeded', message: 'What if: nothing was changed.' } : undefined;
  for (const { pat, failure } of remaining.slice(0, MOST_NAMED))
    agent.warning(
      `PAT "${sanitize(pat.displayName, 128)}" (authorization id ${pat.authorizationId}) is no longer needed, but stays alive until ` +
        `${pat.validTo === undefined ? 'an unknown time' : formatMoment(pat.validTo)}: ${failure.message} The next run tries again.`,
    );
  return {
    result: 'SucceededWithIssues',
    message: `${countOf(remaining.length, 'PAT that is', 'PATs that are')} no longer needed could not be revoked.`,
  };
}

/** An issue of the run for each PAT whose next rotation is near: the run's page and the service's notifications show it. */
function warnAhead(results: readonly Result[], until: Date, agent: Effects['agent']): void {
  const near = results.flatMap(result =>
    result.done === 'kept' && result.due.getTime() <= until.getTime() ? [result] : [],
  );
  for (const { entry, place, due, pat } of near.slice(0, MOST_WARNED)) {
    const end = pat.validTo === undefined ? '' : `, and ends ${formatMoment(pat.validTo)}`;
    agent.warning(`PAT "${entry.name}" in the ${place} will be rotated from ${formatMoment(due)} on${end}.`);
  }
  if (near.length > MOST_WARNED)
    agent.warning(
      `${countOf(near.length - MOST_WARNED, 'more PAT')} will be rotated before ${formatMoment(until)}.`,
    );
}

function tellTidied(result: Result, agent: Effects['agent']): void {
  const tidied = tidiedOf(result);
  if (tidied === undefined) return;
  for (const pat of tidied.revoked) agent.info(`Revoked "${pat.displayName}": no longer needed.`);
  for (const pat of tidied.wouldBeRevoked)
    agent.info(`"${pat.displayName}" would be revoked: no longer needed.`);
}

function tidiedOf(result: Result): Superseded | undefined {
  return result.done === 'kept' || result.done === 'rotated' ? result.tidied : undefined;
}

/** The PAT that the store names after this run, as far as this run knows. */
function liveOf(result: Result): ListedPat | undefined {
  return result.done === 'kept' || result.done === 'rotated' ? result.pat : result.before;
}

function nextDue(results: readonly Result[]): Date | undefined {
  const dates = results.flatMap(result =>
    result.done === 'kept' || result.done === 'rotated' ? [result.due.getTime()] : [],
  );
  return dates.length === 0 ? undefined : new Date(Math.min(...dates));
}

function dueOf(result: Result): string {
  if (result.done === 'not known') return '';
  return result.done === 'kept' || result.done === 'rotated' ? formatMoment(result.due) : 'now';
}

function rotatesEachTime(result: Result): string | undefined {
  if (result.done !== 'rotated' || result.pat.validFrom === undefined) return undefined;
  if (result.due.getTime() > result.pat.validFrom.getTime()) return undefined;
  return `lives no longer than its renewBefore`;
}

function tableOf(results: readonly Result[]): string {
  const head = ['done', 'name', 'store', 'ended', 'ends', 'due', 'why'];
  const rows = results.map(result => {
    const live = liveOf(result);
    const ended = result.before?.validTo;
    return [
      result.done,
      result.entry.name,
      result.place,
      result.done === 'rotated' && ended !== undefined ? formatMoment(ended) : '',
      live?.validTo === undefined ? '' : formatMoment(live.validTo),
      dueOf(result),
      'failure' in result ? sanitize(result.failure.what, 100) : result.why,
    ];
  });
  return plainTable(head, rows);
}
