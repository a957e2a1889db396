import assert from 'node:assert/strict';
import { connect } from '../../../cli/commands/connect.js';
import { doctor } from '../../../cli/commands/doctor.js';
import { HttpFault } from '#http/http';
import { StandIn, TENANT, type Instead } from './stand-in.js';
import { failureOf, looking, making, onceAt, refusedWith } from './commands-asked.js';

describe('doctor', () => {
  const levels = (world: StandIn) =>
    Object.fromEntries(
      world.output
        .split('\n')
        .flatMap(line => /^(ok|warn|fail) +(\S+(?: \S+)?) {2}/.exec(line) ?? [])
        .flatMap((_, at, all) => (at % 3 === 0 ? [[all[at + 2] ?? '', all[at + 1]]] : [])),
    );
  const typed = ['1.Atoken'];

  it('goes from the network to the connection', async () => {
    const world = new StandIn({ typed });
    await connect({ ...making, allowedScopes: 'vso.code' }, world.effects());
    world.printed.length = 0;
    assert.equal(await doctor(looking, world.effects()), 0);
    assert.deepEqual(
      Object.keys(levels(world)),
      ['proxy', 'organization', 'clock', 'tenant', 'application', 'consent', 'refresh token', 'user'].concat([
        'PAT creation',
        'connection',
        'ceilings',
        'rotation',
        'age',
      ]),
    );
    assert.deepEqual(world.pats, []);
  });

  it('prints the same for a program', async () => {
    const world = new StandIn({ typed });
    assert.equal(await doctor({ ...looking, json: true }, world.effects()), 2);
    const told = JSON.parse(world.output) as { checks: { name: string; level: string }[] };
    assert.equal(told.checks.at(-1)?.level, 'fail');
    assert.equal(told.checks.at(-1)?.name, 'connection');
  });

  it('takes an Entra token in place of an application', async () => {
    const world = new StandIn({ typed: ['eyx'] });
    const code = await doctor(
      { organization: 'contoso', name: 'PAT issuer', json: false, entraToken: true },
      world.effects(),
    );
    assert.equal(code, 0);
    assert.match(world.output, /not looked at: an Entra token was given/);
  });

  const broken: readonly (readonly [check: string, Instead, said: RegExp])[] = [
    ['organization', onceAt('HEAD', /./, { status: 404 }), /There is no organization contoso/],
    [
      'organization',
      onceAt('HEAD', /./, new HttpFault('not-trusted', 'self signed', 'DEPTH_ZERO_SELF_SIGNED_CERT')),
      /NODE_EXTRA_CA_CERTS/,
    ],
    ['organization', onceAt('HEAD', /./, { status: 503 }), /HTTP 503/],
    [
      'tenant',
      onceAt('HEAD', /./, {
        status: 404,
        headers: { 'x-vss-resourcetenant': '00000000-0000-0000-0000-000000000000' },
      }),
      /is not connected to Microsoft Entra/,
    ],
    [
      'refresh token',
      onceAt('POST', /\/token\b/, {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'AADSTS50173: revoked' },
      }),
      /sign\s+in\s+by code/,
    ],
    [
      'user',
      onceAt('GET', /tokens\/pats/, refusedWith(403, "TF400813: The user 'ann' is not authorized.")),
      /Let an administrator\s+add/,
    ],
    [
      'PAT creation',
      onceAt('POST', /tokens\/pats/, {
        status: 200,
        body: { patTokenError: 'disablePatCreationPolicyViolation' },
      }),
      /allow list/,
    ],
  ];
  for (const [check, instead, said] of broken) {
    it(`finds that ${check} is broken, and says what to do`, async () => {
      const world = new StandIn({ instead, typed });
      assert.equal(await doctor(looking, world.effects()), 2);
      assert.equal(levels(world)[check], 'fail', world.output);
      assert.match(world.output, said);
      assert.doesNotMatch(world.output, /\bagent\b|\binput\b|validFor/);
    });
  }

  it('calls packages only a warning', async () => {
    const instead: Instead = request =>
      request.method === 'POST' && request.url.includes('tokens/pats') && !request.body?.includes('packaging')
        ? { status: 200, body: { patTokenError: 'disablePatCreationPolicyViolation' } }
        : undefined;
    const world = new StandIn({ instead, typed });
    assert.equal(await doctor(looking, world.effects()), 1);
    assert.equal(levels(world)['PAT creation'], 'warn');
    assert.deepEqual(world.pats, []);
  });

  it('tries nothing more once it is stopped, and revokes what it made', async () => {
    const world = new StandIn({
      typed,
      instead: request => {
        if (request.method === 'DELETE') world.stop.abort();
        return undefined;
      },
    });
    const failure = await failureOf(doctor(looking, world.effects()));
    assert.equal(failure.topic, 'cancelled');
    assert.deepEqual(world.pats, []);
    assert.ok(!world.requests.some(({ url }) => url.includes('projects')));
  });

  const looks: readonly (readonly [string, object, RegExp, string])[] = [
    ['another type', { type: 'github' }, /is of type github/, 'fail'],
    ['another organization', { url: 'https://dev.azure.com/fabrikam' }, /not\s+to https:\S+contoso/, 'warn'],
    ['another application', { data: { clientId: TENANT } }, /uses\s+application/, 'warn'],
  ];
  for (const [what, other, said, level] of looks) {
    it(`finds a connection of ${what}`, async () => {
      const world = new StandIn({ typed });
      await connect(making, world.effects());
      world.connections = world.connections.map(raw => ({ ...raw, ...other }));
      world.printed.length = 0;
      await doctor(looking, world.effects());
      assert.equal(levels(world)['connection'], level);
      assert.match(world.output, said);
    });
  }

  for (const [days, level] of [
    [10, 'ok'],
    [70, 'warn'],
    [91, 'fail'],
  ] as const) {
    it(`calls a refresh token of ${days} days ${level}`, async () => {
      const world = new StandIn({ typed });
      await connect(making, world.effects());
      world.now = new Date(world.now.getTime() + days * 24 * 3_600_000);
      world.printed.length = 0;
      await doctor(looking, world.effects());
      assert.equal(levels(world)['age'], level);
    });
  }

  it('finds that the tenant is another one', async () => {
    const world = new StandIn({ typed });
    const tenant = '22222222-2222-4333-8444-555555555555';
    assert.equal(await doctor({ ...looking, tenant }, world.effects()), 2);
    assert.match(world.output, /leave\s+--tenant away/);
  });
});
