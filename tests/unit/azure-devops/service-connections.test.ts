import assert from 'node:assert/strict';
import { retryFor } from '#agent/effects';
import { AzureDevOpsClient } from '#azure-devops/client';
import { withDescription, withParameter } from '#azure-devops/edit-connection';
import { bearer } from '#azure-devops/identity';
import { serviceConnections } from '#azure-devops/service-connections';
import {
  emptyUnauthorized,
  errorMessage,
  json,
  lost,
  signInPage,
  throttled,
  unavailable,
} from '../tasks/answers.js';
import {
  allDescriptions,
  CONNECTION,
  ConnectionService,
  OTHER_PROJECT,
  tokenConnection,
} from '../tasks/connection-service.js';
import { PROJECT } from '../tasks/run-service.js';
import { connection, failureOf, mainStage, withoutNetwork } from '../tasks/world.js';

function opened(project = PROJECT) {
  const { effects } = mainStage();
  const organization = {
    name: 'contoso',
    url: connection.url,
    tokensUrl: 'https://vssps.dev.azure.com/contoso',
    releasesUrl: 'https://vsrm.dev.azure.com/contoso',
  };
  const clientTo = (purpose: string) =>
    new AzureDevOpsClient(bearer('pat', `token-to-${purpose}`), organization, effects);
  const access = { project, who: 'the issuing user', reader: clientTo('read'), writer: clientTo('write') };
  return {
    connections: serviceConnections(access),
    policy: retryFor(effects, 30_000),
  };
}

