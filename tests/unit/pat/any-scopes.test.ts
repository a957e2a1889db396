import fc from 'fast-check';
import assert from 'node:assert/strict';
import { includesScope, parseScopes, type ScopeList } from '#pat/scopes';
import { hiddenScopes, scopeTable } from '../tasks/scope-table.js';

const parse = (text: string): ScopeList => parseScopes(text, { allowUnknown: false });
const uris = scopeTable.map(([uri]) => uri);
const labels = scopeTable.map(([, label]) => label);

describe('Any list of scopes', () => {
  const entry = fc.oneof(fc.constantFrom(...uris, ...hiddenScopes), fc.constantFrom(...labels));
  const lists = fc.array(entry, { minLength: 1, maxLength: 12 });
  const separator = fc.constantFrom(',', ', ', ';', '\n', '\r\n', ' ,\n');
  const uriOf = new Map(
    scopeTable.flatMap(([uri, label]) => [
      [uri, uri],
      [label, uri],
    ]),
  );

  it('reads its own result again without a change', () => {
    fc.assert(
      fc.property(lists, separator, (list, between) => {
        const { scopes } = parse(list.join(between));
        assert.deepEqual(parse(scopes.join(' ')), { scopes, included: [], faults: [] });
      }),
    );
  });

  it('covers exactly what was asked', () => {
    fc.assert(
      fc.property(lists, separator, (list, between) => {
        const asked = list.map(text => uriOf.get(text) ?? text);
        const { scopes } = parse(list.join(between));
        assert.ok(asked.every(uri => scopes.some(holder => includesScope(holder, uri))));
        assert.ok(scopes.every(uri => asked.includes(uri)));
      }),
    );
  });

  it('never throws and never asks for anything that was not written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, allowUnknown) => {
        const { scopes, faults } = parseScopes(text, { allowUnknown });
        // What is known beside an unknown entry is told too, for the ceilings; the unknown one never.
        assert.ok(faults.every(fault => scopes.every(uri => !fault.startsWith(`"${uri}"`))));
        assert.ok(scopes.every(uri => text.toLowerCase().includes(uri.toLowerCase()) || text.includes('(')));
        assert.ok(scopes.every(uri => /^[A-Za-z0-9._]+$/.test(uri)));
      }),
    );
  });

  it('keeps what it knows beside an entry that is none, whoever may ask for unknown ones', () => {
    for (const allowUnknown of [false, true]) {
      const { scopes, faults } = parseScopes('vso.code\n???', { allowUnknown });
      assert.deepEqual([scopes, faults.length], [['vso.code'], 1]);
    }
  });

  it('of 100 000 characters is refused in a moment', () => {
    const start = performance.now();
    assert.equal(parse('('.repeat(100_000)).faults.length, 1);
    assert.equal(parse('x'.repeat(100_000)).faults.length, 1);
    assert.ok(performance.now() - start < 2000);
  });
});
