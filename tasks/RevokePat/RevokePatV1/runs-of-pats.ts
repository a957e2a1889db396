import { countOf } from '#text/count';
import type { Effects } from '#agent/effects';
import type { RetryPolicy } from '#http/retry';
import { organizationOfRun } from '../../common/run-organization.js';
import type { ListedPat } from '#azure-devops/listed-pat';
import { currentRun } from '../../common/current-run.js';
import { bearer } from '#azure-devops/identity';
import { RunApi } from '#azure-devops/run-api';
import { RunReader, type JobState } from '#azure-devops/runs';
import type { Failure } from '#advice/failure';
import { formatLifetime } from '#text/lifetime';
import type { Decision } from './decision.js';

/** Of the PATs of jobs, those whose job ended longer than `minimumAge` ago; in doubt a PAT is left. */
export async function onlyOrphans(
  candidates: readonly Decision[],
  minimumAge: number,
  effects: Effects,
  policy: RetryPolicy,
): Promise<{ readonly decisions: Decision[]; readonly doubt: Failure | undefined }> {
  const { agent } = effects;
  agent.info(`${countOf(candidates.length, 'PAT')} of jobs; asking about their runs.`);
  const runs = openRuns(effects, policy);
  const states = await statesOf(candidates, runs, effects);
  const decisions = candidates.map((candidate, index): Decision => {
    const state = states[index];
    return state === undefined
      ? candidate
      : { ...candidate, ...decide(state, candidate.pat, minimumAge, runs.now()) };
  });
  return { decisions, doubt: runs.clocksDiffer() };
}

/** Runs are asked about in the name of the job. */
function openRuns(effects: Effects, policy: RetryPolicy): RunReader {
  return new RunReader(new RunApi(bearer('job', effects.agent.jobToken()), effects, policy));
}

/** In the order of the candidates; undefined for one whose name tells no run. */
async function statesOf(
  candidates: readonly Decision[],
  runs: RunReader,
  { agent }: Effects,
): Promise<(JobState | undefined)[]> {
  const home = organizationOfRun(agent);
  const ofRuns = candidates.flatMap(candidate => {
    const { run, client } = candidate;
    return run === undefined ? [] : [{ candidate, run, organization: client.organization }];
  });
  const states = await runs.statesOf(ofRuns, home, (done, total) => {
    agent.progress(20 + (50 * done) / total, 'Asking about runs');
  });
  const known = new Map(ofRuns.map(({ candidate }, index) => [candidate, states[index]]));
  return candidates.map(candidate => known.get(candidate));
}

/**
 * Says whether jobs of a run lose PATs that they may still use. To end them is what was asked for, so nothing stops it:
 * whoever does it to another run by mistake should see it here.
 */
export async function tellWhoseRunGoesOn(
  decisions: readonly Decision[],
  effects: Effects,
  policy: RetryPolicy,
): Promise<void> {
  const { agent } = effects;
  const [first] = decisions;
  if (first?.run === undefined) return;
  const { host, projectId, runId } = first.run;
  const own = currentRun(agent);
  if (own.host === host && own.projectId === projectId && own.runId === runId) {
    agent.info(`The ${host} ${runId} is this run: jobs of it that have not ended lose their PATs too.`);
    return;
  }
  if (agent.jobToken() === '') {
    agent.warning(
      `Nobody can tell whether the ${host} ${runId} has ended: the agent gave no token of the job.`,
    );
    return;
  }
  const states = await statesOf(decisions, openRuns(effects, policy), effects);
  const going = states.filter(state => state?.kind === 'running').length;
  const unclear = states.find(state => state?.kind === 'unreadable');
  if (going > 0) {
    agent.warning(
      `The ${host} ${runId} has not ended: ${going} of ${countOf(decisions.length, 'PAT')} ${going === 1 ? 'belongs to a job that still runs and may fail without it' : 'belong to jobs that still run and may fail without them'}.`,
    );
  } else if (unclear !== undefined) {
    agent.info(`Nobody can tell whether the ${host} ${runId} has ended: ${unclear.why}`);
  }
}

function decide(
  state: JobState,
  pat: ListedPat,
  minimumAge: number,
  now: Date,
): Pick<Decision, 'revoke' | 'why' | 'unclear'> {
  if (state.kind === 'unreadable') return { revoke: false, why: state.why, unclear: true };
  if (state.kind === 'running') return { revoke: false, why: state.why };
  // Of a deleted run nobody knows when it ended, but not before its PAT was made.
  const ended = state.at ?? pat.validFrom;
  if (ended === undefined) return { revoke: false, why: `${state.why}, nobody knows when`, unclear: true };
  const age = now.getTime() - ended.getTime();
  if (age >= minimumAge) return { revoke: true, why: state.why };
  const since = state.at === undefined ? `PAT made ${formatLifetime(age)} ago` : `${formatLifetime(age)} ago`;
  return { revoke: false, why: `${state.why}, ${since}: too young` };
}
