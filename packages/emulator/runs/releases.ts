import { inProject, projectUrl, type ProjectEntry } from '../devops/project-access.js';
import { idsIn, refuseQuery } from '../devops/query.js';
import { badRequest, serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, versioned } from '../devops/versions.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { stableGuid } from '../organizations.js';
import { attemptsOf, type Attempt, type Environment, type Job, type JobResult, type Release } from './run.js';

type Wire = Record<string, unknown>;

/**
 * Classic releases, `/{organization}/{project}/_apis/release/releases/{id}`, which need `vso.release`. Azure DevOps
 * has them on a host of their own, `vsrm.dev.azure.com`.
 */
export function releaseRoutes(service: Service): Route[] {
  return [
    {
      operation: 'release.list',
      method: 'GET',
      path: '/{organization}/{project}/_apis/release/releases',
      handle: inProject(service, 'vso.release', (call, entry) => listReleases(call, entry, service)),
    },
    {
      operation: 'release.get',
      method: 'GET',
      path: '/{organization}/{project}/_apis/release/releases/{id}',
      handle: inProject(service, 'vso.release', (call, entry) => {
        const release = releaseOf(call, entry, service);
        const answer = (): Reply =>
          release ? versioned(call, wireRelease(release, service)) : releaseNotFound(call);
        return refuseReleasedVersion(call) ?? answer();
      }),
    },
  ];
}

function releaseOf(
  call: Call,
  { organization, project }: ProjectEntry,
  { runs }: Service,
): Release | undefined {
  const id = parameterOf(call, 'id');
  return /^\d+$/.test(id) ? runs.findRelease(organization, project, Number(id)) : undefined;
}

/**
 * `isDeleted` and `releaseIdFilter` of the list (vsts-rest-api-specs, release 7.1); no other filter is emulated. Without
 * `$expand` a list leaves out what stages did.
 */
function listReleases(call: Call, { organization, project }: ProjectEntry, service: Service): Reply {
  const refused = refuseReleasedVersion(call) ?? refuseQuery(call, ['isDeleted', 'releaseIdFilter', '$top']);
  if (refused) return refused;
  const ids = idsIn(queryOf(call, 'releaseIdFilter'));
  if (ids === undefined) return badRequest('The filter of releases is not valid.');
  const onlyDeleted = queryOf(call, 'isDeleted')?.toLowerCase() === 'true';
  const value = service.runs
    .listed('release', organization, project)
    .filter(({ run, deletedAt }) => (deletedAt !== undefined) === onlyDeleted && hasId(run, ids))
    .slice(0, Number(queryOf(call, '$top') ?? 50))
    .map(({ run }) => ({ ...wireRelease(run, service), environments: [] }));
  return versioned(call, { count: value.length, value });
}

function hasId({ id }: Release, ids: readonly number[]): boolean {
  return ids.length === 0 || ids.includes(id);
}

function wireRelease(release: Release, service: Service): Wire {
  const { organization, project, id, status, createdOn, modifiedOn, environments } = release;
  const base = projectUrl(service, organization, project);
  return {
    id,
    name: `Release-${id}`,
    status,
    createdOn: createdOn.toISOString(),
    modifiedOn: modifiedOn.toISOString(),
    environments: environments.map((environment, index) => wireEnvironment(release, environment, index)),
    variables: {},
    variableGroups: [],
    artifacts: [],
    releaseDefinition: { id: 1, name: 'sample', path: '\\', url: `${base}/_apis/Release/definitions/1` },
    reason: 'manual',
    keepForever: false,
    url: `${base}/_apis/Release/releases/${id}`,
    tags: [],
    projectReference: { id: project.id, name: project.name },
    properties: {},
  };
}

function wireEnvironment(release: Release, environment: Environment, index: number): Wire {
  const { name, status, jobs } = environment;
  const attempts = Math.max(0, ...jobs.map(job => attemptsOf(job).length));
  return {
    id: release.id * 100 + index,
    releaseId: release.id,
    name,
    status,
    deploySteps: Array.from({ length: attempts }, (_, at) =>
      wireDeployment(release, environment, index, at + 1),
    ),
    rank: index + 1,
    definitionEnvironmentId: index + 1,
    modifiedOn: release.modifiedOn.toISOString(),
    triggerReason: 'Manual',
  };
}

/** One attempt to deploy to an environment; a job that was not tried as often is missing in the later ones. */
function wireDeployment({ id }: Release, { name, jobs }: Environment, index: number, attempt: number): Wire {
  const deploymentId = id * 100 + index;
  const tried = jobs.flatMap((job, at) => {
    const run = attemptsOf(job)[attempt - 1];
    return run ? [{ job, run, rank: at + 1 }] : [];
  });
  const status = statusOf(tried.map(({ run }) => run));
  return {
    id: deploymentId * 10 + attempt,
    deploymentId,
    attempt,
    reason: 'manual',
    status,
    operationStatus: `phase${status.charAt(0).toUpperCase()}${status.slice(1)}`,
    releaseDeployPhases: tried.map(({ job, run, rank }) => ({
      id: deploymentId * 100 + rank,
      phaseId: String(rank),
      name: 'Agent job',
      rank,
      phaseType: 'agentBasedDeployment',
      status: statusOf([run]),
      runPlanId: stableGuid('release plan', String(id), name, String(attempt)),
      deploymentJobs: [{ job: wireJob(job, run, rank), tasks: [] }],
      manualInterventions: [],
    })),
    hasStarted: true,
    issues: [],
  };
}

/** What a deployment or a phase shows of its jobs. */
function statusOf(
  attempts: readonly Attempt[],
): 'inProgress' | 'succeeded' | 'partiallySucceeded' | 'failed' {
  if (attempts.some(({ state }) => state !== 'completed')) return 'inProgress';
  const results = attempts.map(({ result }) => result ?? 'succeeded');
  if (results.some(result => taskStatuses[result] === 'failed' || result === 'canceled')) return 'failed';
  return results.includes('succeededWithIssues') ? 'partiallySucceeded' : 'succeeded';
}

function wireJob(job: Job, { id, state, result, startTime, finishTime }: Attempt, rank: number): Wire {
  return {
    id: rank,
    timelineRecordId: id,
    name: job.name,
    ...(startTime === undefined ? {} : { startTime: startTime.toISOString() }),
    ...(finishTime === undefined ? {} : { finishTime: finishTime.toISOString() }),
    status: state === 'completed' ? taskStatuses[result ?? 'succeeded'] : state,
    rank,
    issues: [],
    agentName: 'Emulator',
  };
}

const taskStatuses: Readonly<Record<JobResult, string>> = {
  succeeded: 'succeeded',
  succeededWithIssues: 'partiallySucceeded',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
  abandoned: 'failed',
};

/** The key is that of the service's exception; its words are not published. */
function releaseNotFound(call: Call): Reply {
  return serviceError({
    status: 404,
    typeKey: 'ReleaseNotFoundException',
    message: `There is no release ${parameterOf(call, 'id')}, or you have no permission to see it.`,
  });
}
