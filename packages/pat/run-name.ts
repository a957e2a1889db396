import type { Agent } from '#agent/agent';
import { Failure } from '#advice/failure';
import { asGuid } from '#text/json';

/** The run and job that a PAT belongs to. */
export interface Run {
  readonly host: 'build' | 'release';
  readonly projectId: string;
  readonly runId: string;
  readonly jobId: string;
}

/** Longest display name of a PAT. The service publishes no limit; this one is ours. */
export const LONGEST_NAME = 128;

/** What may stand in front of the generated part of a name. */
export const LABEL = /^[A-Za-z0-9 ._:/-]+$/;
export const LABEL_EXAMPLE = 'Nightly mirror';

/**
 * The run that this step is part of. In a classic release (and in a deployment group job of one) that is the release.
 * @throws Failure `agent-not-usable` when the agent does not say
 */
export function currentRun(agent: Pick<Agent, 'variable'>): Run {
  const host = hostOfRun(agent);
  const runId = agent.variable(host === 'release' ? 'Release.ReleaseId' : 'Build.BuildId') ?? '';
  const projectId = asGuid(agent.variable('System.TeamProjectId'));
  const jobId = asGuid(agent.variable('System.JobId'));
  if (projectId === undefined || jobId === undefined || !/^\d{1,10}$/.test(runId)) {
    throw new Failure(
      'agent-not-usable',
      'The agent does not say which run and job this is (System.TeamProjectId, System.JobId, Build.BuildId or Release.ReleaseId).',
      'Run this task on an agent of Azure Pipelines, and do not overwrite these variables.',
    );
  }
  return { host, projectId, runId, jobId };
}

/** A build has no release id; a deployment job is part of either. */
function hostOfRun(agent: Pick<Agent, 'variable'>): Run['host'] {
  const releaseId = agent.variable('Release.ReleaseId') ?? '';
  return agent.variable('System.HostType') !== 'build' && releaseId !== '' ? 'release' : 'build';
}

/** The label of a PAT that nobody named: definition and number of the run, as far as a name may hold them. */
export function labelOfRun(agent: Agent): string {
  const names =
    hostOfRun(agent) === 'build'
      ? ['Build.DefinitionName', 'Build.BuildNumber']
      : ['Release.DefinitionName', 'Release.ReleaseName'];
  const label = names
    .map(name => agent.variable(name) ?? '')
    .join(' ')
    .replace(/[^A-Za-z0-9 ._:/-]+/g, '-')
    .replace(/job-pat:/gi, 'job-pat-')
    .replace(/\s+/g, ' ')
    .trim();
  return label === '' ? 'Job PAT' : label;
}

/** Says why a label cannot stand in a display name, or nothing when it can. */
export function labelFault(label: string): string | undefined {
  if (label.length > LONGEST_NAME) return `has ${label.length} characters; ${LONGEST_NAME} are the most`;
  if (!LABEL.test(label)) return 'may hold ASCII letters, digits, blanks and . _ : / - only';
  if (/job-pat:/i.test(label)) return 'may not hold "job-pat:", which marks the generated part of the name';
  return undefined;
}

/**
 * The display name of a job PAT: unique, so it finds exactly one PAT, and it names run and job, so that the reaper can
 * ask whether they still live. The label is cut to fit.
 *
 * @param nonce eight hex digits
 */
export function jobPatName(label: string, run: Run, nonce: string): string {
  const suffix = ` ${runMark(run)}${nonce}`;
  return label.slice(0, LONGEST_NAME - suffix.length).trimEnd() + suffix;
}

/** The part of a name that the PATs of one job share, in front of the nonce. */
export function runMark(run: Run): string {
  return `job-pat:${run.host}/${run.projectId}/${run.runId}/${run.jobId.slice(0, 8)}/`;
}

/** A label is trimmed before it becomes part of a name. */
const TRIMMED_LABEL = '[A-Za-z0-9._:/-](?:[A-Za-z0-9 ._:/-]*[A-Za-z0-9._:/-])?';
const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const JOB_PAT = new RegExp(
  `^${TRIMMED_LABEL} job-pat:(build|release)/(${GUID})/([1-9]\\d{0,9})/([0-9a-f]{8})/[0-9a-f]{8}$`,
);
const ROTATED = new RegExp(`^${TRIMMED_LABEL} job-pat:rotated/[0-9a-f]{8}/[0-9a-f]{8}$`);

/** The run and the start of the job id that a job PAT's name tells. */
export interface NamedRun {
  readonly host: Run['host'];
  readonly projectId: string;
  readonly runId: string;
  /** First eight hex digits. */
  readonly jobId: string;
}

/**
 * Reads the name of a job PAT. Only a name that `jobPatName` could have made counts: everything that merely looks
 * like one belongs to somebody else.
 */
export function readJobPatName(name: string): NamedRun | undefined {
  const [, host, projectId, runId, jobId] = JOB_PAT.exec(name) ?? [];
  if (projectId === undefined || runId === undefined || jobId === undefined || !isOurs(name))
    return undefined;
  return { host: host === 'release' ? 'release' : 'build', projectId, runId, jobId };
}

/** Whether Job PAT made a PAT of this name, for a job or as a generation of a rotated PAT. */
export function madeByJobPat(name: string): boolean {
  return isOurs(name) && (JOB_PAT.test(name) || ROTATED.test(name));
}

/** No label holds the mark, so a second one means that somebody put it there. */
function isOurs(name: string): boolean {
  return name.length <= LONGEST_NAME && name.toLowerCase().split('job-pat:').length === 2;
}
