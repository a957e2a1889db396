import { patienceFor } from '../../common/effects.js';
import { pacedHttp } from '../../common/paced-http.js';
import { runTask } from '../../common/run-task.js';
import { carryOut } from './carry-out.js';
import { judge } from './judge.js';
import { openBooks } from './open-books.js';
import { report } from './report.js';
import { readRevokeRequest } from './request.js';

/** For signing in and reading the lists; milliseconds. */
const BUDGET = 20 * 60_000;

void runTask('RevokePat', async unpaced => {
  const effects = { ...unpaced, http: pacedHttp(unpaced.http, unpaced.clock, unpaced.agent) };
  const request = readRevokeRequest(effects.agent);
  const patience = patienceFor(effects, BUDGET);
  const books = await openBooks(request, effects, patience);
  const verdicts = await judge(request.selection, books, effects, patience);
  const outcomes = await carryOut(verdicts, request.whatIf, effects);
  return report(outcomes, request.whatIf, effects);
});
