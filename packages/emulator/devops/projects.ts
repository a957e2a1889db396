import { queryOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { stableGuid, type Organization, type Project } from '../organizations.js';
import { withScope, type Entry } from './access.js';
import { inProject, wireProject } from './project-access.js';
import { badRequest } from './refusals.js';
import type { Service } from './service.js';
import { refuseReleasedVersion, versioned, versionOf } from './versions.js';

/** How many projects a page has that names no number. */
const USUAL_PAGE = 100;

/** `GET /{organization}/_apis/projects[/{id or name}]`, which needs `vso.project`; the version may be left out. */
export function projectRoutes(service: Service): Route[] {
  const refuseProjectVersion = (call: Call): Reply | undefined =>
    versionOf(call) === undefined ? undefined : refuseReleasedVersion(call);
  return [
    {
      operation: 'projects',
      method: 'GET',
      path: '/{organization}/_apis/projects',
      handle: withScope(
        service,
        'vso.project',
        (call, entry) => refuseProjectVersion(call) ?? listProjects(call, entry, service),
      ),
    },
    {
      operation: 'projects.get',
      method: 'GET',
      path: '/{organization}/_apis/projects/{project}',
      handle: inProject(
        service,
        'vso.project',
        (call, { organization, project }) =>
          refuseProjectVersion(call) ??
          versioned(call, {
            ...wireProject(service, organization, project),
            ...details(service, organization, project),
            ...(queryOf(call, 'includeCapabilities')?.toLowerCase() === 'true' && { capabilities }),
          }),
      ),
    },
  ];
}

/** `$top`, `$skip` and `continuationToken` (vsts-rest-api-specs, core 7.1); every project here is well formed. */
function listProjects(call: Call, { organization, projects }: Entry, service: Service): Reply {
  const top = Number(queryOf(call, '$top') ?? USUAL_PAGE);
  const skip = Number(queryOf(call, 'continuationToken') ?? queryOf(call, '$skip') ?? 0);
  if (![top, skip].every(number => Number.isInteger(number) && number >= 0))
    return badRequest('The page of projects is not valid.');
  const visible = service.projects.of(organization).filter(({ id }) => projects?.includes(id) ?? true);
  const value = visible.slice(skip, skip + top).map(project => wireProject(service, organization, project));
  const next = skip + value.length;
  return versioned(
    call,
    { count: value.length, value },
    next < visible.length ? { 'X-MS-ContinuationToken': String(next) } : {},
  );
}

/** What one project tells beyond what a list does. */
function details(service: Service, organization: Organization, { id, name }: Project): object {
  const base = `${service.origin()}/${organization.name}`;
  const url = `${base}/_apis/projects/${id}`;
  const team = stableGuid('team', id);
  return {
    _links: {
      self: { href: url },
      collection: { href: `${base}/_apis/projectCollections/${organization.id}` },
      web: { href: `${base}/${encodeURIComponent(name)}` },
    },
    defaultTeam: { id: team, name: `${name} Team`, url: `${url}/teams/${team}` },
  };
}

/** A project of the process Basic with Git. */
const capabilities = {
  processTemplate: { templateName: 'Basic', templateTypeId: 'b8a3a935-7e91-48b8-a94c-606d37c3e9f2' },
  versioncontrol: { sourceControlType: 'Git', gitEnabled: 'True', tfvcEnabled: 'False' },
};
