import assert from 'node:assert/strict';
import { oidcRequestUrl } from '#azure-devops/oidc-request';
import { organizationAt } from '#azure-devops/organization';

const ROUTE = 'Web/_apis/distributedtask/hubs/build/plans/p-1/jobs/j-1/oidctoken';
const CONNECTION = 'c0c0c0c0-1111-4222-8333-444444444444';
const QUERY = `?api-version=7.1&serviceConnectionId=${CONNECTION}`;

const urlOf = (uri: string, organization = 'https://dev.azure.com/contoso'): string | undefined =>
  oidcRequestUrl(uri, organizationAt(organization), CONNECTION);

describe('The place that gives OIDC tokens', () => {
  for (const base of [
    'https://dev.azure.com/contoso/',
    'https://dev.azure.com/Contoso/',
    'https://vsrm.dev.azure.com/contoso/',
    'https://contoso.visualstudio.com/',
    'https://contoso.visualstudio.com/DefaultCollection/',
  ]) {
    it(`may be at ${base}`, () => {
      assert.equal(urlOf(base + ROUTE), base + ROUTE + QUERY);
    });
  }

  it('is at the very origin and path of an organization on loopback', () => {
    const organization = 'http://127.0.0.1:8080/a/contoso';
    assert.equal(urlOf(`${organization}/${ROUTE}`, organization), `${organization}/${ROUTE}${QUERY}`);
    for (const other of [
      'http://127.0.0.1:8081/a/contoso',
      'http://localhost:8080/a/contoso',
      'https://127.0.0.1:8080/a/contoso',
      'http://127.0.0.1:8080/contoso',
      'http://127.0.0.1:8080/a/contoso/x',
      'http://127.0.0.1:8080/a/fabrikam',
    ])
      assert.equal(urlOf(`${other}/${ROUTE}`, organization), undefined, other);
  });

  it('loses a query and a fragment that stand in it', () => {
    const base = `https://dev.azure.com/contoso/${ROUTE}`;
    assert.equal(urlOf(`${base}?serviceConnectionId=other&api-version=1#part`), base + QUERY);
  });

  for (const uri of [
    'https://evil.example/contoso/',
    'https://dev.azure.com.evil.example/contoso/',
    'https://dev.azure.com@evil.example/contoso/',
    'https://user@dev.azure.com/contoso/',
    'http://dev.azure.com/contoso/',
    'https://dev.azure.com:8443/contoso/',
    'https://dev.azure.com/fabrikam/',
    'https://fabrikam.visualstudio.com/contoso/',
    'https://dev.azure.com/contoso/more/',
    'https://dev.azure.com/contoso/../fabrikam/',
    'http://127.0.0.1:6666/contoso/',
  ]) {
    it(`is not at ${uri}`, () => {
      assert.equal(urlOf(uri + ROUTE), undefined);
    });
  }

  for (const route of [
    '',
    'Web',
    'Web/_apis/build/builds',
    'Web/_apis/distributedtask/hubs/build/plans/p/jobs/j/logs',
    'Web/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken/more',
    '_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken',
    'Web/_apis/distributedtask/hubs/../plans/p/jobs/j/oidctoken',
    'Web/_apis/distributedtask/hubs/a%2fb/plans/p/jobs/j/oidctoken',
    'Web/_apis/tokens/pats?x=/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken',
  ]) {
    it(`is not the route "${route}"`, () => {
      assert.equal(urlOf(`https://dev.azure.com/contoso/${route}`), undefined);
    });
  }
});
