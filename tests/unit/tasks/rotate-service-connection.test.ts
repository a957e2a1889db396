import assert from 'node:assert/strict';
import { objectsOf, type JsonObject } from '#text/json';
import { errorMessage, json, lost, unavailable } from './answers.js';
import { allDescriptions, CONNECTION, ConnectionService, tokenConnection } from './connection-service.js';
import { lostAfterwards, PatService } from './pat-service.js';
import { generationOf, JOB_TOKEN, rotatePats, rotateStep } from './rotate-pats.js';
import { failureOf, withoutNetwork, type Step, type World } from './world.js';

function step(inputs: Step['inputs'] = {}, service = new PatService(), more: Step = {}): World {
  return rotateStep(
    {
      ...more,
      inputs: { store: 'serviceConnection', serviceConnection: 'Feed', takeOver: 'true', ...inputs },
    },
    service,
  );
}

/** Why the store was not usable, told before anything was made. */
async function faultOf(world: World): Promise<string> {
  try {
    const outcome = await rotatePats(world);
    assert.equal(outcome?.result, 'Failed');
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  } finally {
    assert.equal(world.service.count('create'), 0);
  }
  return world.agent.lines('error').join('\n');
}

const recordOf = (id: unknown) => `job-pat:rotated/${String(id)}`;

