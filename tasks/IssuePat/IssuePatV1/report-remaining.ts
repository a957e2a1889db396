import type { Agent } from '#agent/agent';
import type { TaskOutcome } from '../../common/run-task.js';
import type { MainStage } from '#agent/step-marks';
import { reportPatEvent } from '#pat/report-event';
import type { Recovered } from '#pat/ledger';
import { remainingText, type Remaining } from '#pat/revoke';
import { explained, asFailure, Failure } from '#advice/failure';
import { Inputs } from '../../common/inputs/inputs.js';
import { readIssuer } from '../../common/inputs/issuer.js';
import { currentRun } from '../../common/current-run.js';
import { runMark } from '#pat/run-name';
import { sanitize } from '#text/sanitize';

/** What the post-job step makes of PATs that it could not revoke: a warning, or with `onRevokeFailure: fail` an error. */
export function reportRemaining(remaining: readonly Remaining[], agent: Agent): TaskOutcome | undefined {
  if (remaining.length === 0) return undefined;
  for (const { pat, failure } of remaining) reportPatEvent('remains', pat, agent, failure.topic);
  return unrevoked(remaining.map(left => remainingText(left)).join('\n'), agent);
}

/**
 * What the post-job step makes of a record that is not believed: a line, and where it was sealed elsewhere or cannot be
 * checked, so that PATs may be alive, a warning that names them.
 */
export function reportDoubt(recovered: Recovered, agent: Agent): TaskOutcome | undefined {
  const { doubt, unproven } = recovered;
  if (doubt === 'not to be checked') {
    return reportRemaining(
      unproven.map(pat => ({ pat, failure: whyNotSignedIn(agent) })),
      agent,
    );
  }
  if (doubt === 'of another step') return { result: 'SucceededWithIssues', message: doubtText(recovered) };
  agent.warning(doubtText(recovered));
  return undefined;
}

/** A record of an agent's user whose seal cannot be checked. */
export const BY_ITS_WORD =
  "The record of this step (task variable JobPat.Record) does not carry the seal of the sign-in that it saved, and an agent's user has no other: only PATs whose names carry this run and job are looked for, and revoked.";

/** Why a record counts as none; empty when it does not. */
export function doubtText({ doubt, unproven }: Recovered): string {
  if (doubt === undefined) return '';
  const record = 'The record of this step (task variable JobPat.Record)';
  switch (doubt) {
    case 'not sealed':
      return (
        `${record} does not carry the seal of what the step signs in with: it counts as none, and nothing that it names is ` +
        'revoked. A variable of the job can bear its name.'
      );
    case 'of another step':
      return (
        `${record} was sealed in another run, job or step: it counts as none. It names ` +
        `${unproven.map(pat => `"${sanitize(pat.displayName)}"`).join(', ')}. Where these are PATs of this very step, ` +
        'revoke them as the issuing user, or with RevokePat@1.'
      );
    case 'not to be checked':
      return `${record} cannot be checked: there is nothing to sign in with.`;
  }
}

/** Without a record: what is known of the main stage decides what can be said. */
export function reportMainStage(main: MainStage, agent: Agent): TaskOutcome | undefined {
  switch (main) {
    case 'over':
    case 'not seen':
      agent.info('Nothing to revoke: this step left no PAT.');
      return undefined;
    case 'left PATs':
    case 'goes on': {
      const names = namesOfThisJob(agent);
      const what =
        main === 'goes on'
          ? 'The main stage of this step is still at work where the agent does not see it, as in a container after a cancel. It issues nothing any more, and revokes what it made.'
          : 'The main stage of this step ended where the agent did not see it, as in a container after a cancel, and could not revoke what it made.';
      return unrevoked(
        `${what} Look for PATs whose names end in "${names}..." as the issuing user; they end when the lifetime of this step does.`,
        agent,
      );
    }
  }
}

function unrevoked(message: string, agent: Agent): TaskOutcome {
  const result = agent.input('onRevokeFailure').toLowerCase() === 'fail' ? 'Failed' : 'SucceededWithIssues';
  return { result, message: `${message} ${explained('revoke-failed')}` };
}

function namesOfThisJob(agent: Agent): string {
  try {
    return runMark(currentRun(agent));
  } catch {
    return 'job-pat:';
  }
}

/** There is nothing to check the seal with: the same that keeps the step from signing in. */
function whyNotSignedIn(agent: Agent): Failure {
  const inputs = new Inputs(agent);
  try {
    readIssuer(inputs);
    inputs.faults.throwIfAny();
  } catch (error) {
    return asFailure(error);
  }
  return new Failure('connection-not-usable', 'There is nothing to sign in with.', 'Check patIssuer.');
}
