import assert from 'node:assert/strict';
import { connect } from '../../../cli/commands/connect.js';
import { HttpFault } from '#http/http';
import { StandIn, TENANT, type Instead } from './stand-in.js';
import { failureOf, making, onceAt, refusedWith } from './commands-asked.js';

describe('connect', () => {
  it('makes the connection, shows how to use it, and leaves no PAT', async () => {
    const world = new StandIn();
    assert.equal(await connect(making, world.effects()), 0);
    const [made] = world.connections;
    assert.equal(made?.['type'], 'jobPatIssuer');
    assert.deepEqual(world.pats, []);
    assert.match(world.output, /✓ Service connection PAT issuer made\./);
    assert.match(world.told, new RegExp(`belongs to Entra tenant ${TENANT}`));
    assert.ok(!world.output.includes('1.Arefresh'));
    assert.ok(world.output.split('\n').every(line => line.length <= 80));
  });

  it('changes the one of this name, and keeps its ceilings', async () => {
    const world = new StandIn();
    await connect({ ...making, maxLifetime: '4h' }, world.effects());
    await connect({ ...making, allowedScopes: 'vso.code' }, world.effects());
    assert.equal(world.connections.length, 1);
    const data = world.connections[0]?.['data'] as Record<string, string>;
    assert.deepEqual([data['maxLifetime'], data['allowedScopes']], ['4h', 'vso.code']);
    assert.match(world.output, /changed/);
  });

  it('prints the commands for the application, and asks nothing', async () => {
    const world = new StandIn();
    assert.equal(await connect({ ...making, printAppRegistration: true }, world.effects()), 0);
    assert.match(world.output, /az ad app create/);
    assert.deepEqual(world.requests, []);
  });

  it('leaves a connection of another type as it is', async () => {
    const world = new StandIn();
    world.connections = [{ id: '0a0a0a0a-2222-4333-8444-555555555555', name: 'PAT issuer', type: 'github' }];
    const failure = await failureOf(connect(making, world.effects()));
    assert.equal(failure.topic, 'connection-of-another-type');
    assert.deepEqual(
      world.connections.map(({ type }) => type),
      ['github'],
    );
    assert.deepEqual(world.pats, []);
  });

  it('finds a connection whose making was not answered', async () => {
    const made: StandIn[] = [];
    const world = new StandIn({
      instead: request => {
        if (request.method !== 'POST' || !request.url.includes('serviceendpoint')) return undefined;
        const raw = JSON.parse(request.body ?? '') as object;
        made[0]?.connections.push({ ...raw, id: '0a0a0a0a-2222-4333-8444-555555555555' });
        return new HttpFault('lost', 'socket hang up', 'ECONNRESET');
      },
    });
    made.push(world);
    assert.equal(await connect(making, world.effects()), 0);
    assert.equal(world.connections.length, 1);
  });

  it('says that a request for a connection may still arrive, when it is not found', async () => {
    const lost = onceAt('POST', /serviceendpoint/, new HttpFault('lost', 'socket hang up', 'ECONNRESET'));
    const failure = await failureOf(connect(making, new StandIn({ instead: lost }).effects()));
    assert.match(failure.message, /was not there afterwards, but the request may still arrive/);
  });

  it('does not know whether a connection was changed, when nothing tells', async () => {
    let broken = false;
    const world = new StandIn({
      instead: request =>
        broken && request.method === 'PUT'
          ? new HttpFault('lost', 'socket hang up', 'ECONNRESET')
          : undefined,
    });
    await connect(making, world.effects());
    broken = true;
    const failure = await failureOf(connect(making, world.effects()));
    assert.match(failure.message, /It is not known whether service connection "PAT issuer" was changed/);
  });

  const refusals: readonly (readonly [what: string, Instead, said: RegExp])[] = [
    [
      'a project that does not exist',
      onceAt('GET', /projects/, refusedWith(404, 'TF200016', 'ProjectDoesNotExistWithNameException'), 1),
      /has no project "Nowhere" that the user who signed in may see\. Check --project/,
    ],
    [
      'projects that may not be read',
      onceAt('GET', /projects/, refusedWith(403, 'TF401027: You need the permission')),
      /TF401027/,
    ],
    [
      'a PAT that is not let in',
      onceAt('GET', /projects/, refusedWith(401, "TF400813: The user '' is not authorized.")),
      /PAT of some minutes that the command made for itself/,
    ],
    [
      'the name of a connection that is not shown',
      onceAt('POST', /serviceendpoint/, refusedWith(400, 'Service connection with name x already exists.')),
      /does not show it to the user who signed in/,
    ],
    [
      'a missing role',
      onceAt('POST', /serviceendpoint/, refusedWith(403, 'Access denied', 'AccessDeniedException')),
      /role Creator/,
    ],
    [
      'a connection that failed in the background',
      onceAt('POST', /serviceendpoint/, {
        status: 200,
        body: { operationStatus: { state: 'Failed', statusMessage: 'No room.' } },
      }),
      /The service says that making service connection "PAT issuer" failed: No room/,
    ],
    [
      'a sign-in that is declined',
      onceAt('POST', /\/token\b/, { status: 400, body: { error: 'authorization_declined' } }),
      /The sign-in was declined\. Nothing was made/,
    ],
    [
      'a code that ends',
      onceAt('POST', /\/token\b/, { status: 400, body: { error: 'expired_token' } }),
      /The code expired before anybody signed in/,
    ],
    [
      'permissions that were not granted',
      onceAt('POST', /\/token\b/, {
        status: 200,
        body: { access_token: 'x', refresh_token: 'r', expires_in: 1, scope: 'vso.pats' },
      }),
      /was not granted vso\.pats_manage/,
    ],
    [
      'a plain page that no API is at',
      onceAt('POST', /tokens\/pats/, {
        status: 404,
        body: "The controller for path '/x' was not found.",
        headers: { 'content-type': 'text/plain' },
      }),
      /The controller for path '\/x' was not found/,
    ],
  ];
  for (const [what, instead, said] of refusals) {
    it(`tells ${what}, and leaves nothing`, async () => {
      const world = new StandIn({ instead });
      const project = what.includes('does not exist') ? 'Nowhere' : 'Shop';
      const failure = await failureOf(connect({ ...making, project }, world.effects()));
      assert.match(failure.message, said);
      assert.deepEqual([world.pats, world.connections], [[], []]);
    });
  }

  it('sends no sign-in to an authority beyond this machine for an organization on it', async () => {
    const world = new StandIn();
    const organization = 'http://127.0.0.1:8080/contoso';
    const failure = await failureOf(connect({ ...making, organization }, world.effects()));
    assert.equal(failure.topic, 'host-not-allowed');
    assert.deepEqual(
      world.requests.map(({ method }) => method),
      ['HEAD'],
    );
  });
});
