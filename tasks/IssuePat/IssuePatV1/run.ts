import { MAIN_STAGE } from '../../common/agent/budgets.js';
import { patienceFor, type Effects } from '../../common/agent/effects.js';
import { allOrNothing, issueAll, revokeLeftovers } from '../../common/pats/issue.js';
import { PatRecord } from '../../common/pats/pat-record.js';
import { signIn } from '../../common/entra/sign-in.js';
import { verifyAll } from '../../common/pats/verify.js';
import { expose } from './expose.js';
import { readIssueRequest } from './request.js';

/** The story of the main stage: sign in, end what an earlier attempt left, then issue, verify and expose, all or nothing. */
export async function issuePat(effects: Effects): Promise<undefined> {
  const { agent } = effects;
  const request = readIssueRequest(agent);
  const record = new PatRecord(agent);
  const accessToken = await signIn(
    request.issuer,
    agent,
    effects.http,
    patienceFor(effects, MAIN_STAGE.signIn),
  );
  await revokeLeftovers(record, accessToken, effects);
  await allOrNothing(record, accessToken, effects, async () => {
    const pats = await issueAll(request, accessToken, record, effects);
    if (request.verify) await verifyAll(pats, effects);
    await expose(pats, request, record, agent);
  });
  return undefined;
}
