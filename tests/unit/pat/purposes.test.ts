import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePurposes, purposes } from '#pat/purposes';
import { scopeCatalogue } from '#pat/scope-catalogue';
import { reduceScopes } from '#pat/scopes';
import { readTaskDefinition } from '../../../scripts/task-definition.js';
import { root } from '../../../scripts/paths.js';
import { readProduct } from '../../../scripts/product.js';

const names = (text: string) => parsePurposes(text).purposes.map(({ name }) => name);

describe('A list of purposes', () => {
  it('is separated by comma, semicolon, blank or newline, and does not mind case or repetition', () => {
    assert.deepEqual(names(' gitClone,PACKAGERESTORE;\n wikiRead gitclone '), [
      'gitClone',
      'packageRestore',
      'wikiRead',
    ]);
    assert.deepEqual(parsePurposes(' , ;\n'), { purposes: [], faults: [] });
  });

  it('names the nearest purpose for one that is none', () => {
    assert.match(parsePurposes('gitclon').faults[0] ?? '', /"gitclon" is not a purpose\. Nearest: gitClone$/);
    assert.match(parsePurposes('makeCoffee').faults[0] ?? '', /is not a purpose\. Example: gitClone/);
  });

  it('sends a scope to the input for scopes', () => {
    assert.match(
      parsePurposes('vso.code').faults[0] ?? '',
      /is a scope, which belongs into the input scopes/,
    );
  });

  it('has one sentence for each entry that is none, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), text => {
        const list = parsePurposes(text);
        const entries = new Set(text.split(/[,;\s]+/).filter(entry => entry !== ''));
        assert.ok(list.purposes.length + list.faults.length <= entries.size);
        for (const fault of list.faults) assert.ok(fault.length < 300);
      }),
    );
  });

  it('that is longer than all there are is refused in one sentence', () => {
    const text = Array.from({ length: 500 }, (_, index) => `x${index}`).join(' ');
    assert.equal(parsePurposes(text).faults.length, 1);
  });
});

describe('The table of purposes', () => {
  const known = new Set(scopeCatalogue().map(({ uri }) => uri));

  for (const { name, title, scopes, source, warning } of purposes) {
    it(`${name} stands for known scopes, none of which another includes, and names its source`, () => {
      assert.match(name, /^[a-z][A-Za-z]+$/);
      assert.ok(title.length > 0 && title.length <= 70, title);
      assert.ok(scopes.length > 0 && scopes.every(scope => known.has(scope)));
      assert.deepEqual(reduceScopes(scopes).included, []);
      assert.match(source, /^(rest\/api\/azure\/devops|azure\/devops)\/[a-z0-9/-]+$/);
      assert.doesNotMatch(warning ?? '', /\.$/);
    });
  }

  it('warns of writing code: a push can pass branch policies', () => {
    const push = purposes.find(({ name }) => name === 'gitPush');
    assert.match(push?.warning ?? '', /branch policies/);
  });

  it('warns of every purpose with a scope that the service calls high-privilege', () => {
    const high = new Set(
      scopeCatalogue()
        .filter(({ highPrivilege }) => highPrivilege)
        .map(({ uri }) => uri),
    );
    for (const { name, scopes, warning } of purposes) {
      if (scopes.some(scope => high.has(scope))) assert.ok(warning !== undefined, name);
    }
  });

  it('is what the editor offers, with the scopes and what they allow beside', async () => {
    const definition = await readTaskDefinition(join(root, 'tasks/IssuePat/IssuePatV1'), await readProduct());
    const options = definition.inputs.find(({ name }) => name === 'purpose')?.options ?? {};
    assert.deepEqual(
      Object.keys(options),
      purposes.map(({ name }) => name),
    );
    assert.match(
      options['gitPush'] ?? '',
      /^Push to git repositories \(vso\.code_write\)\. .*branch policies/,
    );
  });

  it('is what docs/purposes.md shows', () => {
    const shown = readFileSync(join(root, 'docs/purposes.md'), 'utf8');
    for (const { name, title, scopes, warning } of purposes) {
      const row = `| \`${name}\` | ${title} | \`${scopes.join(' ')}\` | ${warning ?? ''} |`.replace(
        '|  |',
        '| |',
      );
      assert.ok(shown.includes(row), `docs/purposes.md lacks: ${row}`);
    }
  });
});
