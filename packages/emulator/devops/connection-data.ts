import { queryOf, type Call } from '../http/call.js';
import { jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { organizationId, stableGuid, type Organization } from '../organizations.js';
import type { User } from '../entra/principals.js';
import { subjectDescriptorOf } from '../graph/subject.js';
import { withScope } from './access.js';
import { anonymousIdentity } from './refusals.js';
import type { Service } from './service.js';
import { refusePreviewVersion, versioned } from './versions.js';

/** `GET /{organization}/_apis/connectionData[?connectOptions]`: who the credential stands for; no scope is needed. */
export function connectionDataRoutes(service: Service): Route[] {
  return [
    {
      operation: 'connectionData',
      method: 'GET',
      path: '/{organization}/_apis/connectionData',
      handle: withScope(
        service,
        undefined,
        (call, { user, organization }) =>
          refusePreviewVersion(call) ??
          versioned(call, connectionData(user, organization.name, servicesFor(call, organization, service))),
      ),
    },
  ];
}

/** What connectionData says when it lets a request in without knowing who sent it. */
export function anonymousConnectionData(organization: string): Reply {
  const anonymous = { displayName: 'Anonymous', principalName: 'Anonymous', origin: 'vsts' } as const;
  return jsonReply(200, connectionData({ id: anonymousIdentity, ...anonymous }, organization));
}

/** What is added for `connectOptions=IncludeServices`, a flag whose number is 1. */
function servicesFor(call: Call, { name }: Organization, { origin }: Service): object {
  const options = queryOf(call, 'connectOptions') ?? '';
  const asked = /^\d{1,3}$/.test(options) ? Number(options) % 2 === 1 : /\bIncludeServices\b/i.test(options);
  if (!asked) return {};
  const mapping = { moniker: publicAccess, displayName: 'Public Access Mapping', serviceOwner };
  return {
    accessMappings: [{ ...mapping, accessPoint: `${origin()}/`, virtualDirectory: name }],
    serviceDefinitions: [],
    clientCacheFresh: false,
    clientCacheTimeToLive: 3600,
  };
}

/** The service that has projects, builds and the like. */
const serviceOwner = '00025394-6065-48ca-87d9-7f5672854ef7';
const publicAccess = 'PublicAccessMapping';

function connectionData(
  user: Pick<User, 'id' | 'displayName' | 'principalName' | 'origin'>,
  organization: string,
  services: object = {},
): object {
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
  return {
    authenticatedUser: identity,
    authorizedUser: identity,
    instanceId: organizationId(organization),
    deploymentId: stableGuid('deployment'),
    deploymentType: 'hosted',
    locationServiceData: {
      serviceOwner,
      defaultAccessMappingMoniker: publicAccess,
      lastChangeId: 1,
      lastChangeId64: 1,
      ...services,
    },
  };
}