describe('Service connections', () => {
  withoutNetwork();

  it('are found by name with one request in their project', async () => {
    const service = new ConnectionService(tokenConnection());
    const { connections, policy } = opened('Web & more');
    const found = await connections.find('Feed', policy);
    assert.equal(found?.id, CONNECTION);
    assert.equal(found.scheme, 'Token');
    const { url, authorization } = service.sent('GET');
    assert.equal(url.pathname, '/contoso/Web%20%26%20more/_apis/serviceendpoint/endpoints');
    assert.equal(url.search, '?endpointNames=Feed&api-version=7.1');
    assert.equal(authorization, 'Bearer token-to-read');
    assert.equal(service.requests.length, 1);
  });

  for (const name of ['A&B=c?d#e', 'ünïcode 名', '100% "quoted" <b>', "it's + more", '../../x']) {
    it(`are found whatever they are called: ${name}`, async () => {
      const service = new ConnectionService(tokenConnection({ name }));
      const { connections, policy } = opened();
      assert.equal((await connections.find(name, policy))?.name, name);
      assert.equal(service.sent('GET').url.searchParams.get('endpointNames'), name);
    });
  }

  it('with a comma in their name are found in the list of all, since names are split at commas', async () => {
    new ConnectionService(
      tokenConnection({ name: 'Feed, main' }),
      tokenConnection({ id: PROJECT, name: 'Feed' }),
    );
    const { connections, policy } = opened();
    assert.equal((await connections.find('Feed, main', policy))?.id, CONNECTION);
  });

  it('are found by the name that they have in this project, whatever its case', async () => {
    const listed = json(200, { value: [tokenConnection({ name: 'Feed of all' })] });
    new ConnectionService().next(
      'GET',
      () => listed,
      () => listed,
    );
    const { connections, policy } = opened(OTHER_PROJECT);
    assert.equal((await connections.find('their FEED', policy))?.id, CONNECTION);
    assert.equal(await connections.find('Feed', policy), undefined);
  });

  it('are found by id, and by a name that looks like one', async () => {
    const service = new ConnectionService(tokenConnection({ name: OTHER_PROJECT }));
    const { connections, policy } = opened();
    assert.equal((await connections.find(CONNECTION.toUpperCase(), policy))?.id, CONNECTION);
    assert.equal((await connections.find(OTHER_PROJECT, policy))?.id, CONNECTION);
    assert.deepEqual(service.methods, ['GET', 'GET', 'GET']);
  });

  for (const [what, answer] of [
    ['null', () => json(200, null)],
    ['an empty list', () => json(200, { count: 0, value: [] })],
    ['404', errorMessage(404, 'Service connection not found.', 'EndpointNotFoundException')],
    ['nothing', () => ({ status: 200, body: '' })],
  ] as const) {
    it(`of which the service says ${what} are not there`, async () => {
      new ConnectionService().next('GET', answer, answer);
      const { connections, policy } = opened();
      assert.equal(await connections.find(CONNECTION, policy), undefined);
    });
  }

  for (const [what, answer] of [
    [
      'plain text',
      () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: 'No controller.' }),
    ],
    ['an empty answer', () => ({ status: 404, body: '' })],
  ] as const) {
    it(`are not taken for missing where ${what} of 404 says nothing about them`, async () => {
      new ConnectionService().next('GET', answer);
      const { connections, policy } = opened();
      const failure = await failureOf(() => connections.find('Feed', policy), 'access-denied');
      assert.match(failure.what, /HTTP 404/);
      assert.doesNotMatch(failure.repair, /role/);
    });
  }

  it('of a project that is unknown are a failure that names it', async () => {
    new ConnectionService().next(
      'GET',
      errorMessage(
        404,
        'TF200016: The following project does not exist: Wbe.',
        'ProjectDoesNotExistWithNameException',
      ),
    );
    const { connections, policy } = opened('Wbe');
    assert.match(
      (await failureOf(() => connections.find('Feed', policy), 'project-not-found')).what,
      /"Wbe"/,
    );
  });

  for (const [what, answer] of [
    ['403', errorMessage(403, 'You do not have permissions.', 'AccessCheckException')],
    ['401', emptyUnauthorized],
    ['a sign-in page', signInPage()],
  ] as const) {
    it(`that are closed (${what}) are a failure that names identity and role`, async () => {
      new ConnectionService().next('GET', answer);
      const { connections, policy } = opened();
      const failure = await failureOf(() => connections.find('Feed', policy), 'access-denied');
      assert.match(failure.what, /the issuing user/);
      assert.match(failure.repair, /role/);
    });
  }

  it('are read again when the service is busy', async () => {
    const service = new ConnectionService(tokenConnection()).next('GET', unavailable(), lost, throttled(1));
    const { connections, policy } = opened();
    assert.equal((await connections.read(CONNECTION, policy))?.name, 'Feed');
    assert.equal(service.requests.length, 4);
  });

  it('are updated as they were read but for what was changed: a secret of others stays, and so do other projects', async () => {
    const before = tokenConnection({
      authorization: {
        scheme: 'Token',
        parameters: { apiToken: 'old', clientSecret: 'of others', plain: 'x' },
      },
    });
    const service = new ConnectionService(before);
    const { connections, policy } = opened();
    const found = (await connections.read(CONNECTION, policy)) ?? assert.fail();
    const changed = withDescription(withParameter(found.raw, 'apitoken', 'new'), 'web', text => `${text}!`);
    assert.equal((await connections.update(changed, policy)).kind, 'written');

    const { url, authorization } = service.sent('PUT');
    assert.equal(url.pathname, `/contoso/_apis/serviceendpoint/endpoints/${CONNECTION}`);
    assert.equal(url.search, '?api-version=7.1');
    assert.equal(authorization, 'Bearer token-to-write');
    assert.deepEqual(service.only['authorization'], {
      scheme: 'Token',
      parameters: { apiToken: 'new', clientSecret: 'of others', plain: 'x' },
    });
    assert.deepEqual(allDescriptions(service.only), [
      'Our feed.\nAsk Erika.!',
      'Our feed.\nAsk Erika.!',
      'Not ours.',
    ]);
    const changing = ['authorization', 'description', 'serviceEndpointProjectReferences'];
    const rest = (connection: object) =>
      Object.entries(connection).filter(([member]) => !changing.includes(member));
    assert.deepEqual(rest(service.only), rest(before));
  });

  for (const [what, answer, kind, topic] of [
    ['403', errorMessage(403, 'No permission.', 'AccessCheckException'), 'refused', 'store-refused'],
    [
      '400',
      errorMessage(400, 'Fields are not expected: x.', 'ArgumentException'),
      'refused',
      'store-refused',
    ],
    ['401', emptyUnauthorized, 'refused', 'store-refused'],
    ['a sign-in page', signInPage(), 'refused', 'store-refused'],
    ['429', throttled(9), 'later', 'service-throttled'],
    ['500', unavailable(500), 'unclear', 'service-unavailable'],
    ['a lost answer', lost, 'unclear', 'service-unreachable'],
  ] as const) {
    it(`whose update ends with ${what}: ${kind}, after one request`, async () => {
      const service = new ConnectionService(tokenConnection()).next('PUT', answer);
      const { connections, policy } = opened();
      const outcome = await connections.update(tokenConnection(), policy);
      assert.equal(outcome.kind, kind);
      assert.equal('failure' in outcome && outcome.failure.topic, topic);
      assert.deepEqual(service.methods, ['PUT']);
    });
  }

  it('are created in the organization and removed from a project', async () => {
    const service = new ConnectionService();
    const { connections, policy } = opened();
    const { kind } = await connections.create({ name: 'PAT issuer', type: 'jobPatIssuer' }, policy);
    assert.equal(kind, 'written');
    assert.equal(service.sent('POST').url.pathname, '/contoso/_apis/serviceendpoint/endpoints');
    await connections.remove(String(service.only['id']), PROJECT, policy);
    assert.equal(service.sent('DELETE').url.searchParams.get('projectIds'), PROJECT);
    assert.equal(service.stored.size, 0);
  });
});
