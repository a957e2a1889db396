import assert from 'node:assert/strict';
import { connect } from '../../../cli/commands/connect.js';
import { doctor } from '../../../cli/commands/doctor.js';
import { asObject } from '#text/json';
import { CLIENT, ORGANIZATION, StandIn, type Instead } from './stand-in.js';
import { failureOf, looking, making } from './commands-asked.js';

const IDENTITY = '22222222-2222-4333-8444-555555555555';
const federated = { ...making, federated: true };
const agent = { ...making, agentUser: 'job-pat@contoso.example', agentIdentity: IDENTITY };

/** Entra with an application that is confidential, as one that a connection proves has to be. */
const confidential: Instead = ({ url, body = '' }) => {
  const form = new URLSearchParams(body);
  return /\/token\b/.test(url) && !form.has('client_secret')
    ? {
        status: 401,
        body: { error: 'invalid_client', error_description: 'AADSTS7000218: proof', error_codes: [7000218] },
      }
    : undefined;
};

function sent(world: StandIn, path: RegExp): URLSearchParams[] {
  return world.requests.filter(({ url }) => path.test(url)).map(({ body = '' }) => new URLSearchParams(body));
}

describe('connect --federated', () => {
  it('signs in with the secret once, and stores the refresh token without it', async () => {
    const world = new StandIn({ instead: confidential, typed: ['the-secret'] });
    assert.equal(await connect(federated, world.effects()), 0);
    const [made] = world.connections;
    assert.deepEqual(made?.['authorization'], { scheme: 'Token', parameters: { apitoken: '1.Arefresh' } });
    assert.equal(asObject(made['data'])?.['clientProof'], 'federation');
    assert.ok(!JSON.stringify(world.connections).includes('the-secret'));
    assert.ok(world.secrets.includes('the-secret'));
    assert.deepEqual(world.pats, []);
  });

  it('shows how the secret is removed, and what the application has to trust', async () => {
    const world = new StandIn({ instead: confidential, typed: ['the-secret'] });
    await connect(federated, world.effects());
    assert.match(world.output, new RegExp(`az ad app credential delete --id ${CLIENT} --key-id "\\$id"`));
    assert.match(world.output, new RegExp(`az ad app federated-credential create --id ${CLIENT} `));
    assert.ok(world.output.includes(`"issuer":"https://vstoken.dev.azure.com/${ORGANIZATION}"`));
    assert.ok(world.output.includes('"subject":"sc://contoso/Shop/PAT issuer"'));
    assert.match(world.output, /only a run can show/);
    assert.ok(!world.output.includes('the-secret'));
    const prose = world.output.split('\n').filter(line => !/^(az|for) /.test(line));
    assert.ok(prose.every(line => line.length <= 80));
  });

  it('stores nothing where the refresh token works without any proof', async () => {
    const world = new StandIn({ typed: ['the-secret'] });
    const failure = await failureOf(connect(federated, world.effects()));
    assert.equal(failure.topic, 'application-not-confidential');
    assert.match(failure.message, /--is-fallback-public-client false/);
    assert.deepEqual([world.connections, world.pats], [[], []]);
  });

  it('asks Entra with and without the secret, and for nothing else', async () => {
    const world = new StandIn({ instead: confidential, typed: ['the-secret'] });
    await connect(federated, world.effects());
    const grants = sent(world, /\/token\b/).map(form => [form.get('grant_type'), form.get('client_secret')]);
    assert.deepEqual(grants, [
      ['urn:ietf:params:oauth:grant-type:device_code', 'the-secret'],
      ['refresh_token', 'the-secret'],
      ['refresh_token', null],
    ]);
  });

  it('empties the client secret that a connection has, and the other way round the proof', async () => {
    const world = new StandIn({ instead: confidential, typed: ['the-secret', 'the-secret', 'the-secret'] });
    await connect({ ...making, clientSecret: true }, world.effects());
    await connect(federated, world.effects());
    assert.deepEqual(asObject(world.connections[0]?.['authorization'])?.['parameters'], {
      apitoken: '1.Arefresh',
      clientSecret: '',
    });
    await connect({ ...making, clientSecret: true }, world.effects());
    assert.equal(asObject(world.connections[0]?.['data'])?.['clientProof'], '');
    assert.equal(world.connections.length, 1);
  });
});

