import assert from 'node:assert/strict';
import { namesOfOurs } from '#pat/names-of-ours';
import { namePattern, namePatternFault } from '#pat/name-pattern';
import { nameOf } from '../tasks/revoke-pats.js';
import { PROJECT } from '../tasks/run-service.js';

function fits(pattern: string, displayName: string): boolean {
  return namePattern(pattern)(displayName);
}

describe('A name pattern', () => {
  for (const [pattern, name] of [
    ['Nightly*', nameOf(4711)],
    ['*/4711/*', nameOf(4711)],
    ['a*c', 'abbbc'],
    ['a*c', 'ac'],
    ['a*', 'a/b/c'],
    ['a*', 'a'],
    ['a**', 'a'],
    ['*.', '..'],
    ['a?c', 'a/c'],
    ['[ab]c', 'bc'],
    ['[a-c]x', 'bx'],
    ['[!a-c]x', 'dx'],
    ['[^a]x', 'bx'],
    ['{ab,cd}*', 'cde'],
    ['{a,{b,c}}d', 'cd'],
    ['a{,b}', 'a'],
    ['./x', './x'],
    ['a(b)|+^$', 'a(b)|+^$'],
    ['a.b', 'a.b'],
    ['\\*x', '*x'],
    ['[\\]]x', ']x'],
    ['a{b', 'a{b'],
    ['a[b', 'a[b'],
    ['a?b', 'a💡b'],
    ['a*b', 'a\nb'],
  ] as const) {
    it(`${pattern} fits ${JSON.stringify(name)}`, () => {
      assert.ok(fits(pattern, name));
    });
  }

  for (const [pattern, name] of [
    ['Nightly', nameOf(4711)],
    ['nightly*', nameOf(4711)],
    ['Night', 'Nightly'],
    ['./x', 'x'],
    ['a/', 'a'],
    ['a', 'a/'],
    ['a/**', 'a'],
    ['a.b', 'axb'],
    ['a+', 'aa'],
    ['(a|b)', 'a'],
    ['!a', 'b'],
    ['a?', 'a'],
    ['[!a]x', 'ax'],
    ['{a,b}', '{a,b}'],
    ['\\*', 'x'],
    ['*a', 'ab'],
  ] as const) {
    it(`${pattern} does not fit ${JSON.stringify(name)}`, () => {
      assert.ok(!fits(pattern, name));
    });
  }

  for (const pattern of [
    '*',
    '**',
    '*?*',
    '?*',
    '*?',
    '[!z]*',
    '[^a]*',
    '{*,x}',
    '*{,y}',
    '*[!q]',
    '[A-Za-z0-9]*',
    '***',
    '* *',
    '*:*',
    '*-*',
    '*/*',
    '*job-pat:*',
    '*JOB*'.toLowerCase(),
    '* job-pat:build/*',
    '*build*',
    '*:release/*/*/*/*',
    '*rotated*',
    '*job-pat:rotated/????????/????????',
    '{*job-pat:build*,x}',
    '*a*',
    '*[0-9a-f]',
    '?????*',
    '[a-m]*',
    '[!N]*',
  ]) {
    it(`${pattern}, which matches every name of ours or of a kind, needs includeForeign`, () => {
      assert.match(namePatternFault(pattern, 'few') ?? '', /matches every name.*includeForeign/);
      assert.equal(namePatternFault(pattern, 'all'), undefined);
    });
  }

  for (const pattern of [
    'Nightly*',
    '*-mirror*',
    'x',
    'N*',
    '*[0-9] *',
    '*/4711/*',
    'Deploy key job-pat:rotated/*',
    `* job-pat:build/${PROJECT}/*`,
  ]) {
    it(`${pattern} needs nothing else`, () => {
      assert.equal(namePatternFault(pattern, 'few'), undefined);
    });
  }

  it('may match an eighth of the names of a kind by chance, and no more', () => {
    const share = (pattern: string) =>
      Math.max(...namesOfOurs().map(names => names.filter(namePattern(pattern)).length / names.length));
    assert.equal(share('?k*'), 1 / 8);
    assert.equal(namePatternFault('?k*', 'few'), undefined);
    assert.ok(share('?[ik]*') > 1 / 8);
    assert.match(namePatternFault('?[ik]*', 'few') ?? '', /many by chance/);
  });

  it('may reach a kind of names where an administrator writes it, and never all of them', () => {
    for (const pattern of ['* job-pat:build/*', '*job-pat:rotated/*', 'Nightly*'])
      assert.equal(namePatternFault(pattern, 'kind'), undefined);
    for (const pattern of ['*', '*job-pat:*', '*:*', '*-*', '?*', '* *', '{*build*,*release*,*rotated*}'])
      assert.match(
        namePatternFault(pattern, 'kind') ?? '',
        /matches every name that Job PAT gives; narrow it$/,
      );
  });

  it('may not be long without end, nor stand for more patterns than anyone wrote', () => {
    assert.match(namePatternFault('x'.repeat(257), 'all') ?? '', /256/);
    assert.equal(namePatternFault('x'.repeat(256), 'all'), undefined);
    assert.match(namePatternFault('{a,b}'.repeat(20), 'all') ?? '', /too many/);
    const ten = `{${Array.from('0123456789').join()}}`;
    assert.equal(namePatternFault(ten + ten, 'all'), undefined);
    assert.match(namePatternFault(`${ten}${ten}{a,b}`, 'all') ?? '', /too many/);
  });

  it('is required', () => {
    assert.equal(namePatternFault('', 'all'), 'is required');
  });
});
