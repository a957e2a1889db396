import { ServiceEndpointApi } from 'azure-devops-node-api/ServiceEndpointApi.js';
import type { RetryPolicy } from '#http/retry';
import type { AzureDevOpsClient } from './client.js';
import { answerTo, type KnownLocation } from './library-transport.js';
import type { ApiResponse } from './responses.js';

/** Of the published resource (specs/serviceEndpoint/7.1). */
const API_VERSION = '7.1';

/** As `OPTIONS _apis/serviceendpoint` tells them: a connection in a project, and in the organization. */
const LOCATIONS: readonly KnownLocation[] = [
  {
    id: 'e85f1c62-adfc-4b74-b618-11a150fb195e',
    area: 'serviceendpoint',
    resourceName: 'endpoints',
    routeTemplate: '{project}/_apis/{area}/{resource}/{endpointId}',
  },
  {
    id: '14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0',
    area: 'serviceendpoint',
    resourceName: 'endpoints',
    routeTemplate: '_apis/{area}/{resource}/{endpointId}',
  },
];

/** A call of Microsoft's client for service connections, sent in our own way (see `answerTo`). @throws Failure */
export function askServiceEndpoints(
  client: AzureDevOpsClient,
  policy: RetryPolicy,
  call: (api: ServiceEndpointApi) => Promise<unknown>,
): Promise<ApiResponse> {
  const api = new ServiceEndpointApi(client.organization.url, []);
  return answerTo(api, LOCATIONS, API_VERSION, request => client.send(request, policy), call);
}
