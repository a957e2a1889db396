import { MAIN_STAGE } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { sealOfStep } from '#agent/seal';
import { StepMarks } from '#agent/step-marks';
import { allOrNothing, issueAll, revokeLeftovers } from '#pat/issue';
import { StepLedger } from '#pat/ledger';
import { signIn } from '../../common/sign-in.js';
import { verifyAll } from '#pat/verify';
import { gitAuthor } from '#tools/git-author';
import { configure } from './configure.js';
import { expose } from './expose.js';
import { doubtText } from './report-remaining.js';
import { readIssueRequest } from './request.js';

/** The story of the main stage: sign in, end what an earlier attempt left, then issue, verify, make tools ready and expose, all or nothing. */
export async function issuePat(effects: Effects): Promise<undefined> {
  const { agent, http } = effects;
  const marks = new StepMarks(agent);
  return marks.duringMain(async left => {
    const request = readIssueRequest(agent);
    const seal = sealOfStep(agent);
    const accessToken = await signIn(request.issuer, agent, seal, http, retryFor(effects, MAIN_STAGE.signIn));
    const recovered = await StepLedger.recover(agent, seal);
    const { record } = recovered;
    left.onRecord = () => record.pats.length;
    if (recovered.doubt !== undefined) agent.warning(doubtText(recovered));
    await revokeLeftovers(record, accessToken, effects);
    const mustBeWanted = () => {
      marks.mustBeWanted();
    };
    await allOrNothing(record, accessToken, effects, async () => {
      const pats = await issueAll(request, accessToken, record, effects, mustBeWanted);
      const [user] = request.verify ? await verifyAll(pats, effects) : [];
      mustBeWanted();
      const author = gitAuthor(user);
      await configure(request.tools, pats, author, effects);
      await expose(pats, request, author, record, agent);
    });
    return undefined;
  });
}
