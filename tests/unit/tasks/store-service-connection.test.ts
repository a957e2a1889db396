import assert from 'node:assert/strict';
import { serviceConnection } from '../../../tasks/common/stores/service-connection.js';
import { errorMessage, json, unavailable } from './answers.js';
import { A, entryOf } from './emulated-stores.js';
import { failureOf, withoutNetwork } from './world.js';
import { CHOICE, ID, RECORD, store, withMembers } from './connection-store.js';

describe('An entry for a service connection', () => {
  type Key = 'serviceConnection' | 'connectionParameter';
  const read = (texts: Parameters<typeof entryOf<Key>>[0]) => {
    const source = entryOf<Key>(texts);
    return { choice: serviceConnection.read(source), faults: source.faults };
  };

  it('names connection, project and parameter', () => {
    const { choice, faults } = read({
      serviceConnection: 'Feed',
      connectionParameter: 'apitoken',
      project: 'Web',
    });
    assert.deepEqual([choice, faults], [{ ...CHOICE, project: 'Web' }, []]);
  });

  it('needs both, and a parameter that can be one', () => {
    assert.deepEqual(read({ connectionParameter: 'a.b_c-D1' }).faults, [
      'serviceConnection is required by this store. Example: Azure Artifacts',
    ]);
    assert.match(
      read({ serviceConnection: 'Feed', connectionParameter: '1a' }).faults.join(),
      /^connectionParameter "1a" is not/,
    );
    for (const connectionParameter of ['', '1a', 'a b', `a${'x'.repeat(64)}`, 'a$', '$a'])
      assert.equal(
        read({ serviceConnection: 'Feed', connectionParameter }).faults.length,
        1,
        connectionParameter,
      );
    assert.deepEqual(
      read({ serviceConnection: 'Feed', connectionParameter: `a${'x'.repeat(63)}` }).faults,
      [],
    );
  });

  it('claims the connection as a whole, in whatever case', () => {
    assert.deepEqual(serviceConnection.claims({ ...CHOICE, project: 'Web' }), ['connection web/feed']);
    assert.deepEqual(serviceConnection.writeScopes, ['vso.serviceendpoint_manage']);
  });
});

