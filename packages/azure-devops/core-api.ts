import { CoreApi } from 'azure-devops-node-api/CoreApi.js';
import type { RetryPolicy } from '#http/retry';
import type { AzureDevOpsClient } from './client.js';
import { answerTo, type KnownLocation } from './library-transport.js';
import type { ApiResponse } from './responses.js';

/** Of the published resource (vsts-rest-api-specs, core 7.1). */
const API_VERSION = '7.1';

/** As `OPTIONS _apis/core` tells it. */
const LOCATIONS: readonly KnownLocation[] = [
  {
    id: '603fe2ac-9723-48b9-88ad-09305aa6c6e1',
    area: 'core',
    resourceName: 'projects',
    routeTemplate: '_apis/{resource}/{*projectId}',
  },
];

/** A call of Microsoft's client for projects, sent in our own way (see `answerTo`). @throws Failure */
export function askCore(
  client: AzureDevOpsClient,
  policy: RetryPolicy,
  call: (api: CoreApi) => Promise<unknown>,
): Promise<ApiResponse> {
  const api = new CoreApi(client.organization.url, []);
  return answerTo(api, LOCATIONS, API_VERSION, request => client.send(request, policy), call);
}
