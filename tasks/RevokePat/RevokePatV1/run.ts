import { patienceFor, type Effects } from '../../common/agent/effects.js';
import type { Outcome } from '../../common/agent/run-task.js';
import { pacedHttp } from '../../common/http/paced-http.js';
import { carryOut } from './carry-out.js';
import { judge } from './judge.js';
import { openBooks } from './open-books.js';
import { report } from './report.js';
import { readRevokeRequest, READING_BUDGET, REVOKING_BUDGET, SIGN_IN_BUDGET } from './request.js';

/** The story of a revocation: find the PATs, decide about each, revoke, and say what became of them. */
export async function revokePats(unpaced: Effects): Promise<Outcome | undefined> {
  const effects = { ...unpaced, http: pacedHttp(unpaced.http, unpaced.clock, unpaced.agent) };
  const request = readRevokeRequest(effects.agent);
  const books = await openBooks(request, effects, patienceFor(effects, SIGN_IN_BUDGET));
  const { verdicts, unread } = await judge(
    request.selection,
    books,
    effects,
    patienceFor(effects, READING_BUDGET),
  );
  const outcomes = await carryOut(verdicts, request.whatIf, effects, patienceFor(effects, REVOKING_BUDGET));
  return report(outcomes, unread, request, effects);
}
