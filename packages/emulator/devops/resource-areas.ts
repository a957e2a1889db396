/** An area of resources, as a client finds the host that has it. */
export interface ResourceArea {
  readonly id: string;
  readonly name: string;
}

/**
 * The areas of an organization that Microsoft's own clients look up before their first request: WebApi of
 * azure-devops-node-api, `az devops` and the provider of Terraform, which asks for all of its areas at its start. Names
 * and ids are those of `GET https://dev.azure.com/{organization}/_apis/ResourceAreas` in January 2025 (recordings in
 * Azure/azure-devops-cli-extension), of which these are a part; nothing but what is emulated can be asked of them.
 */
export const resourceAreas: readonly ResourceArea[] = Object.entries({
  core: '79134c72-4a58-4b42-976c-04e7115f32bf',
  Build: '965220d5-5bb9-42cf-8d67-9b146df2a5a4',
  Release: 'efc2f575-36ef-48e9-b672-0c6fb4a48ac5',
  distributedtask: 'a85b8835-c1a1-4aac-ae97-1c3d0ba72dbd',
  serviceendpoint: '1814ab31-2f4f-4a9f-8761-f4d77dc5a5d7',
  Graph: 'bb1e7ec9-e901-4b68-999a-de7012b920f8',
  Tokens: '55967393-20ef-45c6-a96c-b5d5d5986a9a',
  TokenAdmin: 'af68438b-ed04-4407-9eb6-f1dbae3f922e',
  git: '4e080c62-fa21-4fbc-8fef-2a10a2b38049',
  Packaging: '7ab4e64e-c4d8-4f50-ae73-5ef2e21642a5',
  npm: '4c83cfc1-f33a-477e-a789-29d38ffca52e',
  pypi: '92f0314b-06c5-46e0-abe7-15fd9d13276a',
  nuget: 'b3be7473-68ea-4a81-bfc7-9530baaa19ad',
  maven: '6f7f8c07-ff36-473c-bcf3-bd6cc9b6c066',
  ExtensionManagement: '6c2b0933-3600-42ae-bf8b-93d4f7e83594',
  Dashboard: '31c84e0a-3ece-48fd-a29d-100849af99ba',
  MemberEntitlementManagement: '68ddce18-2501-45f1-a17b-7931a9922690',
  policy: 'fb13a388-40dd-4a04-b530-013a739c72ef',
  IMS: '8a3d49b8-91f0-46ef-b33d-dda338c25db3',
  wiki: 'bf7d82a0-8aa5-4613-94ef-6172a5ea01f3',
  wit: '5264459e-e5e0-4bd8-b118-0985e68a4ec5',
  PipelinesChecks: '4a933897-0488-45af-bd82-6fd3ad33f46a',
  pipelinePermissions: 'a81a0441-de52-4000-aa15-ff0e07bfbbaa',
  work: '1d4f49f9-02b9-4e26-b826-2cdb6195f2a9',
  projectanalysis: '7658fa33-b1bf-4580-990f-fac5896773d3',
  Test: 'c2aa639c-3ccc-4740-b3b6-ce2a1e1d984e',
  testplan: 'e4c27205-9d23-4c98-b958-d798bc3f9cd4',
  testresults: 'c83eaf52-edf3-4034-ae11-17d38f25404c',
  tfvc: '8aa40520-446d-40e6-89f6-9c9f9ce44c48',
}).map(([name, id]) => ({ id, name }));
