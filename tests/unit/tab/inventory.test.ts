import assert from 'node:assert/strict';
import { byExpiry, byRule, byScope } from '../../../tab/breakdown.js';
import { filtered, NO_FILTER } from '../../../tab/inventory-filter.js';
import { findingsThatCount, readInventory, type Inventory } from '../../../tab/inventory.js';

const NOW = new Date('2026-11-25T14:00:00Z');

const pat = (number: number, changes: object = {}): object => ({
  authorizationId: `8f1c0a52-0000-4000-8000-00000000000${number}`,
  organization: 'contoso',
  user: null,
  displayName: `PAT ${number}`,
  scope: 'vso.code',
  state: 'active',
  validFrom: '2026-11-01T00:00:00Z',
  validTo: '2026-11-28T00:00:00Z',
  findings: [],
  ...changes,
});
const fired = (rule: string, changes: object = {}): object => ({
  findings: [{ rule, severity: 'error', message: 'So it is.', ...changes }],
});

function inventory(pats: readonly unknown[], changes: object = {}): Inventory {
  return readInventory(JSON.stringify({ version: 1, complete: true, missing: [], pats, ...changes }));
}

const idsOf = ({ pats }: Inventory, change: object): string[] =>
  filtered(pats, { ...NO_FILTER, ...change }, NOW).map(({ displayName }) => displayName);

describe('The inventory in the tab', () => {
  it('counts scopes of active PATs alone, and lets the same ones through', () => {
    const read = inventory([
      pat(1),
      pat(2, { state: 'revoked' }),
      pat(3, { state: 'expired', validTo: '2026-11-20T00:00:00Z' }),
    ]);
    assert.deepEqual(
      byScope(read).map(({ id, count }) => [id, count]),
      [['vso.code', 1]],
    );
    assert.deepEqual(idsOf(read, { scope: 'vso.code' }), ['PAT 1']);
  });

  it('waits for no end of a PAT that somebody has revoked', () => {
    const read = inventory([pat(1), pat(2, { state: 'revoked' })]);
    assert.equal(byExpiry(read, NOW).find(({ id }) => id === 'week')?.count, 1);
    assert.deepEqual(idsOf(read, { expiry: 'week' }), ['PAT 1']);
  });

  it('counts no finding that an exception covers, and lets none through by its rule', () => {
    const read = inventory([pat(1, fired('full-access')), pat(2, fired('full-access', { exception: 0 }))]);
    assert.deepEqual(
      byRule(read).map(({ id, count }) => [id, count]),
      [['full-access', 1]],
    );
    assert.equal(findingsThatCount(read).length, 1);
    assert.deepEqual(idsOf(read, { rule: 'full-access' }), ['PAT 1']);
    assert.deepEqual(idsOf(read, { text: 'full-access' }), ['PAT 1', 'PAT 2']);
  });

  it('is not complete when the audit was not, or when there is an entry that cannot be read', () => {
    assert.deepEqual(inventory([pat(1)]).missing, []);
    assert.equal(inventory([pat(1)], { complete: false }).missing.length, 1);
    assert.equal(inventory([pat(1), { displayName: 'no id' }, 7]).missing.length, 1);
  });

  it('takes a severity that it does not know for a warning, so that nothing is hidden', () => {
    const [entry] = inventory([pat(1, fired('new-rule', { severity: 'catastrophe' }))]).pats;
    assert.equal(entry?.worst, 'warning');
  });

  for (const text of ['', '[]', '{}', '{"pats":{}}', '<html>']) {
    it(`is not read from ${JSON.stringify(text)}`, () => {
      assert.throws(() => readInventory(text), /not an inventory/);
    });
  }
});