describe('RotatePat, into a service connection', () => {
  withoutNetwork();

  it('puts the first generation into apitoken and its id into the description, and nothing else', async () => {
    const before = tokenConnection();
    const connections = new ConnectionService(before);
    const world = step();
    assert.equal(await rotatePats(world), undefined);

    const [made] = world.service.made;
    const described = `Our feed.\nAsk Erika.\n${recordOf(made?.authorizationId)}`;
    const [ours, theirs] = objectsOf(before['serviceEndpointProjectReferences']);
    assert.deepEqual(connections.only, {
      ...before,
      authorization: { scheme: 'Token', parameters: { apitoken: made?.value } },
      description: described,
      serviceEndpointProjectReferences: [{ ...ours, description: described }, theirs],
    });
    assert.ok(connections.requests.every(({ authorization }) => authorization === `Bearer ${JOB_TOKEN}`));
  });

  it('that holds what is not due costs one read', async () => {
    const service = new PatService();
    const pat = service.add(
      generationOf('0000aaaa', `serviceconnection/contoso/${CONNECTION}/apitoken`),
      'contoso',
      '2026-02-28T10:00:00Z',
      '2026-03-30T10:00:00Z',
    );
    const description = `x ${recordOf(pat.authorizationId)}`;
    const connections = new ConnectionService(
      tokenConnection({ description, serviceEndpointProjectReferences: [] }),
    );
    const world = step({}, service);
    assert.equal(await rotatePats(world), undefined);
    assert.deepEqual(connections.methods, ['GET']);
    assert.deepEqual(service.operations, ['redeem', 'list']);
    assert.equal(world.agent.outputs['rotated'], 'false');
  });

  it('is refused where it holds a secret that no rotation recorded, unless it is to take over', async () => {
    const connections = new ConnectionService(tokenConnection());
    const told = await faultOf(step({ takeOver: 'false' }));
    assert.match(told, /service connection "Feed", apitoken holds a value, and no record .*takeOver: true/);
    assert.deepEqual(connections.methods, ['GET', 'GET']);
  });

  for (const parameters of [{}, { apitoken: null }, { apitoken: '***' }])
    it(`counts as full where it shows ${JSON.stringify(parameters)}`, async () => {
      new ConnectionService(tokenConnection({ authorization: { scheme: 'Token', parameters } }));
      assert.match(await faultOf(step({ takeOver: 'false' })), /takeOver: true/);
    });

  for (const type of ['jobPatIssuer', 'JOBPATISSUER', 'jobPatIssuerDev'])
    it(`that is itself a PAT issuer (${type}) is refused, also where it is to take over`, async () => {
      new ConnectionService(tokenConnection({ type }));
      assert.match(await faultOf(step()), /is itself a PAT issuer.*RenewPatIssuer@1 alone/);
    });

  it('takes the place of the generation before, in value and record', async () => {
    const connections = new ConnectionService(tokenConnection());
    const service = new PatService();
    await rotatePats(step({}, service));
    const [first] = service.made;
    assert.equal(await rotatePats(step({ force: 'true' }, service)), undefined);
    const [, second] = service.made;
    assert.equal(connections.parameter('apitoken'), second?.value);
    assert.deepEqual(allDescriptions(connections.only), [
      `Our feed.\nAsk Erika.\n${recordOf(second?.authorizationId)}`,
      `Our feed.\nAsk Erika.\n${recordOf(second?.authorizationId)}`,
      'Not ours.',
    ]);
    assert.ok(service.alive.has(first?.authorizationId ?? ''), 'inside the overlap');
  });

  it('sets the password of a connection with user name and password', async () => {
    const authorization = { scheme: 'UsernamePassword', parameters: { username: 'erika', password: 'old' } };
    const connections = new ConnectionService(tokenConnection({ type: 'generic', authorization }));
    const world = step({ connectionParameter: 'password' });
    assert.equal(await rotatePats(world), undefined);
    assert.equal(connections.parameter('password'), world.service.made[0]?.value);
    assert.equal(connections.parameter('username'), 'erika');
  });

  it('sets another secret of a connection type of its own, which only the connection itself shows', async () => {
    const authorization = { scheme: 'Token', parameters: { apitoken: 'stays', clientSecret: 'old' } };
    const connections = new ConnectionService(tokenConnection({ authorization }));
    const world = step({ connectionParameter: 'clientSecret' });
    assert.equal(await rotatePats(world), undefined);
    assert.equal(connections.parameter('clientSecret'), world.service.made[0]?.value);
    assert.equal(connections.parameter('apitoken'), 'stays');
    assert.match(world.agent.lines('warning').join(), /holds other secrets, .*: apitoken\. .*Check once/);
  });

  const faults: readonly (readonly [
    what: string,
    connection: JsonObject,
    inputs: Step['inputs'],
    told: RegExp,
  ])[] = [
    [
      'is unknown',
      {},
      { serviceConnection: 'Fede' },
      /no service connection "Fede" .*contoso.*Administrator/,
    ],
    [
      'signs in by federation',
      {
        type: 'azurerm',
        authorization: { scheme: 'WorkloadIdentityFederation', parameters: { tenantid: 't' } },
      },
      {},
      /"Feed" \(azurerm, WorkloadIdentityFederation\) signs in without a PAT/,
    ],
    [
      'signs in with OAuth',
      { type: 'github', authorization: { scheme: 'OAuth2', parameters: {} } },
      {},
      /signs in without a PAT/,
    ],
    [
      'has no such parameter',
      { authorization: { scheme: 'UsernamePassword', parameters: { username: 'erika', password: 'x' } } },
      { connectionParameter: 'apitoken' },
      /no parameter apitoken.*connectionParameter: password/,
    ],
    [
      'would show the PAT to everybody',
      { authorization: { scheme: 'UsernamePassword', parameters: { username: 'erika', password: 'x' } } },
      { connectionParameter: 'username' },
      /username .*not secret.*connectionParameter: password/,
    ],
    ['has a long description', { description: 'x'.repeat(1000) }, {}, /no room.*Shorten/],
  ];
  for (const [what, more, inputs, told] of faults) {
    it(`that ${what} is a fault before a PAT is made`, async () => {
      const connections = new ConnectionService(tokenConnection(more));
      assert.match(await faultOf(step(inputs)), told);
      assert.ok(!connections.methods.includes('PUT'));
    });
  }

  it('that refuses the write revokes the new PAT, and names identity and role', async () => {
    const before = tokenConnection();
    const connections = new ConnectionService(before).next(
      'PUT',
      errorMessage(403, 'Access denied.', 'AccessCheckException'),
    );
    const world = step();
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.deepEqual(connections.only, before);
    assert.equal(world.service.alive.size, 0);
    assert.match(
      world.agent.lines('error').join(),
      /"Web Build Service \(contoso\)".*role Administrator of this service connection.*\[store-refused\]/,
    );
  });

  for (const said of [
    "The length of the field 'description' exceeds the maximum length of 1024.",
    'Value for parameter apitoken is longer than 64000 characters.',
    'Authorization parameter "apitoken" is too long.',
  ]) {
    it(`that is refused with 400 "${said}" shows that, and nothing of a role`, async () => {
      const connections = new ConnectionService(tokenConnection());
      connections.next('PUT', errorMessage(400, said, 'ArgumentException'));
      const world = step();
      assert.equal((await rotatePats(world))?.result, 'Failed');
      const error = world.agent.lines('error').join();
      assert.ok(error.includes(said.slice(0, 30)), error);
      assert.doesNotMatch(error, /role|Administrator/);
      assert.equal(world.service.alive.size, 0);
    });
  }

  it('with writeAs: issuer, what if, is not read with a PAT of its own where the job may not see it', async () => {
    const connections = new ConnectionService(tokenConnection());
    connections.next('GET', errorMessage(403, 'No access.', 'AccessCheckException'));
    const world = step({ writeAs: 'issuer', whatIf: 'true' });
    assert.equal((await rotatePats(world))?.result, 'SucceededWithIssues');
    assert.deepEqual([world.service.count('create'), connections.methods], [0, ['GET']]);
    assert.match(
      world.agent.lines('warning').join(),
      /not known: the job cannot read it.*\[store-not-known\]/,
    );
  });

  it('that shows the writer only a part is not written', async () => {
    const connections = new ConnectionService(tokenConnection());
    const part = () => json(200, tokenConnection({ authorization: null }));
    const world = step();
    connections.next('GET', usual => usual(), part, part, part);
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.ok(!connections.methods.includes('PUT'));
    assert.equal(world.service.alive.size, 0);
  });

  for (const [what, answer] of [
    ['500', (usual: () => unknown) => (usual(), unavailable(500)(() => json(500, {})))],
    ['lost', lostAfterwards],
  ] as const) {
    it(`whose answer to a write is ${what}, though it was carried out, is read back and counts`, async () => {
      const connections = new ConnectionService(tokenConnection()).next('PUT', answer);
      const world = step();
      assert.equal(await rotatePats(world), undefined);
      assert.equal(world.service.alive.size, 1);
      assert.equal(connections.parameter('apitoken'), [...world.service.alive.values()][0]?.value);
    });
  }

  it('that the job may not see is read and written with a PAT of the issuing user, which is revoked', async () => {
    const connections = new ConnectionService(tokenConnection());
    const service = new PatService();
    const world = step({ writeAs: 'issuer' }, service);
    const closed = errorMessage(403, 'No access.', 'AccessCheckException');
    connections.next('GET', closed);
    assert.equal(await rotatePats(world), undefined);
    const brief = service.made.find(({ scope }) => scope === 'vso.serviceendpoint_manage') ?? assert.fail();
    assert.match(brief.displayName, / job-pat:build\/.*\/4711\/12f1170f\/[0-9a-f]{8}$/);
    assert.equal(brief.validTo, '2026-03-01T10:05:00.000Z');
    assert.equal(service.alive.has(brief.authorizationId), false);
    assert.equal(
      connections.sent('PUT').authorization,
      `Basic ${Buffer.from(`:${brief.value}`).toString('base64')}`,
    );
    assert.equal(service.alive.size, 1);
  });

  it('with writeAs: issuer keeps to the organizations that the connection allows, whose scopes do not mind', async () => {
    const limited = (allowedOrganizations: string) =>
      step({ writeAs: 'issuer', organization: 'fabrikam' }, new PatService(), {
        fields: { allowedScopes: 'vso.code', allowedOrganizations },
      });
    const world = limited('fabrikam');
    const failure = await failureOf(() => rotatePats(world), 'ceiling-exceeded');
    assert.match(failure.what, /writeAs: .*contoso is not among allowedOrganizations/);
    assert.doesNotMatch(failure.what, /serviceendpoint_manage/);
    assert.deepEqual(world.service.operations, []);
  });

  it('whose write never gets through leaves the one before in place', async () => {
    const before = tokenConnection();
    const connections = new ConnectionService(before).next('PUT', lost, lost, lost, lost);
    const world = step();
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.deepEqual(connections.stored.get(CONNECTION), before);
  });
});
