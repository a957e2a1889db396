import { AUDIT } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { bearer } from '#azure-devops/identity';
import { RunApi } from '#azure-devops/run-api';
import { inTurn } from '#http/pace';
import { organizationOfRun } from '../../common/run-organization.js';
import { readJobPatName } from '#pat/run-name';
import { RunReader, type JobState } from '#azure-devops/runs';
import type { FoundPat } from './found-pat.js';
import { missed, type Missed } from './missing.js';
import { NamedRuns, type Claim } from './named-runs.js';
import type { AuditRequest } from './request.js';

/** What became of the job that the name of a PAT tells, and whether its run knows the PAT. */
export type NamedJob = JobState & { readonly claim?: Claim };

/** Of PATs that are alive; a PAT that is not in here was not asked about. */
export type RunStates = ReadonlyMap<FoundPat, NamedJob>;

export interface Runs {
  readonly states: RunStates;
  readonly missing: readonly Missed[];
}

const RULES: ReadonlySet<string> = new Set([
  'job-pat-run-ended',
  'job-pat-run-unknown',
  'job-pat-project-unknown',
]);

/** Asks about the runs of job PATs that are alive, with the job's own token; what nobody can tell is missing. */
export async function askAboutRuns(
  pats: readonly FoundPat[],
  { book, jobToken }: Pick<AuditRequest, 'book' | 'jobToken'>,
  effects: Effects,
): Promise<Runs> {
  const { agent } = effects;
  const states = new Map<FoundPat, NamedJob>();
  if (!book.rules.some(({ id }) => RULES.has(id))) return { states, missing: [] };
  const ofJobs = pats.flatMap(pat => {
    const run = pat.state === 'active' ? readJobPatName(pat.displayName) : undefined;
    return run === undefined ? [] : [{ pat, run }];
  });
  const unread = new Map<string, { readonly organization: string; readonly why: string; count: number }>();
  const miss = ({ organization: { name } }: FoundPat, why: string): void => {
    const one = unread.get(`${name} ${why}`) ?? { organization: name, why, count: 0 };
    one.count += 1;
    unread.set(`${name} ${why}`, one);
  };
  if (jobToken === '') for (const { pat } of ofJobs) miss(pat, 'the agent gave no token of the job');
  const policy = retryFor(effects, AUDIT.runs);
  const api = new RunApi(bearer('job', jobToken), effects, policy);
  const reader = new RunReader(api);
  const named = new NamedRuns(api);
  const home = organizationOfRun(agent);
  const asking = jobToken === '' ? [] : ofJobs;
  const told = await reader.statesOf(
    asking.map(({ pat, run }) => ({ run, organization: pat.organization })),
    home,
    (done, total) => {
      agent.progress(80 + (15 * done) / total, 'Asking about runs');
    },
  );
  await inTurn(asking, async ({ pat, run }, index) => {
    const state = told[index] ?? { kind: 'unreadable', why: 'nobody asked about it' };
    // Of a job that has ended its PAT is a finding anyhow.
    const claim =
      state.kind === 'ended' ? undefined : await named.claimOf(pat.displayName, run, pat.organization, home);
    states.set(pat, claim === undefined ? state : { ...state, claim });
    if (state.kind === 'unreadable' && (claim?.kind === 'unreadable' || claim?.kind === 'known'))
      miss(pat, claim.kind === 'unreadable' ? claim.why : state.why);
  });
  return {
    states,
    missing: [...unread.values()].map(({ organization, why, count }) => ({
      ...missed({ organization }, `what became of the runs of ${count} job PATs could not be read: ${why}`),
      plainReason: `what became of the runs of ${count} job PATs could not be read`,
    })),
  };
}
