import { patienceFor, type Effects } from '#agent/effects';
import type { Outcome } from '../../common/run-task.js';
import { pacedHttp } from '#http/paced-http';
import { carryOut } from './carry-out.js';
import { judge } from './judge.js';
import { openBooks } from './open-books.js';
import { report } from './report.js';
import { readRevokeRequest, READING_BUDGET, REVOKING_BUDGET, SIGN_IN_BUDGET } from './request.js';

/** The story of a revocation: find the PATs, decide about each, revoke, and say what became of them. */
export async function revokePats(unpaced: Effects): Promise<Outcome | undefined> {
  const effects = { ...unpaced, http: pacedHttp(unpaced.http, unpaced.clock, unpaced.agent) };
  const request = readRevokeRequest(effects.agent);
  const { selection } = request;
  if (selection.what === 'ids' && selection.ids.length === 0) {
    effects.agent.info(
      'Nothing to revoke: authorizationIds is empty. The job that issues the PAT was skipped, or ended before it had one.',
    );
    return report([], { verdicts: [], unread: [] }, request, effects);
  }
  const books = await openBooks(request, effects, patienceFor(effects, SIGN_IN_BUDGET));
  const judgement = await judge(selection, books, effects, patienceFor(effects, READING_BUDGET));
  const outcomes = await carryOut(
    judgement.verdicts,
    request.whatIf,
    effects,
    patienceFor(effects, REVOKING_BUDGET),
  );
  return report(outcomes, judgement, request, effects);
}
