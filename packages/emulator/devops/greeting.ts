import { parameterOf } from '../http/call.js';
import { emptyReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { Service } from './service.js';

/**
 * `HEAD /{organization}` without a credential: there is no such page, says the status, and in its headers the
 * organization says all the same to which tenant it belongs.
 */
export function greetingRoutes({ directory, origin, clock, manners }: Service): Route[] {
  return [
    {
      operation: 'greeting',
      method: 'HEAD',
      path: '/{organization}',
      handle: call => {
        const { tenant } = manners;
        return emptyReply(404, {
          'X-TFS-ServiceError': encodeURIComponent('Page not found.'),
          Date: clock().toUTCString(),
          'X-VSS-ResourceTenant':
            tenant === 'none' ? '00000000-0000-0000-0000-000000000000' : directory.tenantId,
          'X-VSS-AuthorizationEndpoint': `${origin()}/${parameterOf(call, 'organization')}/`,
          ...(tenant === 'named'
            ? {
                'WWW-Authenticate': `Bearer authorization_uri=${origin()}/${directory.tenantId}, Basic realm="${origin()}/"`,
              }
            : {}),
        });
      },
    },
  ];
}
