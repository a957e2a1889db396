import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { getBearerHandler, getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api';
import {
  BuildStatus,
  QueryDeletedOption,
  TaskResult,
  TimelineRecordState,
} from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { DeploymentFlags } from 'azure-devops-node-api/interfaces/common/VSSInterfaces.js';
import { ConnectOptions } from 'azure-devops-node-api/interfaces/common/VSSInterfaces.js';
import { EnvironmentStatus, ReleaseStatus } from 'azure-devops-node-api/interfaces/ReleaseInterfaces.js';
import { issue, useEmulator } from './client.js';

const jobId = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
const project = 'sample';

// Microsoft's own client, as it is: what it does not understand in these answers, no other client would.
describe('the emulator, as azure-devops-node-api sees it', () => {
  const emulator = useEmulator();
  const withPat = async (scope = 'app_token'): Promise<WebApi> =>
    new WebApi(
      emulator().organizationUrl('contoso'),
      getPersonalAccessTokenHandler((await issue(emulator(), { scope })).value),
    );
  const withBearer = (): WebApi =>
    new WebApi(
      emulator().organizationUrl('contoso'),
      getBearerHandler(emulator().entra.issueAccessToken({ scopes: ['user_impersonation'] }).value),
    );

  for (const [credential, open] of [
    ['a PAT', withPat],
    ['an Entra token', async () => Promise.resolve(withBearer())],
  ] as const) {
    describe(`with ${credential}`, () => {
      it('tells who is asking', async () => {
        const locations = await (await open()).getLocationsApi();
        const { authenticatedUser, instanceId, deploymentType, locationServiceData } =
          await locations.getConnectionData(ConnectOptions.IncludeServices);
        const { id, displayName } = emulator().entra.user;
        assert.deepEqual([authenticatedUser?.id, authenticatedUser?.providerDisplayName], [id, displayName]);
        assert.match(instanceId ?? '', /^[0-9a-f-]{36}$/);
        assert.equal(deploymentType, DeploymentFlags.Hosted);
        assert.deepEqual(
          locationServiceData?.accessMappings?.map(({ moniker }) => moniker),
          [locationServiceData?.defaultAccessMappingMoniker],
        );
        assert.equal((await (await open()).connect()).authenticatedUser?.id, id);
      });

      it('shows builds, their state and result as members of its enums', async () => {
        emulator().runs.addBuild({ id: 5, status: 'completed', result: 'succeeded' });
        emulator().runs.addBuild({ id: 6 });
        const builds = await (await open()).getBuildApi();
        const done = await builds.getBuild(project, 5);
        assert.deepEqual([done.id, done.status, done.result], [5, BuildStatus.Completed, 2]);
        assert.ok(done.finishTime instanceof Date);
        assert.equal((await builds.getBuild(project, 6)).status, BuildStatus.InProgress);
      });

      it('shows projects by name and by id, and lists them', async () => {
        const { id } = emulator().projects.add('contoso', { name: 'other' });
        const core = await (await open()).getCoreApi();
        const byName = await core.getProject('other', true);
        assert.deepEqual(
          [byName.id, byName.capabilities?.['versioncontrol']?.['sourceControlType']],
          [id, 'Git'],
        );
        assert.equal((await core.getProject(id)).name, 'other');
        const names = (await core.getProjects()).map(({ name }) => name);
        assert.deepEqual(names, [project, 'other']);
        const [first, second] = [await core.getProjects('all', 1, 0), await core.getProjects('all', 1, 1)];
        assert.deepEqual(
          [...first, ...second].map(({ name }) => name),
          names,
        );
      });
    });
  }

  it('shows the timeline of a build, and that of an earlier attempt', async () => {
    const earlier = '22f1170f-54f2-53f3-20dd-22fc7dff55f9';
    emulator().runs.addBuild({
      id: 5,
      jobs: [{ id: jobId, previousAttempts: [{ id: earlier, result: 'failed' }] }],
    });
    const builds = await withBearer().getBuildApi();
    const job = (await builds.getBuildTimeline(project, 5)).records?.find(({ type }) => type === 'Job');
    assert.deepEqual([job?.id, job?.state], [jobId, TimelineRecordState.InProgress]);
    const [before] = job?.previousAttempts ?? [];
    const old = await builds.getBuildTimeline(project, 5, before?.timelineId);
    const failed = old.records?.find(({ id }) => id === before?.recordId);
    assert.deepEqual(
      [failed?.id, failed?.state, failed?.result],
      [earlier, TimelineRecordState.Completed, TaskResult.Failed],
    );
  });

  it('lists builds that were deleted where they are asked for', async () => {
    emulator().runs.remove(emulator().runs.addBuild({ id: 5 }));
    const builds = await withBearer().getBuildApi();
    const listed = async (deleted: QueryDeletedOption): Promise<(number | undefined)[]> => {
      const filters: Parameters<typeof builds.getBuilds> = [project];
      filters[15] = deleted;
      filters[18] = [5];
      return (await builds.getBuilds(...filters)).map(({ id }) => id);
    };
    assert.deepEqual(await listed(QueryDeletedOption.ExcludeDeleted), []);
    assert.deepEqual(await listed(QueryDeletedOption.OnlyDeleted), [5]);
  });

  it('hands out the attachments of a build', async () => {
    emulator().runs.addBuild({
      id: 5,
      jobs: [{ id: jobId }],
      attachments: [{ type: 'inventory', name: 'a b.json', content: '{"pats":1}', recordId: jobId }],
    });
    const builds = await withBearer().getBuildApi();
    const [attachment] = await builds.getAttachments(project, 5, 'inventory');
    const links = attachment?._links as { self: { href: string } } | undefined;
    const [timeline = '', record = ''] = links?.self.href.split('/').slice(-5) ?? [];
    assert.deepEqual([attachment?.name, record], ['a b.json', jobId]);
    const content = await builds.getAttachment(project, 5, timeline, record, 'inventory', 'a b.json');
    assert.equal(await text(content), '{"pats":1}');
  });

  it('shows classic releases and their stages', async () => {
    emulator().runs.addRelease({ id: 9, environments: [{ name: 'Test', status: 'succeeded' }] });
    const releases = await withBearer().getReleaseApi();
    const release = await releases.getRelease(project, 9);
    assert.deepEqual([release.id, release.status], [9, ReleaseStatus.Active]);
    assert.deepEqual(
      release.environments?.map(({ name, status }) => [name, status]),
      [['Test', EnvironmentStatus.Succeeded]],
    );
    assert.deepEqual(
      (await releases.getReleases(project)).map(({ id }) => id),
      [9],
    );
  });

  it('shows variable groups by id and by name, and takes an update', async () => {
    const variables = { token: { value: 'old', isSecret: true }, plain: { value: 'as it was' } };
    const { id } = emulator().variableGroups.add({ name: 'pats', variables });
    emulator().variableGroups.add({ name: 'others' });
    const agents = await (await withPat('vso.variablegroups_manage')).getTaskAgentApi();
    const [named, ...more] = await agents.getVariableGroups(project, 'pats');
    assert.deepEqual([named?.id, named?.variableGroupProjectReferences, more], [id, null, []]);
    assert.deepEqual(
      (await agents.getVariableGroupsById(project, [id])).map(({ name }) => name),
      ['pats'],
    );
    assert.equal((await agents.getVariableGroups(project, undefined, undefined, 1))[0]?.name, 'others');
    const group = await agents.getVariableGroup(project, id);
    assert.equal(group.variables?.['token']?.value, null);
    const written = await agents.updateVariableGroup(
      {
        name: group.name,
        type: group.type,
        variables: { ...group.variables, token: { value: 'new', isSecret: true } },
        variableGroupProjectReferences: group.variableGroupProjectReferences,
      } as Parameters<typeof agents.updateVariableGroup>[0],
      id,
    );
    assert.equal(written.variables?.['plain']?.value, 'as it was');
    assert.equal(emulator().variableGroups.get('pats').variables['token']?.value, 'new');
  });

  it('makes a variable group, shows it in its project, and takes it away', async () => {
    const agents = await (await withPat('vso.variablegroups_manage')).getTaskAgentApi();
    const { id, name } = emulator().projects.add('contoso', { name: 'other' });
    const wanted = {
      name: 'new',
      type: 'Vsts',
      variables: { token: { value: 'x', isSecret: true } },
      variableGroupProjectReferences: [{ name: 'new', projectReference: { id, name } }],
    };
    const made = await agents.addVariableGroup(wanted);
    assert.equal((await agents.getVariableGroup('other', made.id ?? 0)).name, 'new');
    await assert.rejects(agents.addVariableGroup(wanted), { statusCode: 409 });
    await agents.deleteVariableGroup(made.id ?? 0, [id]);
    assert.deepEqual(await agents.getVariableGroups('other'), []);
  });

  it('makes a service connection, and takes it away', async () => {
    const endpoints = await (await withPat('vso.serviceendpoint_manage')).getServiceEndpointApi();
    const { id: projectId, name } = emulator().projects.add('contoso', { name: 'other' });
    const made = await endpoints.createServiceEndpoint({
      name: 'feed',
      type: 'generic',
      url: 'https://example.com/',
      authorization: { scheme: 'Token', parameters: { apitoken: 'x' } },
      serviceEndpointProjectReferences: [{ name: 'feed', projectReference: { id: projectId, name } }],
    });
    assert.equal((await endpoints.getServiceEndpointDetails('other', made.id ?? '')).name, 'feed');
    await endpoints.deleteServiceEndpoint(made.id ?? '', [projectId]);
    assert.deepEqual(await endpoints.getServiceEndpoints('other'), []);
  });

  it('shows service connections by id and by name, and takes an update that keeps the secrets it leaves out', async () => {
    const { id } = emulator().connections.add({
      name: 'feed',
      scheme: 'Token',
      data: { region: 'west' },
      parameters: { apitoken: 'a secret' },
    });
    emulator().connections.add({ name: 'other', type: 'jobPatIssuer' });
    const endpoints = await (await withPat('vso.serviceendpoint_manage')).getServiceEndpointApi();
    const found = await endpoints.getServiceEndpointDetails(project, id);
    assert.deepEqual([found.name, found.authorization?.parameters], ['feed', { apitoken: null }]);
    const ids = (list: { id?: string }[]): (string | undefined)[] => list.map(endpoint => endpoint.id);
    assert.deepEqual(ids(await endpoints.getServiceEndpointsByNames(project, ['feed'])), [id]);
    assert.deepEqual(ids(await endpoints.getServiceEndpoints(project, undefined, undefined, [id])), [id]);
    assert.equal((await endpoints.getServiceEndpoints(project, 'jobPatIssuer'))[0]?.name, 'other');
    const written = await endpoints.updateServiceEndpoint({ ...found, description: 'renewed' }, id);
    assert.equal(written.description, 'renewed');
    const { parameters, data } = emulator().connections.get('feed');
    assert.deepEqual([parameters, data], [{ apitoken: 'a secret' }, { region: 'west' }]);
  });

  describe('says what it cannot find', () => {
    it('as null where the status is 404, whatever is missing', async () => {
      const api = withBearer();
      const [builds, releases, core] = [
        await api.getBuildApi(),
        await api.getReleaseApi(),
        await api.getCoreApi(),
      ];
      assert.equal(await builds.getBuild(project, 404), null);
      assert.equal(await builds.getBuild('no such project', 404), null);
      assert.equal(await builds.getBuildTimeline(project, 404), null);
      assert.equal(await releases.getRelease(project, 404), null);
      assert.equal(await core.getProject('no such project'), null);
    });

    it('as null with status 200 for a variable group and a service connection', async () => {
      const agents = await withBearer().getTaskAgentApi();
      assert.equal(await agents.getVariableGroup(project, 404), null);
      const endpoints = await withBearer().getServiceEndpointApi();
      assert.equal(await endpoints.getServiceEndpointDetails(project, jobId), null);
    });
  });

  describe('refuses', () => {
    const unknown = (): WebApi =>
      new WebApi(emulator().organizationUrl('contoso'), getPersonalAccessTokenHandler('x'));

    it('an unknown PAT with 401, for the library wants no page to sign in', async () => {
      await assert.rejects(unknown().getBuildApi(), { statusCode: 401, message: 'Failed request: (401)' });
    });

    it('one of another organization, and one that was revoked', async () => {
      const { value, id } = await issue(emulator(), { scope: 'app_token' });
      const handler = getPersonalAccessTokenHandler(value);
      const elsewhere = new WebApi(emulator().organizationUrl('fabrikam'), handler);
      await assert.rejects(elsewhere.getBuildApi(), { statusCode: 401 });
      emulator().pats.revoke(id);
      const here = new WebApi(emulator().organizationUrl('contoso'), handler);
      await assert.rejects(here.getBuildApi(), { statusCode: 401 });
    });

    it('a PAT without the scope, by its words and with 401', async () => {
      const builds = await (await withPat('vso.wiki')).getBuildApi();
      await assert.rejects(builds.getBuild(project, 1), { statusCode: 401, message: /^TF400813/ });
    });

    it('a person who may only read a service connection, with 403', async () => {
      const { id } = emulator().connections.add({
        name: 'feed',
        roles: { buildService: 'reader', people: 'reader' },
      });
      const endpoints = await withBearer().getServiceEndpointApi();
      const found = await endpoints.getServiceEndpointDetails(project, id);
      await assert.rejects(endpoints.updateServiceEndpoint(found, id), { statusCode: 403 });
    });
  });
});
