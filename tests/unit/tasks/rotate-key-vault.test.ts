import assert from 'node:assert/strict';
import { asObject } from '#text/json';
import { json, lost, unavailable, type Reply } from './answers.js';
import { PatService } from './pat-service.js';
import { generationOf, rotatePats } from './rotate-pats.js';
import { failureOf, withoutNetwork } from './world.js';
import { APP, rotation, TENANT, VAULT, VaultService } from './rotate-into-vault.js';

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

  it('refuses a vault on loopback that no connection names, before any request', async () => {
    const world = rotation({ inputs: { keyVaultUrl: 'http://127.0.0.1:4711' } });
    const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.match(message, /keyVaultUrl: "http:\/\/127\.0\.0\.1:4711" is no key vault of a cloud/);
    assert.deepEqual(
      world.agent.events.filter(({ kind }) => kind === 'request'),
      [],
    );
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
    [403, 'ForbiddenByRbac', /Give the application of the Azure connection the role/],
    [404, 'ResourceNotFound', /Check keyVaultUrl and secretName/],
    [400, 'BadParameter', /go by what the key vault said/],
    [429, 'Throttled', /The key vault gets more requests than it takes\. Run again later/],
    [302, '', /this may be no key vault/],
  ] as const) {
    it(`refused with ${status} ${code} says what to do about that, and of nobody else`, async () => {
      const answer = () => json(status, { error: { code: 'Forbidden', innererror: { code } } });
      new VaultService().next('GET', ...Array.from({ length: 100 }, () => answer));
      const world = rotation();
      assert.equal((await rotatePats(world))?.result, 'Failed');
      const [said = ''] = world.agent.lines('error');
      assert.match(said, repair);
      assert.doesNotMatch(said, /issuing user|build service|adminToken/);
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
    ['a redirect', (usual: () => Reply) => (usual(), { status: 302, body: '' })],
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
});
