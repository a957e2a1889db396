import assert from 'node:assert/strict';
import { scopeCatalogue } from '#pat/scope-catalogue';
import { includesScope, labelOf, parseScopes, portalScopes, type ScopeList } from '#pat/scopes';
import { hiddenScopes, scopeTable } from '../tasks/scope-table.js';

const parse = (text: string): ScopeList => parseScopes(text, { allowUnknown: false });
const uris = scopeTable.map(([uri]) => uri);
const labels = scopeTable.map(([, label]) => label);

describe('The catalogue of scopes', () => {
  for (const [uri, label, inherits] of scopeTable) {
    it(`knows ${uri} by URI and as "${label}"`, () => {
      assert.deepEqual(parse(uri), { scopes: [uri], included: [], faults: [] });
      assert.deepEqual(parse(label), { scopes: [uri], included: [], faults: [] });
      if (inherits !== undefined) assert.ok(includesScope(uri, inherits), `${uri} includes ${inherits}`);
    });
  }

  it('knows what is not on the form by URI', () => {
    assert.deepEqual(parse(hiddenScopes.join()).faults, []);
    const shown = portalScopes().map(({ uri }) => uri);
    assert.deepEqual(
      hiddenScopes.filter(uri => shown.includes(uri)),
      [],
    );
  });

  it('holds nothing else, and offers the rest on the form', () => {
    assert.deepEqual(
      scopeCatalogue()
        .map(({ uri }) => uri)
        .sort(),
      [...uris, ...hiddenScopes].sort(),
    );
    assert.deepEqual(
      portalScopes()
        .map(({ uri }) => uri)
        .sort(),
      [...uris].sort(),
    );
  });

  it('includes exactly what the inheritance says, cumulatively', () => {
    const inherits = new Map(scopeTable.map(([uri, , lower]) => [uri, lower]));
    const below = (uri: string): string[] => {
      const lower = inherits.get(uri);
      return lower === undefined ? [uri] : [uri, ...below(lower)];
    };
    for (const holder of uris.filter(uri => uri !== 'app_token')) {
      const expected = below(holder);
      for (const uri of uris)
        assert.equal(includesScope(holder, uri), expected.includes(uri), `${holder} ${uri}`);
    }
    assert.ok(uris.every(uri => includesScope('app_token', uri)));
  });
});

