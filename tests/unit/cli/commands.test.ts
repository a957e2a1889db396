import assert from 'node:assert/strict';
import { connect } from '../../../cli/commands/connect.js';
import { doctor, type DoctorOptions } from '../../../cli/commands/doctor.js';
import { list } from '../../../cli/commands/list.js';
import { revoke } from '../../../cli/commands/revoke.js';
import { showScopes } from '../../../cli/commands/scopes.js';
import { atTerminal } from '../../../cli/advice.js';
import { HttpFault } from '../../../tasks/common/http/http.js';
import { asFailure, type Failure } from '../../../tasks/common/text/failure.js';
import { CLIENT, SIGNED_IN, StandIn, TENANT, type Instead } from './stand-in.js';

const who = { organization: 'contoso', clientId: CLIENT };
const shop = { ...who, project: 'Shop', name: 'PAT issuer' };
const looking: DoctorOptions = { ...shop, json: false, refreshToken: true };

/** The other answer for requests whose method and address fit. */
function onceAt(method: string, part: RegExp, answer: ReturnType<Instead>, times = Infinity): Instead {
  let left = times;
  return request => (request.method === method && part.test(request.url) && left-- > 0 ? answer : undefined);
}

function refusedWith(status: number, message: string, typeKey = 'SomeException') {
  return { status, body: { message, typeKey } };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    return atTerminal(asFailure(error));
  }
  throw new Error('It did not fail.');
}

const making = { ...shop, printAppRegistration: false };

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

describe('list and revoke', () => {
  const signIn = { organization: 'contoso', entraToken: true };
  const typed = ['eyx'];
  const pats = () => [
    {
      displayName: 'laptop of Ann',
      scope: 'vso.code vso.build',
      authorizationId: '0a0a0a0a-2222-4333-8444-555555555555',
      validFrom: '2026-03-01T10:00:00',
      validTo: '2026-03-01T12:30:00Z',
    },
    {
      displayName: `Shop job-pat:build/${TENANT}/7/00112233/44556677`,
      scope: 'vso.code',
      authorizationId: '0b0b0b0b-2222-4333-8444-555555555555',
      validFrom: '2026-03-01T10:00:00Z',
      validTo: '2026-03-20T12:30:00Z',
    },
  ];

  for (const width of [60, 80, 100, 120]) {
    it(`show no line that is wider than ${width}, and every id whole`, async () => {
      const world = new StandIn({ typed, width });
      world.pats = pats();
      assert.equal(await list({ ...signIn, jobPat: false, json: false }, world.effects()), 0);
      assert.ok(
        world.output.split('\n').every(line => line.length <= width),
        world.output,
      );
      for (const pat of pats()) assert.ok(world.output.includes(pat.authorizationId));
      assert.match(world.told, /2 active PATs/);
    });
  }

  it('show those of Job PAT alone, for a program', async () => {
    const world = new StandIn({ typed });
    world.pats = pats();
    await list({ ...signIn, jobPat: true, json: true }, world.effects());
    const told = JSON.parse(world.output) as { madeByJobPat: boolean; run?: { runId: number } }[];
    assert.deepEqual(
      told.map(({ madeByJobPat, run }) => [madeByJobPat, run !== undefined]),
      [[true, true]],
    );
  });

  it('say that there is none', async () => {
    const world = new StandIn({ typed });
    assert.equal(await list({ ...signIn, jobPat: true, json: false }, world.effects()), 0);
    assert.match(world.told, /no active PAT made by Job PAT/);
  });

  it('end by name after a yes, and nothing after anything else', async () => {
    for (const [answer, left] of [
      ['y', 1],
      ['', 2],
      ['yess', 2],
    ] as const) {
      const world = new StandIn({ typed: ['eyx', answer], interactive: true });
      world.pats = pats();
      const code = await revoke(['laptop of Ann'], { ...signIn, yes: false }, world.effects());
      assert.deepEqual([code, world.pats.length], [answer === 'y' ? 0 : 1, left]);
    }
  });

  it('name what is not there, and what stays alive', async () => {
    const instead = onceAt('DELETE', /pats/, refusedWith(403, 'VS403463: The conditional access policy'));
    const world = new StandIn({ typed, instead });
    world.pats = pats();
    const code = await revoke(
      ['laptop of Ann', 'nobody knows it'],
      { ...signIn, yes: true },
      world.effects(),
    );
    assert.equal(code, 1);
    assert.match(world.told, /no active PAT "nobody knows it" of yours/);
    assert.match(world.told, /"laptop of Ann" stays alive: .*address of this machine/);
  });

  it('ask nobody without a terminal, and want a token on one line', async () => {
    const world = new StandIn({ typed: ['two words'] });
    const unasked = await failureOf(revoke([''], { ...signIn, yes: false }, world.effects()));
    assert.match(unasked.message, /--yes[^]*<id or name\.\.\.>/);
    const broken = await failureOf(list({ ...signIn, jobPat: false, json: false }, world.effects()));
    assert.match(broken.message, /The Entra access token holds blanks/);
    const none = await failureOf(list({ ...signIn, jobPat: false, json: false }, new StandIn().effects()));
    assert.match(none.message, /No Entra access token was given/);
    assert.deepEqual(world.requests, []);
  });

  it('sign in with a refresh token, or by a code', async () => {
    for (const refreshToken of [true, false]) {
      const world = new StandIn({ typed: ['1.Atoken'] });
      await list({ ...who, refreshToken, jobPat: false, json: true }, world.effects());
      const asked = world.requests.find(({ url }) => url.includes('tokens/pats'));
      assert.equal(asked?.headers['authorization'], `Bearer ${SIGNED_IN}`);
      assert.equal(world.told.includes('ABCD-EFGH'), !refreshToken);
      assert.ok(world.secrets.includes(SIGNED_IN));
    }
  });
});

describe('scopes', () => {
  const show = (words: string[], options: { reduce?: string; json?: boolean }, world = new StandIn()) => ({
    code: showScopes(words, { json: false, ...options }, world.effects().agent),
    world,
  });

  it('shows those about all words, also for a program', () => {
    assert.match(show(['code', 'status'], {}).world.output, /vso\.code_status/);
    const told = JSON.parse(show(['Full', 'access'], { json: true }).world.output) as { scope: string }[];
    assert.ok(told.length > 0);
    assert.equal(show(['nonsense'], {}).code, 1);
    assert.equal(show(['nonsense'], { json: true }).code, 1);
  });

  it('shows what a list comes down to', () => {
    const { world } = show([], { reduce: 'vso.code_write, Code (Read)' });
    assert.equal(world.output, 'vso.code_write');
    assert.match(world.told, /vso\.code \(Code \(Read\)\) is left out: vso\.code_write includes it/);
    assert.match(show([], { reduce: 'vso.code', json: true }).world.output, /"leftOut": \[\]/);
    assert.throws(() => show([], { reduce: 'vso.nonsense' }), /--reduce: /);
    assert.throws(() => show([], { reduce: ' ' }), /names no scope/);
  });
});
