import { CoreApi } from 'azure-devops-node-api/CoreApi.js';
import type { ApiResponse } from './client.js';
import { answerTo, type KnownLocation, type SendRequest } from './library-transport.js';

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
  organizationUrl: string,
  send: SendRequest,
  call: (api: CoreApi) => Promise<unknown>,
): Promise<ApiResponse> {
  return answerTo(new CoreApi(organizationUrl, []), LOCATIONS, API_VERSION, send, call);
}