describe('A list of scopes', () => {
  const both = ['vso.code_write', 'vso.packaging'];
  for (const text of [
    'vso.code_write,vso.packaging',
    'vso.code_write ; vso.packaging',
    'vso.code_write vso.packaging',
    'vso.code_write\tvso.packaging',
    '\nvso.code_write\r\nvso.packaging\r\n',
    ' , ;vso.code_write,,;\n vso.packaging;',
    'VSO.Code_Write, vso.PACKAGING',
    'Code (Read & write), Packaging (Read)',
    'Code (Read & write); vso.packaging',
    'code (read and write)\nPACKAGING ( read )',
    'Code (Read  &  write),vso.packaging vso.packaging',
  ]) {
    it(`is read from ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parse(text).scopes, both);
      assert.deepEqual(parse(text).faults, []);
    });
  }

  it('leaves commas inside a label to the label', () => {
    const text = 'Release (Read, write, execute, & manage), Code (Read, write, & manage),Build (Read)';
    assert.deepEqual(parse(text).scopes, ['vso.release_manage', 'vso.code_manage', 'vso.build']);
  });

  it('takes the multi-select list of the classic editor: every label of the form, separated by comma', () => {
    const grantable = labels.filter(label => label !== 'Full access');
    const { scopes, included, faults } = parse(grantable.join(','));
    assert.deepEqual(faults, []);
    assert.equal(scopes.length + included.length, grantable.length);
  });

  it('leaves out what another one includes, over several steps, and says by which', () => {
    const { scopes, included } = parse('vso.profile vso.hooks_write vso.code_full vso.code vso.work');
    assert.deepEqual(scopes, ['vso.code_full', 'vso.work']);
    assert.deepEqual(
      included.map(([left]) => left),
      ['vso.profile', 'vso.hooks_write', 'vso.code'],
    );
    assert.ok(included.every(([left, by]) => includesScope(by, left)));
  });

  it('keeps code_status beside code_full: it is independent', () => {
    assert.deepEqual(parse('vso.code_full vso.code_status').scopes, ['vso.code_full', 'vso.code_status']);
  });

  it('is full access alone where it names full access', () => {
    assert.deepEqual(parse('vso.code, Full access, vso.work_full').scopes, ['app_token']);
  });

  it('is empty, without a fault, where nothing is written', () => {
    for (const text of ['', ' ', ',;\n'])
      assert.deepEqual(parse(text), { scopes: [], included: [], faults: [] });
  });
});

describe('An entry that is no scope', () => {
  for (const [entry, nearest] of [
    ['vso.code_wirte', 'vso.code_write'],
    ['vso.packging', 'vso.packaging'],
    ['code_write', 'vso.code_write'],
    ['Code (Read & wirte)', 'vso.code_write'],
    ['Packaging (Reed)', 'vso.packaging'],
    ['app_tokn', 'app_token'],
    ['vso.code_read', 'vso.code'],
    ['vso.packaging_read', 'vso.packaging'],
    ['vso.variablegroups', 'vso.variablegroups_read'],
    ['Code: Read & Write', 'vso.code_write'],
    ['Code (read/write)', 'vso.code_write'],
    ['Work Items - Read', 'vso.work'],
    ['vso.release_write', 'vso.release'],
    ['vso.graph_write', 'vso.graph'],
    ['vso.code_admin', 'vso.code_manage'],
    ['vso.relase_execute', 'vso.release_execute'],
  ] as const) {
    it(`"${entry}" fails with the nearest match ${nearest}`, () => {
      const { scopes, faults } = parse(entry);
      assert.deepEqual(scopes, []);
      assert.match(faults.join('\n'), new RegExp(`Nearest: ${nearest.replace('.', '\\.')}\\b`));
    });
  }

  it('never gets a hint that allows more than it means, whatever the scope', () => {
    const power = (uri: string) =>
      ['read', 'query', 'write|create|execute|publish', 'manage', 'full'].reduce(
        (most, words, index) =>
          new RegExp(words, 'i').test((labelOf(uri) ?? '').split('(')[1] ?? '') ? index : most,
        0,
      );
    for (const { uri } of portalScopes().filter(({ uri }) => uri !== 'app_token')) {
      const area = uri.replace(/_(?:write|manage|full|execute|publish|read|query|use)$/, '');
      for (const entry of [`${area}_read `, `${area}_reed`, `${area}_view`].map(text => text.trim())) {
        const hint = /Nearest: (\S+),/.exec(parse(entry).faults.join())?.[1];
        if (hint !== undefined) assert.equal(power(hint), 0, `${entry} leads to ${hint}`);
      }
    }
  });

  it('gets no hint where nothing is near', () => {
    for (const entry of ['vso.tokens_read', 'vso.environment', 'xyzzy'])
      assert.match(parse(entry).faults.join(), /is not a scope, and none is near that allows no more/);
  });

  it('is one of many: the first ones get a hint, the others are counted', () => {
    const { faults } = parse(Array.from({ length: 300 }, (_, index) => `vso.unknown${index}`).join(' '));
    assert.equal(faults.length, 11);
    assert.match(faults.at(-1) ?? '', /290 more entries are no scopes/);
  });

  it('stands in a list that is longer than all scopes together: one fault, and no work', () => {
    for (const text of ['vso.x '.repeat(6_000), Array.from({ length: 600 }, (_, i) => `v${i}`).join(' ')]) {
      for (const allowUnknown of [true, false]) {
        const { scopes, faults } = parseScopes(text, { allowUnknown });
        assert.deepEqual(scopes, []);
        assert.match(faults.join(), /^the list has \d+ (?:characters|entries)[^]{0,80}$/);
      }
    }
  });

  it('is reported together with all others', () => {
    const { scopes, faults } = parse('vso.code, vso.nope, Kode (Read), vso.work');
    assert.deepEqual(scopes, ['vso.code', 'vso.work']);
    assert.equal(faults.length, 2);
  });

  for (const name of ['vso.pats', 'vso.pats_manage', 'user_impersonation']) {
    it(`${name} is told apart: a permission of an Entra application`, () => {
      assert.match(parse(name).faults.join(), /Entra application/);
    });
  }

  it('passes where unknown scopes are allowed, as it is written', () => {
    const list = parseScopes('vso.brand_new, vso.code', { allowUnknown: true });
    assert.deepEqual(list, { scopes: ['vso.brand_new', 'vso.code'], included: [], faults: [] });
  });

  for (const text of ['##vso[task.complete]', 'vso.code"', 'Kode (Read)', 'vso.ünknown', '$(SCOPES)', '-x']) {
    it(`"${text}" does not pass even where unknown scopes are allowed`, () => {
      assert.equal(parseScopes(text, { allowUnknown: true }).faults.length, 1);
    });
  }
});
