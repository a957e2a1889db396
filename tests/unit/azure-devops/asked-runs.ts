import { RunReader, type AskedRun, type JobState } from '#azure-devops/runs';
import { organization, PROJECT, runServices, type Told } from './run-services.js';

export const OTHER_PROJECT = 'cdcdcdcd-3434-4565-8787-909090909090';
const JOB = '12f1170f';
export const contoso = organization('contoso');
export const fabrikam = organization('fabrikam');
export const ENDED = '2026-03-01T09:00:00Z';

export const run = (runId: string, more: Partial<AskedRun['run']> = {}, of = contoso): AskedRun => ({
  run: { host: 'build', projectId: PROJECT, runId, jobId: JOB, ...more },
  organization: of,
});
export const RELEASE = { host: 'release' } as const;

/** The state of one run as its service tells it, in short: what and why, and the moment. */
export async function stateOf(asked: AskedRun, answer: (path: string, url: URL) => Told | undefined) {
  const [state] = await new RunReader(runServices(answer).api).statesOf([asked], contoso);
  return short(state);
}

export function short(state: JobState | undefined): string {
  if (state === undefined) return 'none';
  const at = state.kind === 'ended' ? ` at ${state.at?.toISOString().slice(11, 16) ?? 'no time'}` : '';
  return `${state.kind}${at}: ${state.why}`;
}

export const only = (path: string, told: Told) => (asked: string) => (asked === path ? told : undefined);
