import assert from 'node:assert/strict';
import { getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api';
import { resourceLocations } from '#emulator/devops/resource-locations';
import { openServices } from '#emulator/services';
import { basic, issue, jsonOf, objectsOf, useEmulator } from './client.js';

// What Microsoft's own clients ask before anything else.
describe('the emulator tells', () => {
  const emulator = useEmulator();
  const opened = async (scope: string): Promise<WebApi> => {
    const { value } = await issue(emulator(), { scope });
    return new WebApi(emulator().organizationUrl('contoso'), getPersonalAccessTokenHandler(value));
  };

  describe('locations', () => {
    it('are told for all areas, and for one in any case of letters', async () => {
      const { value: bearer } = emulator().entra.issueAccessToken();
      const told = async (path: string): Promise<unknown[]> => {
        const response = await fetch(`${emulator().organizationUrl('contoso')}/_apis${path}`, {
          method: 'OPTIONS',
          headers: { Authorization: `Bearer ${bearer}` },
        });
        assert.equal(response.status, 200);
        return objectsOf((await jsonOf(response))['value']);
      };
      assert.deepEqual(await told(''), resourceLocations);
      assert.deepEqual(
        await told('/BUILD'),
        resourceLocations.filter(({ area }) => area.toLowerCase() === 'build'),
      );
      assert.deepEqual(await told('/nonsense'), []);
    });

    it('are told to nobody without a credential', async () => {
      const response = await fetch(`${emulator().organizationUrl('contoso')}/_apis`, { method: 'OPTIONS' });
      assert.equal(response.status, 203);
    });

    it('lead to a route, each of them', () => {
      const { router } = openServices({}, () => 'http://localhost');
      const isServed = (path: string): boolean =>
        ['GET', 'POST', 'PUT'].some(
          method => router.match(method, `/contoso/${path}`, new URLSearchParams()).kind === 'found',
        );
      for (const { area, resourceName, routeTemplate } of resourceLocations) {
        const named = routeTemplate.replace('{area}', area).replace('{resource}', resourceName);
        const shortest = named.replace(/\/\{[^/]*\}$/, '');
        assert.ok([named, shortest].map(path => path.replace(/\{[^/]*\}/g, '1')).some(isServed), named);
      }
    });

    it('are no methods of what they describe', async () => {
      const response = await fetch(`${emulator().organizationUrl('contoso')}/_apis/nonsense`);
      assert.equal(response.status, 404);
    });
  });

  describe('resource areas', () => {
    it('are at this host, one by one and all together, by the id without regard to case', async () => {
      const locations = await (await opened('vso.wiki')).getLocationsApi();
      const all = await locations.getResourceAreas();
      assert.ok(all.every(({ locationUrl }) => locationUrl === `${emulator().url}/contoso/`));
      const [build] = all.filter(({ name }) => name === 'Build');
      assert.deepEqual(await locations.getResourceArea(build?.id?.toUpperCase() ?? ''), build);
      assert.equal(await locations.getResourceArea('12f1170f-54f2-53f3-20dd-22fc7dff55f9'), null);
    });

    it('serve every client of the library that asks for one of its organization', async () => {
      const api = await opened('app_token');
      for (const open of [
        async () => api.getDashboardApi(),
        async () => api.getExtensionManagementApi(),
        async () => api.getGitApi(),
        async () => api.getPolicyApi(),
        async () => api.getProjectAnalysisApi(),
        async () => api.getTestApi(),
        async () => api.getTestPlanApi(),
        async () => api.getTestResultsApi(),
        async () => api.getTfvcApi(),
        async () => api.getWikiApi(),
        async () => api.getWorkApi(),
        async () => api.getWorkItemTrackingApi(),
        async () => api.getPipelinesApi(),
      ])
        await assert.doesNotReject(open());
    });
  });

  it('to clients that negotiate an older version what they ask', async () => {
    emulator().runs.addBuild({ id: 5 });
    const { value } = await issue(emulator(), { scope: 'app_token' });
    for (const version of ['5.0', '5.1-preview', '6.0-preview.6', '7.1-preview.7', '7.2-preview.7']) {
      const response = await fetch(`${emulator().organizationUrl('contoso')}/sample/_apis/build/builds/5`, {
        headers: { ...basic(value), Accept: `application/json;api-version=${version}` },
      });
      assert.equal(response.status, 200, version);
      assert.match(response.headers.get('content-type') ?? '', new RegExp(`api-version=${version}$`));
    }
  });
});
