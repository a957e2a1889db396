import assert from 'node:assert/strict';
import type { SecretContent } from '#emulator/keyvault/vault';
import { HttpFault, type HttpFaultKind } from '#http/http';
import { vaultAt } from '#key-vault/vault';
import { keyVault, type KeyVaultChoice } from '../../../tasks/common/stores/key-vault.js';
import { VaultClients } from '../../../tasks/common/stores/vault-clients.js';
import { json, lost, throttled, unavailable, type Answer, type Reply } from './answers.js';
import { A, B, emulatedStores, entryOf, failureOrNone, generation } from './emulated-stores.js';
import { failureOf, withoutNetwork } from './world.js';

const vault = vaultAt('https://contoso.vault.azure.net') ?? assert.fail();
const CHOICE: KeyVaultChoice = { kind: 'keyVault', vault, secretName: 'git-pat' };
const RECORD = 'jobPatAuthorizationId';

/** A store in the secret `git-pat`, which has such a current version, or none. */
function store(content?: Partial<SecretContent>) {
  const stores = emulatedStores();
  if (content !== undefined) stores.services.keyVault.set('git-pat', { value: 'old', ...content });
  const opened = stores.open(keyVault, CHOICE);
  return {
    ...stores,
    store: opened,
    look: () => opened.look(stores.policy()),
    recorded: () => opened.recorded(stores.policy()),
    write: (id = B) => opened.write(generation(id), stores.policy()),
    current: () => stores.services.keyVault.current('git-pat'),
    asked: (method: string) =>
      stores.sent.filter(one => one.method === method && one.url.pathname.startsWith('/secrets/')).length,
  };
}

const refusal =
  (status: number, code: string, message = 'Not so.', inner?: string): Answer =>
  () =>
    json(status, { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } });

describe('An entry for a key vault', () => {
  type Key = 'keyVaultUrl' | 'secretName';
  const read = (texts: Parameters<typeof entryOf<Key>>[0]) => {
    const source = entryOf<Key>(texts);
    return { choice: keyVault.read(source), faults: source.faults };
  };

  it('names vault and secret', () => {
    const { choice, faults } = read({
      keyVaultUrl: 'https://contoso.vault.azure.net/',
      secretName: 'git-pat',
    });
    assert.deepEqual([choice, faults], [CHOICE, []]);
  });

  it('needs both, each such as there can be', () => {
    assert.deepEqual(read({}).faults, [
      'keyVaultUrl is required by this store. Example: https://contoso.vault.azure.net',
      'secretName is required by this store. Example: git-pat',
    ]);
    const { choice, faults } = read({ keyVaultUrl: 'https://evil.example', secretName: 'git_pat' });
    assert.match(
      faults.join('\n'),
      /^keyVaultUrl ".*" is not the URL of a key vault.*\nsecretName "git_pat" is not the name/,
    );
    assert.deepEqual(choice.vault, { url: '', host: '', resource: '', isLoopback: false });
  });

  it('claims the secret, in whatever case, and needs no scope of a PAT', () => {
    assert.deepEqual(keyVault.claims({ ...CHOICE, secretName: 'Git-PAT' }), [
      'secret https://contoso.vault.azure.net/git-pat',
    ]);
    assert.deepEqual(keyVault.writeScopes, []);
  });
});