describe('A service connection as a store', () => {
  withoutNetwork();

  it('holds what the line of its description names', async () => {
    const { look, store: opened, asked } = store();
    assert.equal(opened.place, 'service connection "Feed", apitoken');
    assert.deepEqual(await look(), {
      place: `serviceconnection/contoso/${ID}/apitoken`,
      container: `serviceconnection/contoso/${ID}`,
      claims: [`serviceconnection/contoso/${ID}`],
      recorded: A,
      isForeign: false,
    });
    assert.deepEqual(asked(), ['GET job '], 'by name');
  });

  it('is foreign where it holds a secret that no record names, and empty where it holds none', async () => {
    const held = await store({ description: 'Ask Erika.' }).look();
    assert.deepEqual([held.recorded, held.isForeign], [undefined, true]);
    const empty = store({ description: '' });
    empty.next(
      'GET',
      usual => usual(),
      withMembers({ authorization: { scheme: 'Token', parameters: { apitoken: '' } } }),
    );
    assert.equal((await empty.look()).isForeign, false);
  });

  it('is read by its id from then on, also where somebody gave it another name', async () => {
    const { recorded, look, connection, asked } = store();
    await recorded();
    connection.name = 'another';
    assert.equal(await recorded(), A);
    await look();
    assert.deepEqual(asked(), ['GET job ', `GET job /${ID}`, `GET job /${ID}`]);
  });

  it('is found by its id, and in the project that the entry names', async () => {
    const { recorded, asked } = store({ choice: { serviceConnection: ID.toUpperCase() } });
    assert.equal(await recorded(), A);
    assert.deepEqual(asked(), [`GET job /${ID}`]);
    const { sent, ...other } = store({ choice: { project: 'Web' } });
    await failureOf(other.recorded);
    assert.match(sent[0]?.url.pathname ?? '', /^\/contoso\/Web\//);
  });

  it('whose secret its scheme does not tell is looked at itself', async () => {
    const { recorded, asked } = store({
      choice: { connectionParameter: 'nugetkey' },
      scheme: 'None',
      parameters: { NuGetKey: 'old' },
    });
    assert.equal(await recorded(), A);
    assert.deepEqual(asked(), ['GET job ', `GET job /${ID}`]);
  });

  it('that is not there is said with name, project and who looked', async () => {
    const { look } = store({ choice: { serviceConnection: 'nobody' } });
    const { what } = await failureOf(look, 'store-not-usable');
    assert.equal(
      what,
      'There is no service connection "nobody" in project "sample" of contoso that the identity of this job may see.',
    );
  });

  it('is read as the writer where the job may not see it, and not as somebody who is the job', async () => {
    const roles = { buildService: 'none', people: 'administrator' } as const;
    const { recorded, asked } = store({ alone: false, roles });
    assert.equal(await recorded(), A);
    assert.deepEqual(asked(), ['GET job ', 'GET user ']);
    const refused = store({ alone: false });
    refused.next('GET job', errorMessage(403, 'No.', 'AccessDeniedException'));
    assert.equal(await refused.recorded(), A);
    const hidden = store({ roles });
    await failureOf(hidden.recorded, 'store-not-usable');
    assert.deepEqual(hidden.asked(), ['GET job ']);
    const closed = store();
    closed.next('GET', errorMessage(403, 'Not you.', 'AccessDeniedException'));
    assert.match((await failureOf(closed.recorded, 'access-denied')).message, /Not you/);
  });

  it('that fails in another way is not read as somebody else', async () => {
    const { recorded, next, asked } = store({ alone: false });
    next('GET job', ...Array.from({ length: 60 }, () => unavailable()));
    await failureOf(recorded, 'service-unavailable');
    assert.ok(asked().every(line => line.startsWith('GET job')));
  });

  it('whose description has no room for the record is none, to the character', async () => {
    const line = RECORD.length + 1;
    const full = store({ description: 'x'.repeat(1024 - line) });
    assert.equal(await full.recorded(), undefined);
    const over = await failureOf(
      store({ description: 'x'.repeat(1025 - line) }).recorded,
      'store-not-usable',
    );
    assert.match(
      over.what,
      /^The description of service connection "Feed" has no room for the line job-pat:rotated\/<authorization id>: 1024 characters/,
    );
    assert.equal(over.repair, 'Shorten the description by 60 characters.');
  });

  it('has a description in the project and one of its own: either holds the record, and both need the room', async () => {
    const both = async (own: string, inProject: string) => {
      const { recorded, next, services } = store();
      const { id, name } = services.organizations.get('contoso').project;
      const serviceEndpointProjectReferences = [
        { projectReference: { id, name }, name: 'Feed', description: inProject },
      ];
      next('GET', usual => {
        const { value } = JSON.parse(usual().body) as { value: object[] };
        return json(200, { value: [{ ...value[0], description: own, serviceEndpointProjectReferences }] });
      });
      return recorded();
    };
    assert.equal(await both(RECORD, 'Ask Erika.'), A);
    assert.equal(await both('Ask Erika.', RECORD), A);
    await failureOf(() => both('x'.repeat(1024), ''), 'store-not-usable');
    await failureOf(() => both('', 'x'.repeat(1024)), 'store-not-usable');
  });

  it('names no PAT where the line holds no id', async () => {
    assert.equal(await store({ description: 'job-pat:rotated/soon' }).recorded(), undefined);
  });
});

describe('What keeps a service connection from being a store', () => {
  withoutNetwork();

  const refused = async (seed: Parameters<typeof store>[0]) =>
    failureOf(store(seed).recorded, 'store-not-usable');

  it('is that it is a PAT issuer, whatever its type is called', async () => {
    for (const type of ['jobPatIssuer', 'Job-PAT-Issuer-dev', 'x.jobpatissuer'])
      assert.match((await refused({ type })).what, /^Service connection "Feed" is itself a PAT issuer/);
  });

  it('is that nobody tells its type', async () => {
    const { recorded, next } = store();
    next('GET', () =>
      json(200, { value: [{ id: ID, name: 'Feed', type: ' ', authorization: { scheme: 'Token' } }] }),
    );
    assert.match(
      (await failureOf(recorded, 'store-not-usable')).what,
      /^The service does not tell of which type/,
    );
  });

  for (const scheme of [
    'OAuth',
    'OAuth2',
    'InstallationToken',
    'WorkloadIdentityFederation',
    'ManagedServiceIdentity',
    'ServicePrincipal',
    'Certificate',
    'JWT',
    'Kubernetes',
  ])
    it(`is that it signs in with ${scheme}`, async () => {
      const { what } = await refused({ scheme });
      assert.equal(what, `Service connection "Feed" (externalnugetfeed, ${scheme}) signs in without a PAT.`);
    });

  it('is that the parameter is not secret, or not there, and says which one is', async () => {
    const open = await refused({
      choice: { connectionParameter: 'url' },
      parameters: { url: 'x', apitoken: 'y' },
    });
    assert.equal(
      open.what,
      'Parameter url of Service connection "Feed" (externalnugetfeed, Token) is not secret: everybody who sees the connection can read it.',
    );
    assert.equal(open.repair, 'Set connectionParameter: apitoken.');
    const missing = await refused({
      choice: { connectionParameter: 'apitoken' },
      scheme: 'UsernamePassword',
      parameters: { username: 'x', password: 'y' },
    });
    assert.equal(
      missing.what,
      'Service connection "Feed" (externalnugetfeed, UsernamePassword) has no parameter apitoken.',
    );
    assert.equal(missing.repair, 'Set connectionParameter: password.');
    const own = await refused({ choice: { connectionParameter: 'key' }, scheme: 'Own', parameters: {} });
    assert.equal(own.repair, 'Set connectionParameter to the one that holds the secret.');
    const token = await refused({ scheme: 'PersonalAccessToken', parameters: { accessToken: 'x' } });
    assert.equal(token.repair, 'Set connectionParameter: accesstoken.');
  });

  it('is not a secret that is shown as asterisks, or as nothing', async () => {
    for (const [shown, recorded] of [
      ['****', true],
      ['', true],
      ['*a*', false],
    ] as const) {
      const { recorded: read, next } = store({
        choice: { connectionParameter: 'key' },
        scheme: 'Own',
        parameters: { key: 'x' },
      });
      const authorization = { scheme: 'Own', parameters: { KEY: shown } };
      next(
        'GET',
        usual =>
          json(200, {
            value: [{ ...(JSON.parse(usual().body) as { value: object[] }).value[0], authorization }],
          }),
        withMembers({ authorization }),
      );
      const outcome = await read().then(
        () => true,
        () => false,
      );
      assert.equal(outcome, recorded, shown);
    }
  });
});
