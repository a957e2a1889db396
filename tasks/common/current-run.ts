import type { Agent } from '#agent/agent';
import { Failure } from '#advice/failure';
import type { Run } from '#azure-devops/run';
import { asGuid } from '#text/json';

/**
 * The run that this step is part of. In a classic release (and in a deployment group job of one) that is the release.
 * @throws Failure `agent-not-usable` when the agent does not say
 */
export function currentRun(agent: Agent): Run {
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
function hostOfRun(agent: Agent): Run['host'] {
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
