import nock from 'nock';
import assert from 'node:assert/strict';
import { asObject, type JsonObject } from '../../../tasks/common/text/json.js';
import { json, lost, unavailable, type Answer, type Reply } from './answers.js';
import type { AgentState } from './memory-agent.js';
import { MemoryAgent } from './memory-agent.js';
import { AUTHORITY, PatService } from './pat-service.js';
import { generationOf, rotatePats, rotateState } from './rotate-pats.js';
import { failureOf, withoutNetwork, World } from './world.js';

const VAULT = 'https://contoso.vault.azure.net';
const TENANT = '99999999-2222-4333-8444-555555555555';
const APP = '77777777-2222-4333-8444-555555555555';
const OIDC =
  'https://dev.azure.com/contoso/abababab-1212-4343-8565-787878787878/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';

interface Wish {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly scheme?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

function state({
  inputs,
  fields,
  secrets,
  scheme = 'WorkloadIdentityFederation',
  variables,
}: Wish): AgentState {
  const base = rotateState({
    inputs: {
      store: 'keyVault',
      azureConnection: 'azure',
      keyVaultUrl: VAULT,
      secretName: 'git-pat',
      ...inputs,
    },
    variables: { 'System.OidcRequestUri': OIDC, ...variables },
  });
  const azure = {
    url: 'https://management.azure.com/',
    scheme,
    fields: { tenantid: TENANT, serviceprincipalid: APP, environment: 'AzureCloud', ...fields },
    secrets: secrets ?? {},
  };
  return { ...base, connections: { ...base.connections, azure } };
}

const rotation = (wish: Wish = {}, service = new PatService()): World =>
  new World(new MemoryAgent(state(wish)), service);

/** A vault with one secret, or none, behind its challenge. Made before the PAT service, whose Entra takes every sign-in. */
class VaultService {
  readonly bodies: JsonObject[] = [];
  readonly forms: URLSearchParams[] = [];
  readonly oidc: string[] = [];
  /** The token that it takes. */
  token = 'vault-token';
  requests = 0;
  challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`;
  readonly #queued = new Map<string, Answer[]>();

  constructor(public secret?: JsonObject) {
    const serve = (method: string, body: string, authorization: string | undefined): Reply | Error => {
      this.requests += 1;
      if (authorization !== `Bearer ${this.token}`)
        return { status: 401, body: '', headers: { 'www-authenticate': this.challenge } };
      const usual = () => (method === 'PUT' ? this.#set(body) : this.#get());
      const queued = this.#queued.get(method)?.shift();
      return queued === undefined ? usual() : queued(usual);
    };
    for (const method of ['GET', 'PUT']) {
      nock(VAULT)
        .persist()
        .intercept(/^\/secrets\/git-pat\/?(\?|$)/, method)
        .reply(function (_uri, body, done) {
          const reply = serve(
            method,
            typeof body === 'string' ? body : JSON.stringify(body),
            this.req.headers['authorization']?.toString(),
          );
          if (reply instanceof Error) done(reply, [500]);
          else done(null, [reply.status, reply.body, { ...reply.headers }]);
        });
    }
    const { forms, oidc } = this;
    nock(AUTHORITY)
      .persist()
      .post(`/${TENANT}/oauth2/v2.0/token`)
      .reply((_uri, body) => {
        forms.push(new URLSearchParams(typeof body === 'string' ? body : {}));
        return [200, { access_token: 'vault-token', token_type: 'Bearer', expires_in: 3599 }];
      });
    nock('https://dev.azure.com')
      .persist()
      .post(/oidctoken/)
      .reply(uri => {
        oidc.push(uri);
        return [200, { oidcToken: 'the-oidc-token' }];
      });
  }

  next(method: 'GET' | 'PUT', ...answers: Answer[]): this {
    this.#queued.set(method, [...(this.#queued.get(method) ?? []), ...answers]);
    return this;
  }

  #get(): Reply {
    return this.secret === undefined
      ? json(404, {
          error: { code: 'SecretNotFound', message: 'A secret with (name/id) git-pat was not found.' },
        })
      : json(200, this.secret);
  }

  #set(body: string): Reply {
    const sent = asObject(JSON.parse(body)) ?? {};
    this.bodies.push(sent);
    this.secret = { ...sent, id: `${VAULT}/secrets/git-pat/1`, attributes: sent['attributes'] };
    return json(200, this.secret);
  }
}

describe('RotatePat, into a key vault', () => {
  withoutNetwork();

  it('makes a secret with value, end and record in one request', async () => {
    const vault = new VaultService();
    const service = new PatService();
    assert.equal(await rotatePats(rotation({}, service)), undefined);
    const [made] = service.made;
    assert.equal(vault.bodies.length, 1);
    const [body = {}] = vault.bodies;
    assert.equal(body['value'], made?.value);
    assert.deepEqual(body['tags'], { jobPatAuthorizationId: made?.authorizationId });
    const exp = asObject(body['attributes'])?.['exp'];
    assert.equal(exp, Math.floor(Date.parse(made?.validTo ?? '') / 1000));
  });

  it('signs in with the token that Azure Pipelines makes for the connection', async () => {
    const vault = new VaultService();
    await rotatePats(rotation());
    assert.match(vault.oidc[0] ?? '', /oidctoken\?api-version=7\.1&serviceConnectionId=azure$/);
    const form = Object.fromEntries(vault.forms[0] ?? []);
    assert.deepEqual(form, {
      grant_type: 'client_credentials',
      client_id: APP,
      scope: 'https://vault.azure.net/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'the-oidc-token',
    });
    assert.equal(vault.forms.length, 1, 'one sign-in for all requests');
  });

  it('signs in with the secret of the connection', async () => {
    const vault = new VaultService();
    const wish = { scheme: 'ServicePrincipal', secrets: { serviceprincipalkey: 'the-app-secret' } };
    await rotatePats(rotation(wish));
    assert.equal(vault.forms[0]?.get('client_secret'), 'the-app-secret');
    assert.deepEqual(vault.oidc, []);
  });

  for (const tags of [undefined, { owner: 'platform' }, { jobPatAuthorizationId: 'not an id' }])
    it(`leaves a secret alone that has no record (tags ${JSON.stringify(tags)})`, async () => {
      const vault = new VaultService({
        value: 'old',
        id: `${VAULT}/secrets/git-pat/0`,
        ...(tags === undefined ? {} : { tags }),
        attributes: {},
      });
      const world = rotation();
      assert.equal((await rotatePats(world))?.result, 'Failed');
      assert.match(world.agent.lines('error').join(), /holds a value, and no record .*takeOver: true/);
      assert.deepEqual([vault.bodies.length, world.service.count('create')], [0, 0]);
    });

  it('keeps other tags and the content type', async () => {
    const vault = new VaultService({
      value: 'old',
      id: `${VAULT}/secrets/git-pat/0`,
      contentType: 'text/plain',
      tags: { owner: 'platform' },
      attributes: { enabled: true },
    });
    const service = new PatService();
    await rotatePats(rotation({ inputs: { takeOver: 'true' } }, service));
    assert.deepEqual(vault.bodies[0]?.['tags'], {
      owner: 'platform',
      jobPatAuthorizationId: service.made[0]?.authorizationId,
    });
    assert.equal(vault.bodies[0]['contentType'], 'text/plain');
  });

  it('masks the value that reading the secret brings, and shows none', async () => {
    new VaultService({ value: 'what-was-there', id: `${VAULT}/secrets/git-pat/0`, attributes: {} });
    const world = rotation();
    await rotatePats(world);
    assert.ok(world.agent.masks.includes('what-was-there'));
    for (const token of ['the-oidc-token', 'vault-token'])
      assert.ok(world.agent.masks.includes(token), token);
    for (const event of world.agent.events)
      if (event.kind !== 'mask') assert.doesNotMatch(JSON.stringify(event), /what-was-there|vault-token/);
  });

  for (const [what, body] of [
    ['broken', '{"value":"what-was-there","id":'],
    ['no object', '["what-was-there"]'],
    ['no JSON at all', 'what-was-there'],
  ] as const) {
    it(`shows nothing of an answer that is ${what}, and makes no PAT`, async () => {
      new VaultService().next('GET', () => ({
        status: 200,
        body,
        headers: { 'content-type': 'application/json' },
      }));
      const service = new PatService();
      const world = rotation({}, service);
      assert.equal((await rotatePats(world))?.result, 'Failed');
      assert.equal(service.count('create'), 0);
      assert.match(world.agent.lines('error').join(), /\[answer-not-json\]/);
      assert.doesNotMatch(
        JSON.stringify(world.agent.events.filter(({ kind }) => kind !== 'mask')),
        /what-was-there/,
      );
    });
  }

  it('settles a write whose answer is broken by reading, and shows nothing of it', async () => {
    const vault = new VaultService().next('PUT', usual => {
      const reply = usual();
      return { ...reply, body: reply.body.slice(0, -1) };
    });
    const service = new PatService();
    const world = rotation({}, service);
    assert.equal(await rotatePats(world), undefined);
    assert.equal(vault.bodies.length, 1);
    const value = service.made[0]?.value ?? 'none';
    assert.ok(!JSON.stringify(world.agent.events.filter(({ kind }) => kind !== 'mask')).includes(value));
  });

  it('keeps the moment before which the secret is not to be used', async () => {
    const nbf = 1_700_000_000;
    const vault = new VaultService({ value: 'old', id: `${VAULT}/secrets/git-pat/0`, attributes: { nbf } });
    await rotatePats(rotation({ inputs: { takeOver: 'true' } }));
    assert.equal(asObject(vault.bodies[0]?.['attributes'])?.['nbf'], nbf);
  });

  it('takes no secret that belongs to a certificate', async () => {
    new VaultService({ value: 'key', id: `${VAULT}/secrets/git-pat/0`, managed: true, attributes: {} });
    const service = new PatService();
    const world = rotation({}, service);
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.match(world.agent.lines('error').join(), /belongs to a certificate.*\[store-not-usable\]/s);
    assert.equal(service.count('create'), 0);
  });

  for (const [status, code, repair] of [
    [401, 'Unauthorized', /tenant and the cloud/],
    [403, 'ForbiddenByConnection', /Networking/],
    [403, 'ForbiddenByFirewall', /Networking/],
  ] as const) {
    it(`refused with ${status} ${code} says what to do about that`, async () => {
      new VaultService().next('GET', () =>
        json(status, { error: { code: 'Forbidden', innererror: { code } } }),
      );
      const world = rotation();
      assert.equal((await rotatePats(world))?.result, 'Failed');
      assert.match(world.agent.lines('error').join(), repair);
    });
  }

  it('that is being recovered is asked again: that passes', async () => {
    const vault = new VaultService();
    const service = new PatService();
    vault.next('PUT', () =>
      json(409, { error: { code: 'Conflict', innererror: { code: 'ObjectIsBeingRecovered' } } }),
    );
    const world = rotation({}, service);
    const ended = await rotatePats(world);
    assert.equal(ended?.result, undefined, world.agent.lines('error').join());
    assert.equal(service.count('create'), 1);
  });

  it('without permission revokes the new PAT and names the role', async () => {
    new VaultService().next('PUT', () =>
      json(403, { error: { code: 'Forbidden', message: 'No.', innererror: { code: 'ForbiddenByRbac' } } }),
    );
    const service = new PatService();
    const world = rotation({}, service);
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.equal(service.alive.size, 0);
    assert.match(
      world.agent.lines('error').join(),
      /ForbiddenByRbac.*Key Vault Secrets Officer.*\[store-refused\]/s,
    );
  });

  for (const [what, answer] of [
    ['lost', (usual: () => Reply) => (usual(), lost())],
    ['500', (usual: () => Reply) => (usual(), unavailable(500)(usual))],
  ] as const) {
    it(`a write whose answer is ${what} is settled by reading`, async () => {
      const vault = new VaultService().next('PUT', answer);
      const service = new PatService();
      assert.equal(await rotatePats(rotation({}, service)), undefined);
      assert.equal(vault.bodies.length, 1);
      assert.equal(service.alive.size, 1);
    });
  }

  it('asks for a token of key vaults alone, whatever a challenge says', async () => {
    const vault = new VaultService();
    vault.token = 'another-token';
    vault.challenge = `Bearer authorization="https://evil.example/${TENANT}", resource="https://evil.example"`;
    const service = new PatService();
    assert.equal((await rotatePats(rotation({}, service)))?.result, 'Failed');
    assert.deepEqual(
      vault.forms.map(form => form.get('scope')),
      ['https://vault.azure.net/.default'],
    );
    assert.equal(service.count('create'), 0);
  });

  it('that is not due costs one list and one read, beside the sign-ins', async () => {
    const vault = new VaultService();
    const service = new PatService();
    const pat = service.add(
      generationOf('0000aaaa', 'keyvault/contoso.vault.azure.net/git-pat'),
      'contoso',
      '2026-02-28T10:00:00Z',
      '2026-03-20T00:00:00Z',
    );
    vault.secret = {
      value: pat.value,
      id: `${VAULT}/secrets/git-pat/0`,
      tags: { jobPatAuthorizationId: pat.authorizationId },
      attributes: {},
    };
    assert.equal(await rotatePats(rotation({}, service)), undefined);
    assert.deepEqual(service.operations, ['redeem', 'list']);
    assert.equal(vault.requests, 1);
  });

  it('signs in at the authority of the connection, whatever the challenge says', async () => {
    const vault = new VaultService();
    vault.challenge = `Bearer authorization="https://evil.example/${TENANT}", resource="https://vault.azure.net"`;
    assert.equal(await rotatePats(rotation()), undefined);
    assert.equal(vault.forms.length, 1);
  });

  it('does not follow a redirect', async () => {
    new VaultService().next('GET', () => ({
      status: 302,
      body: '',
      headers: { location: 'https://evil.example/' },
    }));
    const service = new PatService();
    assert.equal((await rotatePats(rotation({}, service)))?.result, 'Failed');
    assert.equal(service.count('create'), 0);
  });

  for (const [what, wish, message] of [
    [
      'another host',
      { inputs: { keyVaultUrl: 'https://vault.azure.net.evil.example' } },
      /keyVaultUrl: .*not the URL of a key vault/,
    ],
    ['a managed HSM', { inputs: { keyVaultUrl: 'https://x.managedhsm.azure.net' } }, /managed HSM/],
    ['a path', { inputs: { keyVaultUrl: `${VAULT}/secrets/x` } }, /keyVaultUrl/],
    ['a bad name', { inputs: { secretName: 'a_b' } }, /secretName: "a_b" is not the name of a secret/],
    ['no connection', { inputs: { azureConnection: '' } }, /azureConnection: is required by store keyVault/],
    [
      'a connection that was not handed over',
      { inputs: { azureConnection: 'none' } },
      /did not hand it over/,
    ],
    [
      'a managed identity',
      { scheme: 'ManagedServiceIdentity' },
      /managed identities of an agent cannot sign in/,
    ],
    [
      'a certificate',
      { scheme: 'ServicePrincipal', fields: { authenticationType: 'spnCertificate' } },
      /certificate/,
    ],
    [
      'an authority of somebody',
      { fields: { environmentAuthorityUrl: 'https://evil.example/' } },
      /not an Entra authority/,
    ],
    [
      'a place for tokens elsewhere',
      { variables: { 'System.OidcRequestUri': 'https://evil.example/oidctoken' } },
      /does not belong to/,
    ],
    [
      'a place for tokens in another organization',
      { variables: { 'System.OidcRequestUri': OIDC.replace('contoso', 'fabrikam') } },
      /does not belong to/,
    ],
  ] as const) {
    it(`with ${what} fails before the first request`, async () => {
      const service = new PatService();
      const failure = await failureOf(() => rotatePats(rotation(wish, service)));
      assert.match(failure.message, message);
      assert.deepEqual(service.operations, []);
    });
  }
});
