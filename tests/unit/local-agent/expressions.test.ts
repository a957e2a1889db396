import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluateExpression, ExpressionError, type ExpressionValue } from '#local-agent/expressions';
import { SecretMasker } from '#local-agent/masker';
import { VariableStore } from '#local-agent/variables';
import { run, stageOf } from './fixture-package.js';

describe('an expression', () => {
  const evaluate = (text: string): ExpressionValue =>
    evaluateExpression(text, {
      read: ([context, name]) => (context === 'variables' ? (name === 'x' ? 'One' : null) : undefined),
      status: name => (name === 'always' ? true : undefined),
    });

  for (const [text, value] of [
    ["eq(variables['x'], 'ONE')", true],
    ['eq(variables.x, variables.none)', false],
    ["eq(variables.none, '')", true],
    ['ne(1, 2)', true],
    ["and(always(), or(false, not(eq('a', 'b'))))", true],
    ["in('b', 'a', 'B')", true],
    ["notIn('b', 'a', 'c')", true],
    ["coalesce(variables.none, '', 'c')", 'c'],
    ["'it''s'", "it's"],
    ['xor(true, true)', false],
    ["startsWith('Abc', 'aB')", true],
    ['lt(1.5, 2)', true],
  ] as const) {
    it(`${text} is ${String(value)}`, () => {
      assert.equal(evaluate(text), value);
    });
  }

  for (const text of ['', 'eq(1)', 'nothing()', 'eq(1, 2', "eq('a, 2)", 'unknown.x', 'true true', 'not(#)']) {
    it(`'${text}' is refused`, () => {
      assert.throws(() => evaluate(text), ExpressionError);
    });
  }

  it('either has a value or is refused, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '(', ')', "'", ',', '.', '[', ']', ' ', '1', 'eq(') }),
        text => {
          try {
            evaluate(text);
          } catch (error) {
            assert.ok(error instanceof ExpressionError);
          }
        },
      ),
    );
  });
});

describe('the variables of a job', () => {
  const store = (values: Readonly<Record<string, string>>) => {
    const warnings: string[] = [];
    const variables = new VariableStore(new SecretMasker(), message => warnings.push(message));
    for (const [name, value] of Object.entries(values)) variables.set(name, value);
    variables.expandAll();
    return { variables, warnings };
  };

  it('ignore case and are expanded into each other', () => {
    const { variables } = store({ a: '<$(B)>', b: '[$(c)]', c: 'x' });
    assert.equal(variables.get('A'), '<[x]>');
  });

  it('may not go round in circles, nor deeper than fifty', () => {
    const circle = store({ a: '$(b)', b: '$(a)' });
    assert.match(circle.warnings[0] ?? '', /cyclical/);
    const chain = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`v${n}`, `$(v${n + 1})`]));
    assert.match(store(chain).warnings[0] ?? '', /max expansion depth \(50\)/);
  });

  it('are seen by the next step, expanded', async () => {
    const main = `say('##vso[task.setvariable variable=a]from $(b)');`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }, { bash: 'echo "$A"' }], {
      variables: { b: 'B' },
    });
    assert.ok(stageOf(job, 'CmdLine1').log.includes('from B'));
  });
});
