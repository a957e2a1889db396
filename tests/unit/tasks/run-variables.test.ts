import assert from 'node:assert/strict';
import { organizationOfRun } from '../../../tasks/common/run-organization.js';
import { refuseForgedOrganization } from '../../../tasks/common/run-variables.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, failureOf } from './world.js';

const OIDC = 'p/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';

function agentOf(collectionUrl: string, variables: Readonly<Record<string, string>>): MemoryAgent {
  return new MemoryAgent({ ...agentState(), variables, collectionUrl });
}

describe('The organization of a run', () => {
  for (const url of [
    'https://dev.azure.com/contoso/',
    'https://contoso.visualstudio.com/',
    'https://vsrm.dev.azure.com/contoso/',
    'https://contoso.vsrm.visualstudio.com/',
  ])
    it(`is what the connection of the job says: ${url}`, () => {
      const agent = agentOf(url, { 'System.TeamFoundationCollectionUri': 'https://dev.azure.com/fabrikam/' });
      assert.equal(organizationOfRun(agent)?.url, 'https://dev.azure.com/contoso');
    });

  for (const url of ['', 'https://tfs.example/DefaultCollection', 'https://vsrm.dev.azure.com/contoso/x/y'])
    it(`is unknown at "${url}"`, () => {
      assert.equal(organizationOfRun(agentOf(url, {})), undefined);
    });

  for (const [collection, name, value] of [
    ['https://dev.azure.com/contoso/', 'System.CollectionUri', 'https://contoso.visualstudio.com/'],
    ['https://dev.azure.com/contoso/', 'System.OidcRequestUri', `https://vsrm.dev.azure.com/contoso/${OIDC}`],
    [
      'https://vsrm.dev.azure.com/contoso/',
      'System.OidcRequestUri',
      `https://vsrm.dev.azure.com/contoso/${OIDC}`,
    ],
    [
      'https://vsrm.dev.azure.com/contoso/',
      'System.TeamFoundationCollectionUri',
      'https://dev.azure.com/Contoso/',
    ],
    ['http://127.0.0.1:80/contoso', 'System.CollectionUri', 'http://127.0.0.1/contoso/'],
    ['https://tfs.example/Default/', 'System.CollectionUri', 'https://tfs.example/Default/'],
  ] as const)
    it(`may be named by ${name} as ${value}`, () => {
      refuseForgedOrganization(agentOf(collection, { [name]: value }));
    });

  for (const [name, value] of [
    ['System.CollectionUri', 'https://dev.azure.com/fabrikam/'],
    ['System.CollectionUri', 'https://evil.example/contoso/'],
    ['System.TeamFoundationCollectionUri', 'http://127.0.0.1:6666/contoso/'],
    ['System.TeamFoundationCollectionUri', 'https://contoso.visualstudio.com.evil.example/'],
    ['System.OidcRequestUri', `https://dev.azure.com/fabrikam/${OIDC}`],
    ['System.OidcRequestUri', `http://localhost:6666/contoso/${OIDC}`],
    ['System.OidcRequestUri', 'not a url'],
  ] as const)
    it(`is refused as ${name} = ${value}`, async () => {
      const failure = await failureOf(() => {
        refuseForgedOrganization(agentOf('https://dev.azure.com/contoso/', { [name]: value }));
      }, 'variable-refused');
      assert.ok(failure.message.includes(name));
    });
});
