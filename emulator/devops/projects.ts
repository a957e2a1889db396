import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { withScope } from './access.js';
import type { Service } from './service.js';

/** `GET /{organization}/_apis/projects`, which needs `vso.project`. */
export function projectRoutes(service: Service): Route[] {
  return [
    {
      operation: 'projects',
      method: 'GET',
      path: '/{organization}/_apis/projects',
      handle: withScope(service, 'vso.project', (_call, { organization }) => {
        const { id, name } = organization.project;
        const url = `${service.origin()}/${organization.name}/_apis/projects/${id}`;
        return jsonReply(200, {
          count: 1,
          value: [{ id, name, url, state: 'wellFormed', revision: 1, visibility: 'private' }],
        });
      }),
    },
  ];
}
