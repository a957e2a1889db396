import { parameterOf } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { Organization } from '../organizations.js';
import { withScope } from './access.js';
import { resourceAreas, type ResourceArea } from './resource-areas.js';
import { resourceLocations } from './resource-locations.js';
import type { Service } from './service.js';
import { refusePreviewVersion, versioned } from './versions.js';

/**
 * What clients ask before anything else: `OPTIONS /{organization}/_apis[/{area}]`, the resources with their paths and
 * versions, and `GET /{organization}/_apis/ResourceAreas[/{id}]`, the hosts of the areas. Both need a valid credential
 * and no scope.
 */
export function locationRoutes(service: Service): Route[] {
  const options = (path: string): Route => ({
    operation: 'locations',
    method: 'OPTIONS',
    path,
    handle: withScope(service, undefined, call => {
      const area = call.parameters['area']?.toLowerCase();
      const value = resourceLocations.filter(
        location => area === undefined || location.area.toLowerCase() === area,
      );
      return jsonReply(200, { count: value.length, value });
    }),
  });
  // All hosts of an organization are one here; the service ends each address with a slash.
  const wireArea = ({ id, name }: ResourceArea, organization: Organization): Record<string, unknown> => ({
    id,
    name,
    locationUrl: `${service.origin()}/${organization.name}/`,
  });
  return [
    options('/{organization}/_apis'),
    options('/{organization}/_apis/{area}'),
    {
      operation: 'resourceAreas',
      method: 'GET',
      path: '/{organization}/_apis/ResourceAreas',
      handle: withScope(
        service,
        undefined,
        (call, { organization }) =>
          refusePreviewVersion(call) ??
          versioned(call, {
            count: resourceAreas.length,
            value: resourceAreas.map(area => wireArea(area, organization)),
          }),
      ),
    },
    {
      operation: 'resourceAreas',
      method: 'GET',
      path: '/{organization}/_apis/ResourceAreas/{area}',
      handle: withScope(service, undefined, (call, { organization }) => {
        const asked = parameterOf(call, 'area').toLowerCase();
        const area = resourceAreas.find(({ id }) => id === asked);
        return (
          refusePreviewVersion(call) ??
          versioned(call, area === undefined ? null : wireArea(area, organization))
        );
      }),
    },
  ];
}
