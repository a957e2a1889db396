import { MAIN_STAGE } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { sealOfStep } from '#agent/seal';
import { StepMarks } from '#agent/step-marks';
import { allOrNothing, issueAll, revokeLeftovers } from '#pat/issue';
import { bearer } from '#azure-devops/identity';
import { StepLedger } from '#pat/ledger';
import { UserPats } from '#pat/user-pats';
import { currentRun } from '../../common/current-run.js';
import { signIn } from '../../common/sign-in.js';
import { verifyAll } from '#pat/verify';
import { gitAuthor } from '#tools/git-author';
import { configure } from './configure.js';
import { dialAhead } from './dial-ahead.js';
import { expose } from './expose.js';
import { BY_ITS_WORD, doubtText } from './report-remaining.js';
import { readIssueRequest } from './request.js';

/** The story of the main stage: sign in, end what an earlier attempt left, then issue, verify, make tools ready and expose, all or nothing. */
export async function issuePat(effects: Effects): Promise<undefined> {
  const { agent, http } = effects;
  const marks = new StepMarks(agent);
  return marks.duringMain(async left => {
    const request = readIssueRequest(agent);
    const seal = sealOfStep(agent);
    const signedIn = signIn(request.issuer, agent, seal, http, retryFor(effects, MAIN_STAGE.signIn));
    dialAhead(request, http);
    const accessToken = await signedIn;
    const pats = new UserPats(bearer('issuing-user', accessToken), effects);
    const recovered = await StepLedger.recover(agent, seal, () => currentRun(agent));
    const { record } = recovered;
    left.onRecord = () => record.pats.length;
    if (recovered.doubt !== undefined) agent.warning(doubtText(recovered));
    if (recovered.isByItsWord === true) agent.warning(BY_ITS_WORD);
    await revokeLeftovers(record, pats, effects);
    const mustBeWanted = () => {
      marks.mustBeWanted();
    };
    await allOrNothing(record, pats, effects, async () => {
      const issued = await issueAll(request, pats, record, effects, mustBeWanted);
      const [user] = request.verify ? await verifyAll(issued, effects) : [];
      mustBeWanted();
      const author = gitAuthor(user);
      await configure(request.tools, issued, author, effects);
      mustBeWanted();
      await expose(issued, request, author, record, agent);
    });
    return undefined;
  });
}
