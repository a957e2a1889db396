import { patienceFor } from '../../../tasks/common/agent/effects.js';
import { allOrNothing, issueAll, revokeLeftovers } from '../../../tasks/common/pats/issue.js';
import { PatRecord } from '../../../tasks/common/pats/pat-record.js';
import { revokeAfterJob } from '../../../tasks/common/pats/revoke-after-job.js';
import type { Outcome } from '../../../tasks/common/agent/run-task.js';
import { signIn } from '../../../tasks/common/entra/sign-in.js';
import { verifyAll } from '../../../tasks/common/pats/verify.js';
import { expose } from '../../../tasks/IssuePat/IssuePatV1/expose.js';
import { reportRemaining } from '../../../tasks/IssuePat/IssuePatV1/report-remaining.js';
import { readIssueRequest, SIGN_IN_BUDGET } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import type { World } from './world.js';

/** The story of main.ts with the effects of a test. `process.test.ts` holds the real entry files against it. */
export async function issuePat({ effects }: World): Promise<void> {
  const { agent } = effects;
  const request = readIssueRequest(agent);
  const record = new PatRecord(agent);
  const accessToken = await signIn(request.issuer, agent, effects.http, patienceFor(effects, SIGN_IN_BUDGET));
  await revokeLeftovers(record, accessToken, effects);
  await allOrNothing(record, accessToken, effects, async () => {
    const pats = await issueAll(request, accessToken, record, effects);
    if (request.verify) await verifyAll(pats, effects);
    await expose(pats, request, record, agent);
  });
}

/** The story of post.ts. */
export async function afterJob({ effects }: World): Promise<Outcome | undefined> {
  const record = new PatRecord(effects.agent);
  if (record.pats.length === 0) return undefined;
  return reportRemaining(await revokeAfterJob(record, effects.cleanup), effects.agent);
}
