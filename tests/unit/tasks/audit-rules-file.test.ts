import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { root } from '../../../scripts/paths.js';
import type { RuleBook } from '../../../tasks/AuditPats/AuditPatsV1/rule-book.js';
import { parseRulesFile } from '../../../tasks/AuditPats/AuditPatsV1/rules-file.js';
import { ruleIds } from '../../../tasks/AuditPats/AuditPatsV1/rules.js';
import { DAY } from '#text/lifetime';

const schema: unknown = JSON.parse(readFileSync(join(root, 'schemas', 'audit-rules.schema.json'), 'utf8'));
const fitsSchema = new Ajv({ strict: false }).compile(schema as object);

function bookOf(text: string): RuleBook {
  const book = parseRulesFile(text);
  return 'faults' in book ? assert.fail(book.faults.join('\n')) : book;
}

function faultsOf(text: string): readonly string[] {
  const book = parseRulesFile(text);
  return 'faults' in book ? book.faults : [];
}

const exception = (more: string) => `exceptions:\n  - name: Old *\n    reason: because\n    ${more}\n`;

const good: readonly string[] = [
  'rules: {}',
  'rules:\n  full-access: off\n  expires-soon: { severity: note, threshold: 14d }',
  'rules:\n  duplicate-names:\n    threshold: 3',
  exception('until: 2026-12-31'),
  exception('until: "2026-12-31"\n    rules: [full-access, never-rotated]'),
  '{"rules": {"never-rotated": {"threshold": "30d"}}, "exceptions": []}',
];

/** What is wrong, in which line, and a word of what is said about it. */
const bad: readonly (readonly [text: string, line: number, said: RegExp])[] = [
  ['rules:\n  ful-access: off', 2, /no "ful-access"/],
  ['rules:\n  full-access:\n    severity: fatal', 3, /severity is one of error, warning, note/],
  ['rules:\n  full-access:\n    threshold: 3d', 3, /no "threshold"/],
  ['rules:\n  expires-soon: { threshold: soon }', 2, /length of time/],
  ['rules:\n  duplicate-names: { threshold: 0 }', 2, /whole number from 1/],
  ['rules:\n  - full-access', 2, /has to be a map/],
  ['exceptions:\n  - name: x\n    until: 2026-12-31', 2, /needs reason/],
  [exception('until: soon'), 4, /until is a day/],
  [exception('until: 2026-12-31\n    rules: [nothing]'), 5, /"nothing" is not a rule/],
  [exception('until: 2026-12-31\n    rules: []'), 5, /list of rule ids/],
  [exception('until: 2026-12-31\n    user: erika'), 5, /no "user"/],
  ['exception: []', 1, /no "exception"/],
];

describe('A rules file', () => {
  for (const text of good)
    it(`is read, and fits the schema: ${JSON.stringify(text)}`, () => {
      bookOf(text);
      assert.ok(fitsSchema(parse(text)), JSON.stringify(fitsSchema.errors));
    });

  for (const [text, line, said] of bad)
    it(`is refused in line ${line}, and does not fit the schema: ${JSON.stringify(text)}`, () => {
      const [fault = 'no fault', ...more] = faultsOf(text);
      assert.ok(fault.startsWith(`line ${line}: `), fault);
      assert.match(fault, said);
      assert.deepEqual(more, []);
      assert.equal(fitsSchema(parse(text)), false);
    });

  it('that is no YAML is refused with the line', () => {
    assert.match(faultsOf('rules:\n  full-access: {')[0] ?? '', /^line 2: /);
    assert.match(faultsOf('rules: {}\nrules: {}')[0] ?? '', /^line 2: "rules" is there twice/);
  });

  it('tells every fault, not the first one only', () => {
    assert.deepEqual(
      faultsOf('rules:\n  full-access: off\n  full-access: off\n  a: off').map(fault => fault.slice(0, 25)),
      ['line 3: "full-access" is ', 'line 4: rules has no "a";'],
    );
    assert.equal(faultsOf('rules:\n  a: off\n  b: off\nexceptions: 7').length, 3);
  });

  it('has no aliases and no merge keys, and says so with the line', () => {
    const text = `${exception('until: 2026-12-31')}  - &old { name: x, reason: because, until: 2026-12-31 }\n  - *old\n  - <<: x\n`;
    assert.deepEqual(
      faultsOf(text).map(fault => fault.slice(0, 18)),
      ['line 5: anchors (&', 'line 6: anchors (&', 'line 7: merge keys'],
    );
  });

  it('has names that are texts as they are written', () => {
    const [one] = bookOf('exceptions:\n  - { name: 0042, reason: 7, until: 2026-12-31 }').exceptions;
    assert.deepEqual([one?.name, one?.matches('0042'), one?.reason], ['0042', true, '7']);
  });

  it('takes no number in quotes for a threshold, and no exception that is none', () => {
    assert.match(
      faultsOf('rules:\n  duplicate-names: { threshold: "3" }')[0] ?? '',
      /^line 2: threshold is a/,
    );
    assert.match(faultsOf('exceptions:\n  -\n  - x')[0] ?? '', /^line 2: an exception has name/);
  });

  it('has a day that exists in the calendar', () => {
    assert.match(faultsOf(exception('until: 2026-02-30'))[0] ?? '', /^line 4: until is a day/);
  });

  it('that is empty leaves every rule as it is', () => {
    assert.deepEqual(
      bookOf('').rules.map(({ id }) => id),
      ruleIds,
    );
  });

  it('changes what it names, and leaves the rest', () => {
    const { rules } = bookOf('rules:\n  full-access: off\n  lifetime-too-long: { threshold: 7d }');
    assert.equal(rules.length, ruleIds.length - 1);
    const lifetime = rules.find(({ id }) => id === 'lifetime-too-long');
    assert.deepEqual(lifetime, { id: 'lifetime-too-long', severity: 'warning', threshold: 7 * DAY });
  });

  it('has exceptions that count through their last day', () => {
    const [one] = bookOf(exception('until: 2026-12-31')).exceptions;
    assert.equal(one?.end.toISOString(), '2027-01-01T00:00:00.000Z');
    assert.ok(one.matches('Old server'));
    assert.ok(!one.matches('New server'));
  });
});
