import { patienceFor, type Effects } from '../../common/agent/effects.js';
import { organizationOfRun } from '../../common/runs/run-organization.js';
import { readJobPatName } from '../../common/runs/run-name.js';
import { RunReader, type JobState } from '../../common/runs/runs.js';
import type { FoundPat } from './census.js';
import { RUNS_BUDGET } from './request.js';
import type { ActiveRule } from './rules.js';

/** What became of the jobs of PATs that are alive; a PAT that is not in here was not asked about. */
export type RunStates = ReadonlyMap<FoundPat, JobState>;

/** Asks about the runs of job PATs that are alive, with the job's own token; in doubt the answer says so. */
export async function askAboutRuns(
  pats: readonly FoundPat[],
  rules: readonly ActiveRule[],
  effects: Effects,
): Promise<RunStates> {
  const { agent } = effects;
  const states = new Map<FoundPat, JobState>();
  if (!rules.some(({ id }) => id === 'job-pat-run-ended')) return states;
  const ofJobs = pats.flatMap(pat => {
    const run = pat.state === 'active' ? readJobPatName(pat.displayName) : undefined;
    return run === undefined ? [] : [{ pat, run }];
  });
  const jobToken = agent.jobToken();
  if (ofJobs.length === 0) return states;
  if (jobToken === '') {
    agent.info(
      `Nobody asked about the runs of ${ofJobs.length} job PATs: the agent gave no token of the job.`,
    );
    return states;
  }
  const runs = new RunReader(effects, jobToken, patienceFor(effects, RUNS_BUDGET));
  const home = organizationOfRun(agent);
  const asked = ofJobs.map(({ pat, run }) => ({ run, organization: pat.organization }));
  const told = await runs.statesOf(asked, home, (done, total) => {
    agent.progress(80 + (15 * done) / total, 'Asking about runs');
  });
  for (const [index, { pat }] of ofJobs.entries()) {
    const state = told[index];
    if (state !== undefined) states.set(pat, state);
  }
  return states;
}