describe('connect --agent-user', () => {
  it('makes a connection that stores nothing secret, with the token of somebody who may', async () => {
    const world = new StandIn({ typed: ['eyAdministrator'] });
    assert.equal(await connect(agent, world.effects()), 0);
    const [made] = world.connections;
    assert.deepEqual(made?.['authorization'], { scheme: 'None', parameters: {} });
    const { clientId, agentIdentityId, agentUser, clientProof } = asObject(made['data']) ?? {};
    assert.deepEqual(
      [clientId, agentIdentityId, agentUser, clientProof],
      [CLIENT, IDENTITY, 'job-pat@contoso.example', undefined],
    );
    assert.deepEqual(sent(world, /login\.microsoftonline/), [], 'nobody is signed in');
    assert.match(world.output, /Preview\./);
    assert.ok(!world.output.includes('refresh token'));
    assert.deepEqual(world.pats, []);
  });

  it('takes the place of a refresh token', async () => {
    const world = new StandIn({ typed: ['eyAdministrator'] });
    await connect(making, world.effects());
    await connect(agent, world.effects());
    assert.deepEqual(world.connections[0]?.['authorization'], { scheme: 'None', parameters: {} });
    assert.equal(world.connections.length, 1);
  });

  it('names every fault at once, before any request', async () => {
    const world = new StandIn();
    const wrong = {
      ...making,
      federated: true,
      agentUser: 'job pat',
      agentIdentity: 'x',
      clientSecret: true,
      clientId: 'y',
    };
    const { message } = await failureOf(connect(wrong, world.effects()));
    for (const said of [
      /--federated: give either/,
      /--agent-user: "job pat" is neither the UPN nor the object id/,
      /--agent-identity: "x" is not the id/,
      /--client-secret: an agent's user signs in without one/,
      /--client-id: "y"/,
    ])
      assert.match(message, said);
    const { message: missing } = await failureOf(connect({ ...making, agentUser: true }, world.effects()));
    assert.match(missing, /--agent-user: wants the UPN or the object id/);
    assert.match(missing, /--agent-identity: is required/);
    const alone = await failureOf(
      connect({ ...making, agentIdentity: IDENTITY, entraToken: true }, world.effects()),
    );
    assert.match(alone.message, /--agent-identity: goes with --agent-user/);
    assert.match(alone.message, /--entra-token: goes with --agent-user/);
    assert.deepEqual(world.requests, []);
  });
});

describe('doctor, for a connection that stores no secret', () => {
  const withToken = { ...looking, refreshToken: false, entraToken: true, clientId: CLIENT };

  it('says whom the application has to trust, and what only a run shows', async () => {
    const world = new StandIn({ instead: confidential, typed: ['the-secret', 'eyUser'] });
    await connect(federated, world.effects());
    world.printed.length = 0;
    await doctor(withToken, world.effects());
    const text = world.output.replace(/\s+/g, ' ');
    assert.match(text, /ok proof federation: the OIDC token of this connection proves the application/);
    assert.match(
      text,
      new RegExp(
        `issuer https://vstoken\\.dev\\.azure\\.com/${ORGANIZATION} and subject sc://contoso/Shop/PAT issuer; only a run shows`,
      ),
    );
    assert.match(text, /examples\/doctor\.yml/);
    assert.match(text, /ok age /);
  });

  it("knows an agent's user, who has no refresh token that could grow old", async () => {
    const world = new StandIn({ typed: ['eyAdministrator', 'eyUser'] });
    await connect(agent, world.effects());
    world.printed.length = 0;
    await doctor(withToken, world.effects());
    const text = world.output.replace(/\s+/g, ' ');
    assert.match(text, /preview: jobs sign in as the agent's user job-pat@contoso\.example/);
    assert.match(text, /of the blueprint has to name issuer/);
    assert.doesNotMatch(text, /age the stored refresh token/);
  });

  for (const [what, data, said] of [
    [
      'a proof that no job understands',
      { clientProof: 'Federation' },
      /fail proof clientProof is "Federation"/,
    ],
    [
      'a proof with a blank behind it, which no job takes either',
      { clientProof: 'federation ' },
      /fail proof clientProof is "federation "/,
    ],
    [
      'an agent identity and a user that are none',
      { agentIdentityId: 'x', agentUser: 'y z' },
      /agentIdentityId is "x", which is no id\..*agentUser is "y z", which is neither/,
    ],
  ] as const) {
    it(`finds ${what}`, async () => {
      const world = new StandIn({ typed: ['eyAdministrator', 'eyUser'] });
      await connect(agent, world.effects());
      const scheme = 'clientProof' in data ? 'Token' : 'None';
      world.connections = world.connections.map(raw => ({
        ...raw,
        authorization: { scheme, parameters: {} },
        data: { ...asObject(raw['data']), ...data },
      }));
      world.printed.length = 0;
      assert.equal(await doctor(withToken, world.effects()), 2);
      assert.match(world.output.replace(/\s+/g, ' '), said);
    });
  }
});
