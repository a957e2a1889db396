/** Where a resource is, and in which versions; the members are those that Azure DevOps sends. */
export interface ResourceLocation {
  readonly id: string;
  readonly area: string;
  readonly resourceName: string;
  /** `{area}` and `{resource}` stand for the two above; a segment whose parameter is not given is left out. */
  readonly routeTemplate: string;
  readonly resourceVersion: number;
  readonly minVersion: string;
  readonly maxVersion: string;
  /** `0.0`: it was never released, all versions are previews. */
  readonly releasedVersion: string;
}

const newest = '7.2';
const released = '7.1';
const previewOnly = '0.0';

/**
 * The resources that are emulated, as `OPTIONS https://dev.azure.com/{organization}/_apis` described them in January
 * 2025 (recordings in Azure/azure-devops-cli-extension). Those of other hosts, from `Release` on, are not recorded:
 * their ids and versions are those of Microsoft's own clients (azure-devops-go-api, azure-devops-node-api), their
 * paths those of the OpenAPI documents.
 */
export const resourceLocations: readonly ResourceLocation[] = [
  at(
    '00d9565f-ed9c-4a06-9a50-00e7896ccab4',
    'Location/ConnectionData',
    '_apis/{resource}',
    1,
    '1.0',
    previewOnly,
  ),
  at(
    'e81700f7-3be2-46de-8624-2eb35882fcaa',
    'Location/ResourceAreas',
    '_apis/{resource}/{areaId}',
    1,
    '3.2',
    previewOnly,
  ),
  at('603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'core/projects', '_apis/{resource}/{*projectId}', 4, '1.0'),
  at(
    '0cd358e1-9217-4d94-8269-1c1ee6f93dcf',
    'Build/Builds',
    '{project}/_apis/build/{resource}/{buildId}',
    7,
    '1.0',
  ),
  at(
    '8baac422-4c6e-4de5-8532-db96d92acffa',
    'build/Timeline',
    '{project}/_apis/{area}/builds/{buildId}/{resource}/{timelineId}',
    3,
    '2.0',
  ),
  at(
    'f2192269-89fa-4f94-baf6-8fb128c55159',
    'build/attachments',
    '{project}/_apis/{area}/builds/{buildId}/{resource}/{type}',
    2,
    '4.1',
  ),
  at(
    'af5122d3-3438-485e-a25a-2dbbfde84ee6',
    'build/attachments',
    '{project}/_apis/{area}/builds/{buildId}/{timelineId}/{recordId}/{resource}/{type}/{name}',
    2,
    '4.1',
  ),
  at(
    'f5b09dd5-9d54-45a1-8b5a-1c8287d634cc',
    'distributedtask/variablegroups',
    '{project}/_apis/{area}/{resource}/{groupId}',
    2,
    '3.1',
  ),
  at(
    'ef5b7057-ffc3-4c77-bbad-c10b4a4abcc7',
    'distributedtask/variablegroups',
    '_apis/{area}/{resource}/{groupId}',
    2,
    '5.2',
  ),
  at(
    '72c7ddf8-2cdc-4f60-90cd-ab71c14a399b',
    'wit/workItems',
    '{project}/_apis/{area}/{resource}/{id}',
    3,
    '1.0',
  ),
  at(
    '69a319f4-28c1-4bfd-93e6-ea0ff5c6f1a2',
    'distributedtask/oidctoken',
    '{scopeIdentifier}/_apis/{area}/hubs/{hubName}/plans/{planId}/jobs/{jobId}/{resource}',
    1,
    '7.1',
  ),
  at(
    'e85f1c62-adfc-4b74-b618-11a150fb195e',
    'serviceendpoint/endpoints',
    '{project}/_apis/{area}/{resource}/{endpointId}',
    4,
    '4.1',
  ),
  at(
    '14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0',
    'serviceendpoint/endpoints',
    '_apis/{area}/{resource}/{endpointId}',
    4,
    '5.2',
  ),
  at(
    'a166fde7-27ad-408e-ba75-703c2cc9d500',
    'Release/releases',
    '{project}/_apis/{area}/{resource}/{releaseId}',
    9,
    '3.0',
  ),
  at(
    '55967393-20ef-45c6-a96c-b5d5d5986a9a',
    'Tokens/Pats',
    '_apis/{area}/{resource}/{id}',
    1,
    '6.1',
    previewOnly,
  ),
  at(
    'af68438b-ed04-4407-9eb6-f1dbae3f922e',
    'TokenAdmin/PersonalAccessTokens',
    '_apis/{area}/{resource}/{subjectDescriptor}',
    1,
    '5.0',
  ),
  at('a9c08b2c-5466-4e22-8626-1ff304ffdf0f', 'TokenAdmin/Revocations', '_apis/{area}/{resource}', 1, '5.0'),
  at(
    '005e26ec-6b77-4e4f-a986-b3827bf241f5',
    'Graph/Users',
    '_apis/{area}/{resource}/{userDescriptor}',
    1,
    '4.0',
    previewOnly,
  ),
  at(
    '048aee0a-7072-4cde-ab73-7af77b1e0b4e',
    'Graph/Descriptors',
    '_apis/{area}/{resource}/{storageKey}',
    1,
    '4.0',
  ),
  at(
    '1ffe5c94-1144-4191-907b-d0211cad36a8',
    'Graph/MembershipStates',
    '_apis/{area}/{resource}/{subjectDescriptor}',
    1,
    '4.0',
    previewOnly,
  ),
];

function at(
  id: string,
  areaAndResource: `${string}/${string}`,
  routeTemplate: string,
  resourceVersion: number,
  minVersion: string,
  releasedVersion = released,
): ResourceLocation {
  const [area = '', resourceName = ''] = areaAndResource.split('/');
  return {
    id,
    area,
    resourceName,
    routeTemplate,
    resourceVersion,
    minVersion,
    maxVersion: newest,
    releasedVersion,
  };
}
