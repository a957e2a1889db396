import fc from 'fast-check';
import assert from 'node:assert/strict';
import { jobPatName } from '#pat/run-name';
import { namesOfOurs } from '#pat/names-of-ours';
import { namePattern, namePatternFault } from '#pat/name-pattern';
import { PatService } from './pat-service.js';
import { assertAlive, assertDead, nameOf, revokePats, revokeStep, whyKept } from './revoke-pats.js';
import { PROJECT } from './run-service.js';
import { failureOf, withoutNetwork } from './world.js';

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

describe('Revoking by name', () => {
  withoutNetwork();

  it('leaves PATs that Job PAT did not make, and says so', async () => {
    const service = new PatService();
    const run = {
      host: 'build',
      projectId: 'abababab-1212-4343-8565-787878787878',
      runId: '1',
      jobId: '12f1170f',
    } as const;
    const mine = [
      service.add(jobPatName('Nightly mirror', run, '00000001')),
      service.add('Nightly job-pat:rotated/8ec0fd8f/0123abcd'),
    ];
    const foreign = [service.add('Nightly mirror'), service.add('Nightly job-pat:build/../x')];
    const other = service.add(nameOf(4711, { label: 'Weekly' }));
    const world = revokeStep({ what: 'name', namePattern: 'Nightly*' }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, ...mine);
    assertAlive(world, ...foreign, other);
    for (const pat of foreign) assert.equal(whyKept(world, pat), 'not made by Job PAT');
    assert.deepEqual(world.agent.outputs, { revokedCount: '2', keptCount: '2', failedCount: '0' });
  });

  it('ends foreign ones too where includeForeign says so', async () => {
    const service = new PatService();
    const foreign = service.add('my own');
    const world = revokeStep({ what: 'name', namePattern: '*', includeForeign: 'true' }, service);
    await revokePats(world);
    assertDead(world, foreign);
  });

  it('of one PAT leaves the one with another nonce', async () => {
    const service = new PatService();
    const [named, other] = [service.add(nameOf(1)), service.add(nameOf(1, { nonce: '0123abce' }))];
    const world = revokeStep({ what: 'name', namePattern: nameOf(1) }, service);
    await revokePats(world);
    assertDead(world, named);
    assertAlive(world, other);
  });

  it('of everything is refused before any request', async () => {
    const world = revokeStep({ what: 'name', namePattern: '*' });
    const failure = await failureOf(() => revokePats(world), 'input-not-valid');
    assert.match(failure.message, /Input namePattern: "\*" matches every name/);
    assert.deepEqual(world.service.operations, []);
  });

  it('includes foreign PATs for no administrator', async () => {
    const inputs = { as: 'administrator', adminToken: 'x', user: 'a@b.c', includeForeign: 'true' };
    const world = revokeStep({ what: 'name', namePattern: 'x*', ...inputs });
    const failure = await failureOf(() => revokePats(world), 'input-not-valid');
    assert.match(failure.message, /Input includeForeign: an administrator/);
  });
});