describe('A key vault as a store', () => {
  withoutNetwork();

  it('holds what the tag of the secret names', async () => {
    const { look, store: opened, asked } = store({ tags: { [RECORD]: A.toUpperCase() } });
    assert.equal(opened.place, 'secret "git-pat" of contoso.vault.azure.net');
    const place = 'keyvault/contoso.vault.azure.net/git-pat';
    assert.deepEqual(await look(), {
      place,
      container: place,
      claims: [place],
      recorded: A,
      isForeign: false,
    });
    assert.equal(asked('GET'), 1);
  });

  it('is empty where there is no secret, and foreign where one has no record', async () => {
    const holding = async (content?: Partial<SecretContent>) => {
      const { recorded, isForeign } = await store(content).look();
      return [recorded, isForeign];
    };
    assert.deepEqual(await holding(), [undefined, false]);
    assert.deepEqual(await holding({}), [undefined, true]);
    assert.deepEqual(await holding({ tags: { [RECORD]: 'no guid' } }), [undefined, true]);
    assert.equal(await store().recorded(), undefined);
    assert.equal(await store({ tags: { [RECORD]: A } }).recorded(), A);
  });

  it('that has as many tags as a secret can have is none, unless one of them is the record', async () => {
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));
    assert.equal(await store({ tags: tags(14) }).recorded(), undefined);
    assert.equal(await store({ tags: { ...tags(14), [RECORD]: A } }).recorded(), A);
    const full = await failureOf(store({ tags: tags(15) }).recorded, 'store-not-usable');
    assert.equal(
      full.what,
      `The secret "git-pat" of contoso.vault.azure.net has 15 tags, and no room for ${RECORD}.`,
    );
  });

  it('that belongs to a certificate is none', async () => {
    const { recorded, next } = store({});
    next('GET', usual => json(200, { ...(JSON.parse(usual().body) as object), managed: true }));
    assert.match(
      (await failureOf(recorded, 'store-not-usable')).what,
      /belongs to a certificate of the vault/,
    );
  });

  it('is written as a new version, with end and record, beside other tags', async () => {
    const notBefore = new Date('2026-02-01T00:00:00Z');
    const { write, current, asked } = store({ tags: { team: 'web' }, contentType: 'text/plain', notBefore });
    await write();
    const { value, tags, contentType, expires, enabled, notBefore: kept } = current() ?? assert.fail();
    assert.deepEqual(
      [value, tags, contentType, enabled],
      ['the-value', { team: 'web', [RECORD]: B }, 'text/plain', true],
    );
    assert.deepEqual([expires?.toISOString(), kept], ['2026-03-31T10:00:00.000Z', notBefore]);
    assert.deepEqual([asked('GET'), asked('PUT')], [1, 1]);
  });

  it('gets a secret where there is none, of a type that says what it is', async () => {
    const { write, current } = store();
    await write();
    const { value, tags, contentType, notBefore } = current() ?? assert.fail();
    assert.deepEqual(
      [value, tags, contentType, notBefore],
      ['the-value', { [RECORD]: B }, 'Azure DevOps PAT', undefined],
    );
  });
});

