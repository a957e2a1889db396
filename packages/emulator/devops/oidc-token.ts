import type { AzureApplication } from '../entra/client-credentials.js';
import { queryOf } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { withScope } from './access.js';
import { isGuid } from './guid.js';
import { badRequest, notAuthorized } from './refusals.js';
import type { Service } from './service.js';

/** `System.OidcRequestUri`: a token for a service connection, for the job that asks with its own. */
export function oidcTokenRoutes(service: Service, application: AzureApplication): Route[] {
  return [
    {
      operation: 'oidctoken',
      method: 'POST',
      path: '/{organization}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken',
      handle: withScope(service, undefined, (call, { user, organization }) => {
        if (user.origin !== 'vsts') return notAuthorized(user.id);
        const connectionId = queryOf(call, 'serviceConnectionId') ?? '';
        if (!isGuid(connectionId)) return badRequest('The service connection id is not valid.');
        return jsonReply(200, { oidcToken: application.issueAssertion(connectionId, organization.id) });
      }),
    },
  ];
}
