import { jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { organizationId, stableGuid } from '../organizations.js';
import type { User } from '../entra/directory.js';
import { subjectDescriptorOf } from '../graph/subject.js';
import { queryOf } from '../http/call.js';
import { withScope } from './access.js';
import { anonymousIdentity } from './refusals.js';
import type { Service } from './service.js';
import { refuseVersion } from './versions.js';

/** `GET /{organization}/_apis/connectionData`: who the credential stands for; no scope is needed. */
export function connectionDataRoutes(service: Service): Route[] {
  return [
    {
      operation: 'connectionData',
      method: 'GET',
      path: '/{organization}/_apis/connectionData',
      handle: withScope(service, undefined, (call, { user, organization }) => {
        const refused =
          queryOf(call, 'api-version') === undefined
            ? undefined
            : refuseVersion(call, ['5.0', '5.1', '6.0', '6.1', '7.0', '7.1', '7.2']);
        return refused ?? connectionData(user, organization.name);
      }),
    },
  ];
}

/** What connectionData says when it lets a request in without knowing who sent it. */
export function anonymousConnectionData(organization: string): Reply {
  return connectionData(
    { id: anonymousIdentity, displayName: 'Anonymous', principalName: 'Anonymous', origin: 'vsts' },
    organization,
  );
}

function connectionData(
  user: Pick<User, 'id' | 'displayName' | 'principalName' | 'origin'>,
  organization: string,
): Reply {
  const text = (value: string): Record<string, string> => ({ $type: 'System.String', $value: value });
  const identity = {
    id: user.id,
    descriptor: `Microsoft.IdentityModel.Claims.ClaimsIdentity;${user.principalName}`,
    subjectDescriptor: subjectDescriptorOf(user),
    providerDisplayName: user.displayName,
    isActive: true,
    properties: { Account: text(user.principalName), Mail: text(user.principalName) },
    resourceVersion: 2,
    metaTypeId: 0,
  };
  return jsonReply(200, {
    authenticatedUser: identity,
    authorizedUser: identity,
    instanceId: organizationId(organization),
    deploymentId: stableGuid('deployment'),
    deploymentType: 'hosted',
    locationServiceData: {
      serviceOwner: stableGuid('service owner'),
      defaultAccessMappingMoniker: 'PublicAccessMapping',
      lastChangeId: 1,
      lastChangeId64: 1,
    },
  });
}
