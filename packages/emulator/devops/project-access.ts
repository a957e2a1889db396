import { parameterOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Organization, Project } from '../organizations.js';
import { withScope, type Entry } from './access.js';
import { isGuid } from './guid.js';
import { serviceError } from './refusals.js';
import type { Service } from './service.js';

export interface ProjectEntry extends Entry {
  readonly project: Project;
}

/** Like `withScope` for what lies in a project: one that the caller may not see does not exist for him. */
export function inProject(
  service: Service,
  scope: string,
  answer: (call: Call, entry: ProjectEntry) => Reply,
): (call: Call) => Reply | Promise<Reply> {
  return withScope(service, scope, (call, entry) => {
    const asked = parameterOf(call, 'project');
    const project = visibleProject(entry, asked, service);
    return project ? answer(call, { ...entry, project }) : projectNotFound(asked, service);
  });
}

function visibleProject(
  { organization, projects }: Entry,
  asked: string,
  service: Service,
): Project | undefined {
  const project = service.projects.find(organization, asked);
  return project && (projects?.includes(project.id) ?? true) ? project : undefined;
}

/** The words and the key differ for an id and a name; both were seen, the id with status 400 as well as 404. */
function projectNotFound(asked: string, { manners }: Service): Reply {
  if (isGuid(asked)) {
    return serviceError({
      status: manners.unseenProject,
      typeKey: 'ProjectDoesNotExistException',
      message:
        `VS800075: The project with id 'vstfs:///Classification/TeamProject/${asked}' does not exist, or you do not ` +
        'have permission to access it.',
    });
  }
  return serviceError({
    status: 404,
    typeKey: 'ProjectDoesNotExistWithNameException',
    message: `TF200016: The following project does not exist: ${asked}. Verify that the name of the project is correct.`,
  });
}

/** A URL below a project, which Azure DevOps writes with the id. */
export function projectUrl(service: Service, organization: Organization, project: Project): string {
  return `${service.origin()}/${organization.name}/${project.id}`;
}

/** When every project was last changed; nothing here changes one. */
const lastUpdateTime = '2026-01-01T00:00:00Z';

export function wireProject(
  service: Service,
  organization: Organization,
  { id, name }: Project,
): Record<string, unknown> {
  const url = `${service.origin()}/${organization.name}/_apis/projects/${id}`;
  return { id, name, url, state: 'wellFormed', revision: 1, visibility: 'private', lastUpdateTime };
}
