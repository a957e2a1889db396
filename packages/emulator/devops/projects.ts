import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { withScope } from './access.js';
import { inProject, wireProject } from './project-access.js';
import type { Service } from './service.js';

/** `GET /{organization}/_apis/projects[/{id or name}]`, which needs `vso.project`. */
export function projectRoutes(service: Service): Route[] {
  return [
    {
      operation: 'projects',
      method: 'GET',
      path: '/{organization}/_apis/projects',
      handle: withScope(service, 'vso.project', (_call, { organization, projects }) => {
        const visible = service.projects
          .of(organization)
          .filter(({ id }) => projects?.includes(id) ?? true)
          .map(project => wireProject(service, organization, project));
        return jsonReply(200, { count: visible.length, value: visible });
      }),
    },
    {
      operation: 'projects.get',
      method: 'GET',
      path: '/{organization}/_apis/projects/{project}',
      handle: inProject(service, 'vso.project', (_call, { organization, project }) =>
        jsonReply(200, wireProject(service, organization, project)),
      ),
    },
  ];
}
