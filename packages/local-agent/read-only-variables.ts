const groups: Readonly<Record<string, string>> = {
  agent:
    'AcceptTeeEula BuildDirectory CloudId ContainerId ContainerMapping ContainerNetwork Diagnostic GitUseSChannel ' +
    'HomeDirectory Id IsSelfHosted JobName JobStatus MachineName Name OS OSArchitecture OSVersion ' +
    'UseBasicAuthForProxy ProxyBypassList ProxyPassword ProxyUrl ProxyUsername ReadOnlyVariables ' +
    'RetainDefaultEncoding RootDirectory RunMode ServerOMDirectory Services CAInfo ClientCert ClientCertArchive ' +
    'ClientCertKey ClientCertPassword SkipCertValidation TempDirectory ToolsDirectory Version WorkFolder ' +
    'WorkingDirectory ReleaseDirectory Clean.BuildDirectory Source.Git.Lfs Source.Git.ShallowFetchDepth Source.Skip',
  build:
    'ArtifactStagingDirectory BinariesDirectory Clean DefinitionName Gated.RunCI Gated.ShelvesetName BuildNumber ' +
    'Repository.Clean Repository.Git.SubmoduleCheckout Repository.Id Repository.LocalPath Repository.Name ' +
    'Repository.Provider Repository.Tfvc.Workspace Repository.Uri SourceBranch SourceTfvcShelveset SourceVersion ' +
    'SourceVersionAuthor SourceVersionMessage SourcesDirectory StagingDirectory SyncSources UseServerWorkspaces',
  common: 'TestResultsDirectory',
  pipeline: 'Workspace',
  release:
    'AttemptNumber DisableRobocopy DefinitionId DefinitionName ReleaseDescription Artifact.Download.BufferSize ' +
    'EnvironmentName EnvironmentUri ReleaseId ReleaseName Artifact.Download.ParallelLimit RequestedForId ReleaseUri ' +
    'ReleaseWebUrl RequestedFor RobocopyMT SkipArtifactsDownload',
  system:
    'AccessToken ArtifactsDirectory CollectionId Culture Debug DefaultWorkingDirectory DefinitionId DefinitionName ' +
    'EnableAccessToken HostType IsAzureVM IsDockerContainer JobAttempt JobDisplayName JobId JobName PhaseAttempt ' +
    'PhaseDisplayName PhaseName PlanId PreferGitFromPath PullRequest.TargetBranch SelfManageGitCreds ServerType ' +
    'SourceVersionMessage StageAttempt StageDisplayName StageName TeamFoundationServerUri TeamProject TeamProjectId ' +
    'WorkFolder',
  task: 'DisplayName SkipTranslatorForCheckout PublishTelemetry',
};

const names = new Set(
  Object.entries(groups).flatMap(([group, list]) =>
    list.split(' ').map(name => `${group}.${name}`.toLowerCase()),
  ),
);

/**
 * Whether the agent itself counts a variable as read-only, once it is there. The address of the collection and that of
 * the job's OIDC token are not among them.
 */
export function isAgentOwned(name: string): boolean {
  return names.has(name.toLowerCase());
}
