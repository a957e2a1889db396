import { inProject, projectUrl, wireProject, type ProjectEntry } from '../devops/project-access.js';
import { idsIn, refuseQuery } from '../devops/query.js';
import { badRequest, serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, versioned } from '../devops/versions.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import { emptyReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { buildService } from './job-tokens.js';
import type { Build } from './run.js';
import { planIdOf, wireTimeline } from './timeline.js';

/** Builds and their timelines, `/{organization}/{project}/_apis/build/builds/{id}`, which need `vso.build`. */
export function buildRoutes(service: Service): Route[] {
  const path = '/{organization}/{project}/_apis/build/builds/{id}';
  const reading = (answer: (call: Call, build: Build) => Reply): Route['handle'] =>
    inProject(service, 'vso.build', (call, entry) => {
      const build = buildOf(call, entry, service);
      return refuseReleasedVersion(call) ?? (build ? answer(call, build) : buildNotFound(call));
    });
  const timeline = reading((call, build) => {
    // A build that has not been planned yet has no timeline, and Azure DevOps answers with nothing.
    if (build.status === 'notStarted' && build.jobs.length === 0) return emptyReply(204);
    const found = wireTimeline(build, urlOf(build, service), call.parameters['timelineId']);
    return found ? versioned(call, found) : timelineNotFound(call);
  });
  return [
    {
      operation: 'build.list',
      method: 'GET',
      path: '/{organization}/{project}/_apis/build/builds',
      handle: inProject(service, 'vso.build', (call, entry) => listBuilds(call, entry, service)),
    },
    {
      operation: 'build.get',
      method: 'GET',
      path,
      handle: reading((call, build) => versioned(call, wireBuild(build, service))),
    },
    { operation: 'build.timeline', method: 'GET', path: `${path}/timeline`, handle: timeline },
    { operation: 'build.timeline', method: 'GET', path: `${path}/timeline/{timelineId}`, handle: timeline },
    {
      operation: 'build.attachments',
      method: 'GET',
      path: `${path}/attachments/{type}`,
      handle: reading((call, build) => versioned(call, wireAttachments(build, call, urlOf(build, service)))),
    },
    {
      operation: 'build.attachment',
      method: 'GET',
      path: `${path}/{timelineId}/{recordId}/attachments/{type}/{name}`,
      handle: reading((call, build) => attachmentContent(call, build)),
    },
  ];
}

function buildOf(call: Call, { organization, project }: ProjectEntry, { runs }: Service): Build | undefined {
  const id = parameterOf(call, 'id');
  return /^\d+$/.test(id) ? runs.findBuild(organization, project, Number(id)) : undefined;
}

/** `deletedFilter` and `buildIds` of the list (vsts-rest-api-specs, build 7.1); no other filter is emulated. */
function listBuilds(call: Call, { organization, project }: ProjectEntry, service: Service): Reply {
  const refused = refuseReleasedVersion(call) ?? refuseQuery(call, ['deletedFilter', 'buildIds', '$top']);
  if (refused) return refused;
  const ids = idsIn(queryOf(call, 'buildIds'));
  const filter = (queryOf(call, 'deletedFilter') ?? 'excludeDeleted').toLowerCase();
  // The value of an enum may be told by its number.
  const shows = new Map([
    ['excludedeleted', [false]],
    ['0', [false]],
    ['includedeleted', [false, true]],
    ['1', [false, true]],
    ['onlydeleted', [true]],
    ['2', [true]],
  ]).get(filter);
  if (ids === undefined || shows === undefined) return badRequest('The filter of builds is not valid.');
  const value = service.runs
    .listed('build', organization, project)
    .filter(({ run }) => ids.length === 0 || ids.includes(run.id))
    .filter(({ deletedAt }) => shows.includes(deletedAt !== undefined))
    .map(({ run, deletedAt }) => ({
      ...wireBuild(run, service),
      ...(deletedAt && { deleted: true, deletedDate: deletedAt.toISOString() }),
    }));
  return versioned(call, { count: value.length, value });
}

/** Azure DevOps leaves out what has no value yet. */
function wireBuild(build: Build, service: Service): Record<string, unknown> {
  const { organization, project, id, status, result, queueTime, startTime, finishTime } = build;
  const { id: requester, displayName } = buildService(organization);
  const definition = {
    id: 1,
    name: 'sample',
    url: `${projectUrl(service, organization, project)}/_apis/build/Definitions/1?revision=1`,
    uri: 'vstfs:///Build/Definition/1',
    path: '\\',
    type: 'build',
    queueStatus: 'enabled',
    revision: 1,
    project: wireProject(service, organization, project),
  };
  return {
    properties: {},
    tags: [],
    validationResults: [],
    plans: [{ planId: planIdOf(build) }],
    id,
    buildNumber: `${queueTime.toISOString().slice(0, 10).replaceAll('-', '')}.${id}`,
    status,
    ...(result === undefined ? {} : { result }),
    queueTime: queueTime.toISOString(),
    ...(startTime === undefined ? {} : { startTime: startTime.toISOString() }),
    ...(finishTime === undefined ? {} : { finishTime: finishTime.toISOString() }),
    url: urlOf(build, service),
    definition,
    project: wireProject(service, organization, project),
    uri: `vstfs:///Build/Build/${id}`,
    sourceBranch: 'refs/heads/main',
    priority: 'normal',
    reason: 'manual',
    requestedFor: { id: requester, displayName },
    lastChangedDate: (finishTime ?? startTime ?? queueTime).toISOString(),
    orchestrationPlan: { planId: planIdOf(build) },
    keepForever: false,
    retainedByRelease: false,
  };
}

/** The attachments of a type; their content is at the link. */
function wireAttachments(build: Build, call: Call, url: string): Record<string, unknown> {
  const type = parameterOf(call, 'type');
  const value = build.attachments
    .filter(attachment => attachment.type.toLowerCase() === type.toLowerCase())
    .map(({ name, recordId }) => ({
      _links: {
        self: {
          href: `${url}/${planIdOf(build)}/${recordId}/attachments/${encodeURIComponent(type)}/${encodeURIComponent(name)}`,
        },
      },
      name,
    }));
  return { count: value.length, value };
}

function attachmentContent(call: Call, build: Build): Reply {
  const asked = (name: string): string => parameterOf(call, name).toLowerCase();
  const found = build.attachments.find(
    ({ type, name, recordId }) =>
      planIdOf(build) === asked('timelineId') &&
      recordId.toLowerCase() === asked('recordId') &&
      type.toLowerCase() === asked('type') &&
      name.toLowerCase() === asked('name'),
  );
  if (found === undefined) {
    return serviceError({
      status: 404,
      typeKey: 'AttachmentNotFoundException',
      message: `The build has no attachment ${parameterOf(call, 'name')}.`,
    });
  }
  return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: found.content };
}

function urlOf({ organization, project, id }: Build, service: Service): string {
  return `${projectUrl(service, organization, project)}/_apis/build/Builds/${id}`;
}

/** The same for a build that never was, one of another project, and one that was deleted. */
function buildNotFound(call: Call): Reply {
  return serviceError({
    status: 404,
    typeKey: 'BuildNotFoundException',
    message: `The requested build ${parameterOf(call, 'id')} could not be found.`,
  });
}

function timelineNotFound(call: Call): Reply {
  return serviceError({
    status: 404,
    typeKey: 'TimelineNotFoundException',
    message: `The build has no timeline ${parameterOf(call, 'timelineId')}.`,
  });
}
