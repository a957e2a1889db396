import type { Agent } from '../../common/agent/agent.js';
import type { Outcome } from '../../common/agent/run-task.js';
import { tellLife } from '../../common/pats/pat-life.js';
import { remainingText, type Remaining } from '../../common/pats/revoke.js';

/** What the post-job step makes of PATs that it could not revoke: a warning, or with `onRevokeFailure: fail` an error. */
export function reportRemaining(remaining: readonly Remaining[], agent: Agent): Outcome | undefined {
  if (remaining.length === 0) return undefined;
  for (const { pat, failure } of remaining) tellLife('remains', pat, agent, failure.topic);
  const message = remaining.map(left => remainingText(left)).join('\n');
  const result = agent.input('onRevokeFailure').toLowerCase() === 'fail' ? 'Failed' : 'SucceededWithIssues';
  return { result, message: `${message} [revoke-failed]` };
}
