import fc from 'fast-check';
import assert from 'node:assert/strict';
import { namePattern, namePatternFault } from '#pat/name-pattern';

function fits(pattern: string, displayName: string): boolean {
  return namePattern(pattern)(displayName);
}

describe('Any name pattern', () => {
  it('takes no time to speak of, also one that nearly fits in very many ways', () => {
    const started = process.cpuUsage();
    assert.ok(!fits(`${'a*'.repeat(60)}b`, 'a'.repeat(10_000)));
    assert.ok(process.cpuUsage(started).user < 2_000_000, 'less than 2 s of work');
  });

  it('without a sign of a glob fits the same name and no other', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(name => !/[*?[\]{}\\]/.test(name));
    fc.assert(
      fc.property(text, text, (name, other) => {
        assert.ok(fits(name, name));
        assert.equal(fits(name, other), name === other);
      }),
    );
  });

  it('with every sign taken off fits exactly its own text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), name => {
        assert.ok(fits(name.replace(/[*?[\]{}\\,!^-]/g, '\\$&'), name));
      }),
    );
  });

  it('never throws, whatever is written', () => {
    const signs = fc.constantFrom(
      '*',
      '?',
      '[',
      ']',
      '!',
      '^',
      '-',
      '{',
      '}',
      ',',
      '\\',
      'a',
      '/',
      '(',
      '💡',
    );
    const pattern = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: signs, maxLength: 60 }),
    );
    fc.assert(
      fc.property(pattern, fc.string({ maxLength: 128 }), (pattern, name) => {
        namePatternFault(pattern, 'few');
        fits(pattern, name);
      }),
    );
  });
});
