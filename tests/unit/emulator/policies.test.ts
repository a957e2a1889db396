import assert from 'node:assert/strict';
import { basic, create, issue, jsonOf, patApi, useEmulator, type Json } from './client.js';

const start = new Date('2026-03-01T10:00:00Z');

describe('policies of the emulator', () => {
  let now = start;
  beforeEach(() => {
    now = start;
  });
  const emulator = useEmulator(() => ({ clock: () => now }));
  const validTo = '2026-04-01T10:00:00Z';

  async function reason(changes: Json): Promise<unknown> {
    return (await jsonOf(await create(emulator(), { validTo, ...changes })))['patTokenError'];
  }

  async function works(pat: string): Promise<boolean> {
    const url = `${emulator().organizationUrl('contoso')}/_apis/connectionData`;
    return (await fetch(url, { headers: basic(pat) })).status === 200;
  }

  it('shorten a new PAT without a word, counted from now', async () => {
    emulator().policies.set({ maximumLifespanDays: 7 });
    const { id } = await issue(emulator(), { validTo });
    assert.equal(
      emulator().pats.find({ authorizationId: id })?.validTo.toISOString(),
      '2026-03-08T10:00:00.000Z',
    );
  });

  it('shorten even what would outlive a year', async () => {
    emulator().policies.set({ maximumLifespanDays: 7 });
    assert.equal(await reason({ validTo: '2099-01-01T00:00:00Z' }), 'none');
  });

  it('shorten an updated PAT, counted from its creation', async () => {
    const { id } = await issue(emulator(), { validTo: '2026-03-05T10:00:00Z' });
    emulator().policies.of('contoso').maximumLifespanDays = 7;
    now = new Date('2026-03-04T10:00:00Z');
    await patApi(emulator(), { method: 'PUT', body: { authorizationId: id, validTo } });
    assert.equal(
      emulator().pats.find({ authorizationId: id })?.validTo.toISOString(),
      '2026-03-08T10:00:00.000Z',
    );
  });

  it('refuse full access', async () => {
    emulator().policies.set({ fullScopeRestricted: true });
    assert.equal(await reason({ scope: 'app_token' }), 'fullScopePatPolicyViolation');
    assert.equal(await reason({ scope: 'vso.code_full' }), 'none');
  });

  it('refuse every PAT, or all but those for packages', async () => {
    const contoso = emulator().policies.of('Contoso');
    contoso.creation = 'blocked';
    assert.equal(await reason({ scope: 'vso.packaging' }), 'disablePatCreationPolicyViolation');
    contoso.creation = 'packagingOnly';
    assert.equal(await reason({ scope: 'vso.packaging_write' }), 'none');
    assert.equal(await reason({ scope: 'vso.packaging vso.code' }), 'disablePatCreationPolicyViolation');
  });

  it('hold for one organization, where they were set for one', async () => {
    emulator().policies.of('fabrikam').creation = 'blocked';
    assert.equal(await reason({}), 'none');
    assert.throws(() => emulator().policies.of('northwind'), /has no organization "northwind"/);
  });

  it('let a new PAT wait until it works', async () => {
    emulator().policies.set({ activationDelay: 2000 });
    const { value } = await issue(emulator(), { validTo });
    assert.equal(await works(value), false);
    now = new Date('2026-03-01T10:00:02Z');
    assert.equal(await works(value), true);
  });

  it('let a revoked PAT work on for a while', async () => {
    emulator().policies.set({ revocationDelay: 2000 });
    const { value, id } = await issue(emulator(), { validTo });
    await patApi(emulator(), { method: 'DELETE', query: { authorizationId: id } });
    assert.equal(await works(value), true);
    assert.equal(emulator().pats.active().length, 0);
    now = new Date('2026-03-01T10:00:02Z');
    assert.equal(await works(value), false);
  });
});
