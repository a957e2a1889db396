import { createHash, randomInt, randomUUID } from 'node:crypto';
import { arch } from 'node:os';
import { type HostType, isRelease, type JobFolders } from './job-folders.js';

/** What the jobs of one run have in common. */
export interface RunIdentity {
  readonly planId: string;
  readonly timelineId: string;
  readonly runId: number;
}

export function newRun(): RunIdentity {
  return { planId: randomUUID(), timelineId: randomUUID(), runId: randomInt(1000, 1_000_000) };
}

export interface JobIdentity {
  readonly run: RunIdentity;
  readonly hostType: HostType;
  readonly stageName: string;
  readonly jobName: string;
  readonly jobDisplayName: string;
  /** With a `/` at its end. */
  readonly collectionUrl: string;
  readonly pipelineName: string;
  readonly project: ProjectOfRun;
  readonly folders: JobFolders;
  readonly agentVersion: string;
  /** As the steps see it: a container has a place of its own for the agent's folder. */
  readonly agentRoot: string;
}

export interface ProjectOfRun {
  readonly id: string;
  readonly name: string;
}

export const defaultProject: ProjectOfRun = { id: '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b', name: 'Fabrikam' };
const collectionId = 'a2b4c6d8-1357-4ace-9bdf-02468ace1357';
const repositoryId = '3c5e7a91-b2d4-4f60-8a1c-9e0f2b4d6c81';
const definitionId = '17';
const agentName = 'Azure Pipelines 1';
const person = {
  name: 'Robin Example',
  email: 'robin@example.com',
  id: 'd4f6b8a0-2c4e-4608-8a1b-3d5f7091b2c4',
};

/** The variables that every job starts with; a caller's variables of the same name win. */
export function predefinedVariables(identity: JobIdentity): Record<string, string> {
  const forHost = isRelease(identity.hostType) ? releaseVariables(identity) : buildVariables(identity);
  return { ...agentVariables(identity), ...systemVariables(identity), ...forHost };
}

function agentVariables({
  folders,
  jobDisplayName,
  agentVersion,
  agentRoot,
}: JobIdentity): Record<string, string> {
  return {
    'Agent.Id': '9',
    'Agent.Name': agentName,
    'Agent.MachineName': 'build-machine',
    'Agent.JobName': jobDisplayName,
    'Agent.JobStatus': 'Succeeded',
    'Agent.OS': osName(process.platform),
    'Agent.OSArchitecture': arch().toUpperCase(),
    'Agent.Version': agentVersion,
    'Agent.HomeDirectory': agentRoot,
    'Agent.RootDirectory': folders.work,
    'Agent.WorkFolder': folders.work,
    'Agent.TempDirectory': folders.temp,
    'Agent.ToolsDirectory': folders.tools,
    'Agent.IsSelfHosted': '1',
    'Agent.CloudId': '',
  };
}

function systemVariables({
  run,
  hostType,
  stageName,
  jobName,
  collectionUrl,
  folders,
  project,
}: JobIdentity): Record<string, string> {
  const jobId = jobIdOf(stageName, jobName);
  const release = isRelease(hostType);
  const hostUrl = release ? releaseHostUrl(collectionUrl) : collectionUrl;
  return {
    System: hostType,
    'System.HostType': hostType,
    'System.ServerType': 'Hosted',
    'System.Culture': 'en-US',
    'System.WorkFolder': folders.work,
    'System.DefaultWorkingDirectory': folders.sources,
    'System.ArtifactsDirectory': release ? folders.sources : folders.staging,
    'System.CollectionId': collectionId,
    'System.CollectionUri': collectionUrl,
    'System.TeamFoundationCollectionUri': collectionUrl,
    'System.TeamFoundationServerUri': hostUrl,
    'System.TeamProject': project.name,
    'System.TeamProjectId': project.id,
    'System.DefinitionId': definitionId,
    'System.PlanId': run.planId,
    'System.TimelineId': run.timelineId,
    'System.JobId': jobId,
    'System.JobName': jobName,
    'System.JobAttempt': '1',
    'System.StageName': stageName,
    'System.StageAttempt': '1',
    'System.PhaseName': jobName,
    'System.PhaseAttempt': '1',
    'System.OidcRequestUri': `${hostUrl}${project.id}/_apis/distributedtask/hubs/${hubOf(hostType)}/plans/${run.planId}/jobs/${jobId}/oidctoken`,
  };
}

function buildVariables({ run, collectionUrl, pipelineName, folders }: JobIdentity): Record<string, string> {
  return {
    'Agent.BuildDirectory': folders.job,
    'Pipeline.Workspace': folders.job,
    'Build.BuildId': String(run.runId),
    'Build.BuildNumber': buildNumber(0, 1),
    'Build.BuildUri': `vstfs:///Build/Build/${run.runId}`,
    'Build.DefinitionName': pipelineName,
    'Build.DefinitionVersion': '1',
    'Build.ContainerId': '12',
    'Build.Reason': 'Manual',
    'Build.SourcesDirectory': folders.sources,
    'Build.BinariesDirectory': folders.binaries,
    'Build.ArtifactStagingDirectory': folders.staging,
    'Build.StagingDirectory': folders.staging,
    'Common.TestResultsDirectory': folders.testResults,
    'Build.Repository.ID': repositoryId,
    'Build.Repository.Name': 'fabrikam',
    'Build.Repository.Provider': 'TfsGit',
    'Build.Repository.Uri': `${collectionUrl}Fabrikam/_git/fabrikam`,
    'Build.Repository.LocalPath': folders.sources,
    'Build.Repository.Clean': 'False',
    ...sourceVariables,
    ...requestedBy('Build'),
  };
}