describe('What a key vault refuses', () => {
  withoutNetwork();

  for (const [status, code, inner, repair] of [
    [403, 'Forbidden', 'SecretDisabled', /^Enable the current version of the secret/],
    [409, 'Conflict', 'ObjectIsDeletedButRecoverable', /^A deleted secret of this name can be recovered/],
    [403, 'Forbidden', 'ForbiddenByFirewall', /through the firewall of the key vault/],
    [403, 'Forbidden', 'ForbiddenByConnection', /through the firewall of the key vault/],
    [403, 'Forbidden', 'NoNetworkHere', /through the firewall of the key vault/],
    [401, 'Unauthorized', undefined, /^Check that the Azure connection belongs to the tenant/],
    [403, 'Forbidden', 'ForbiddenByRbac', /the role "Key Vault Secrets Officer"/],
    [409, 'Conflict', undefined, /it is in a state that takes no new version/],
    [404, 'Other', undefined, /^Check keyVaultUrl and secretName/],
    [400, '', undefined, /^Check keyVaultUrl and secretName/],
    [400, 'BadParameter', undefined, /^Job PAT does not know this reason/],
  ] as const)
    it(`says what to do about ${status} ${inner ?? code}`, async () => {
      const { recorded, next } = store({});
      next('GET', refusal(status, code, 'Not so.', inner));
      const failure = await failureOf(recorded, 'store-refused');
      const reason = [inner ?? code, 'Not so'].filter(Boolean).map(part => `, ${part}`);
      assert.equal(
        failure.what,
        `The secret "git-pat" of contoso.vault.azure.net was refused (HTTP ${status}${reason.join('')}).`,
      );
      assert.match(failure.repair, repair);
      assert.deepEqual([failure.facts.status, failure.facts.reason], [status, 'Not so.']);
    });

  it('is asked for again where that helps, as long as it says', async () => {
    for (const [answer, wait] of [
      [unavailable(503, 5), 5_000],
      [refusal(409, 'Conflict', 'Wait.', 'ObjectIsBeingRecovered'), 500],
      [refusal(409, 'Conflict', 'Wait.', 'ObjectIsBeingDeleted'), 500],
      [refusal(409, 'Conflict', 'Wait.', 'ObjectIsBeingRestored'), 500],
      [lost, 500],
    ] as const) {
      const { recorded, next, clock } = store({ tags: { [RECORD]: A } });
      next('GET', answer);
      assert.equal(await recorded(), A);
      assert.deepEqual(clock.waits, [wait]);
    }
  });

  it('waits as long as a state that passes says, and goes on by itself where it says nothing', async () => {
    const { recorded, next, clock, agent } = store({ tags: { [RECORD]: A } });
    const passing = refusal(409, 'Conflict', 'Wait. Or not.', 'ObjectIsBeingRecovered');
    next('GET', usual => ({ ...(passing(usual) as Reply), headers: { 'retry-after': '9' } }), passing);
    assert.equal(await recorded(), A);
    assert.deepEqual(clock.waits, [9_000, 1_000]);
    assert.match(agent.lines('info').join('\n'), /ObjectIsBeingRecovered, Wait\. Or not\. Trying again/);
  });

  it('is a failure of the vault where it never ends', async () => {
    const always = (answer: Answer) => Array.from({ length: 60 }, () => answer);
    const down = store({});
    down.next('GET', ...always(refusal(503, 'Busy', 'Later.')));
    const failure = await failureOf(down.recorded, 'service-unavailable');
    assert.equal(
      failure.what,
      'The key vault of secret "git-pat" of contoso.vault.azure.net answered HTTP 503, Busy, Later.',
    );
    assert.match(failure.repair, /^This is a fault of Azure Key Vault/);
    assert.equal(failure.facts.status, 503);
    const between = store({});
    between.next('GET', ...always(refusal(409, 'Conflict', 'Wait.', 'ObjectIsBeingDeleted')));
    const passing = await failureOf(between.recorded, 'service-unavailable');
    assert.match(passing.what, /answered HTTP 409, ObjectIsBeingDeleted, Wait\.$/);
    assert.match(passing.repair, /^The secret is between two states/);
    assert.equal(passing.facts.status, 409);
  });

  const fault =
    (kind: HttpFaultKind): Answer =>
    () =>
      new HttpFault(kind, 'no way', 'ECODE');

  it('is nothing to ask again for where the way there is not to be trusted, or the step ends', async () => {
    for (const [kind, topic] of [
      ['cancelled', 'cancelled'],
      ['not-trusted', 'certificate-not-trusted'],
      ['too-large', undefined],
    ] as const) {
      const { recorded, next, asked } = store({});
      next('GET', fault(kind));
      const failure = await failureOf(recorded);
      if (kind === 'cancelled') assert.deepEqual([failure.topic, failure.repair], [topic, '']);
      assert.equal(asked('GET'), 1, kind);
    }
  });

  it('is asked for again where the vault was not reached', async () => {
    const { recorded, next } = store({ tags: { [RECORD]: A } });
    next('GET', fault('not-sent'), fault('lost'));
    assert.equal(await recorded(), A);
  });

  /** How a write ended whose PUT was answered so. */
  async function ends(...answers: Answer[]) {
    const world = store({});
    world.next('PUT', ...answers);
    const failure = await failureOrNone(() => world.write());
    return { ...world, failure, puts: world.asked('PUT') };
  }

  it('is written again where it was certainly not written', async () => {
    for (const answer of [
      throttled(7),
      fault('not-sent'),
      refusal(409, 'Conflict', 'Wait.', 'ObjectIsBeingDeleted'),
    ]) {
      const { failure, puts } = await ends(answer);
      assert.deepEqual([failure, puts], [undefined, 2]);
    }
    const never = await ends(...Array.from({ length: 60 }, () => throttled(30)));
    assert.equal(never.failure?.topic, 'store-refused');
    assert.match(never.failure.repair, /^The key vault gets more requests than it takes/);
  });

  it('is not written again where it may have been written', async () => {
    for (const answer of [lost, unavailable(), fault('too-large')]) {
      const { failure, puts } = await ends(answer);
      assert.ok(failure !== undefined && failure.topic !== 'store-refused', failure?.topic);
      assert.equal(puts, 1);
    }
    const refused = await ends(refusal(403, 'Forbidden', 'No.', 'ForbiddenByRbac'));
    assert.deepEqual([refused.failure?.topic, refused.puts], ['store-refused', 1]);
  });

  it('is for reading to tell where the answer shows another record', async () => {
    const { failure } = await ends(usual => ({ ...usual(), body: usual().body.replace(B, A) }));
    assert.equal(failure?.topic, 'store-not-usable');
    assert.match(
      failure.what,
      /^The write to the secret "git-pat" of contoso\.vault\.azure\.net was answered as if/,
    );
  });

  it('keeps a write from being sent where it cannot be read', async () => {
    const { write, next, asked } = store({});
    next('GET', refusal(403, 'Forbidden', 'No.', 'ForbiddenByRbac'));
    await failureOf(() => write(), 'store-refused');
    assert.equal(asked('PUT'), 0);
  });
});

describe('The clients of key vaults', () => {
  withoutNetwork();

  it('are one for each vault', async () => {
    const { around } = emulatedStores();
    const other = vaultAt('https://fabrikam.vault.azure.net') ?? assert.fail();
    assert.equal(await around.vaults.of(vault), await around.vaults.of(vault));
    assert.notEqual(await around.vaults.of(vault), await around.vaults.of(other));
  });

  it('are none without a connection', () => {
    assert.throws(
      () => new VaultClients(undefined, emulatedStores().around.effects).of(vault),
      /without a connection/,
    );
  });
});