function releaseVariables({ run, pipelineName, folders, project }: JobIdentity): Record<string, string> {
  return {
    'Agent.ReleaseDirectory': folders.sources,
    'Release.DefinitionId': definitionId,
    'Release.DefinitionName': pipelineName,
    'Release.DefinitionEnvironmentId': '1',
    'Release.ReleaseId': String(run.runId),
    'Release.ReleaseName': `Release-${run.runId}`,
    'Release.ReleaseUri': `vstfs:///ReleaseManagement/Release/${run.runId}`,
    'Release.ReleaseWebUrl': '',
    'Release.Reason': 'Manual',
    'Release.EnvironmentId': '31',
    'Release.EnvironmentName': 'Production',
    'Release.EnvironmentUri': 'vstfs:///ReleaseManagement/Environment/31',
    'Release.DeploymentId': '52',
    'Release.DeployPhaseId': '71',
    'Release.AttemptNumber': '1',
    'Release.SkipArtifactsDownload': 'False',
    'Release.PrimaryArtifactSourceAlias': '_fabrikam',
    'Release.TriggeringArtifact.Alias': '',
    ...requestedBy('Release.Deployment'),
    'Release.RequestedForId': person.id,
    'Build.BuildId': '4711',
    'Build.BuildNumber': buildNumber(1, 3),
    'Build.BuildUri': 'vstfs:///Build/Build/4711',
    'Build.DefinitionId': '12',
    'Build.DefinitionName': 'fabrikam-ci',
    'Build.ProjectId': project.id,
    'Build.ProjectName': project.name,
    'Build.Type': 'Build',
    'Build.Repository.ID': repositoryId,
    'Build.Repository.Name': 'fabrikam',
    'Build.Repository.Provider': 'TfsGit',
    ...sourceVariables,
    ...requestedBy('Build'),
  };
}

const sourceVariables = {
  'Build.SourceBranch': 'refs/heads/main',
  'Build.SourceBranchName': 'main',
  'Build.SourceVersion': '8f3b1c5d7e9a0b2c4d6e8f0a1b3c5d7e9f0a2b4c',
  'Build.SourceVersionMessage': 'Sort the shelves by colour',
  'Build.SourceVersionAuthor': person.name,
};

function requestedBy(prefix: string): Record<string, string> {
  return {
    [`${prefix}.RequestedFor`]: person.name,
    [`${prefix}.RequestedForEmail`]: person.email,
    [`${prefix}.RequestedForId`]: person.id,
  };
}

/** As Azure DevOps numbers builds by default: the day, and which one of the day it was. */
function buildNumber(daysAgo: number, ofDay: number): string {
  const day = new Date(Date.now() - daysAgo * 24 * 3_600_000);
  return `${day.toISOString().slice(0, 10).replaceAll('-', '')}.${ofDay}`;
}

/** Classic releases talk to another host than the collection; on loopback both are one. */
export function releaseHostUrl(collectionUrl: string): string {
  const url = new URL(collectionUrl);
  if (url.hostname === 'dev.azure.com') url.hostname = 'vsrm.dev.azure.com';
  else if (url.hostname.endsWith('.visualstudio.com')) {
    url.hostname = url.hostname.replace('.visualstudio.com', '.vsrm.visualstudio.com');
  }
  return url.href;
}

/** What runs the plan of a job. */
export function hubOf(hostType: HostType): string {
  return isRelease(hostType) ? 'release' : 'build';
}

/** Job ids are the same in each run of a pipeline: they derive from the names of stage and job. */
export function jobIdOf(stageName: string, jobName: string): string {
  const path = `${stageName}.${jobName}.__default`.toLowerCase();
  const digest = createHash('sha1').update(path).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

function osName(platform: NodeJS.Platform): string {
  if (platform === 'win32') return 'Windows_NT';
  return platform === 'darwin' ? 'Darwin' : 'Linux';
}

const untrusted = new Set(
  [
    'Build.SourceVersionMessage',
    'Build.SourceVersionAuthor',
    'Build.DefinitionName',
    'Release.ReleaseName',
    'Release.DefinitionName',
    'Release.EnvironmentName',
    'Agent.Name',
    'Agent.MachineName',
    'Agent.JobName',
  ].map(name => name.toLowerCase()),
);

/** Texts that people outside write lose their command marker before they become a variable. */
export function deactivateCommands(name: string, value: string): string {
  return untrusted.has(name.toLowerCase()) ? value.replace(/##vso/gi, '**vso') : value;
}
