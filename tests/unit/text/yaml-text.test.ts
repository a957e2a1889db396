import fc from 'fast-check';
import assert from 'node:assert/strict';
import { isMap, isSeq, stringify } from 'yaml';
import { membersOf, readYaml, textOf, wholeNumberOf } from '#text/yaml-text';

function membersIn(text: string): [string | undefined, string | undefined][] {
  const file = readYaml(text);
  assert.deepEqual(file.faults, []);
  if (!isMap(file.root)) return assert.fail('no map');
  return membersOf(file.root).map(({ key, value }) => [textOf(key), textOf(value)]);
}

function faultsIn(text: string): [number, string][] {
  return readYaml(text).faults.map(({ line, text }) => [line, text]);
}

/** That of the largest files that are read. */
const LARGEST = 1024 * 1024;
const filledWith = (text: string): string => text.repeat(Math.ceil(LARGEST / text.length)).slice(0, LARGEST);

describe('YAML of a person', () => {
  it('holds texts as they are written, whatever they look like', () => {
    assert.deepEqual(membersIn('a: 0042\nb: 1.10\nc: off\nd: "null"\ne: 2026-12-31\nf: 0x1F\n1: yes'), [
      ['a', '0042'],
      ['b', '1.10'],
      ['c', 'off'],
      ['d', 'null'],
      ['e', '2026-12-31'],
      ['f', '0x1F'],
      ['1', 'yes'],
    ]);
  });

  it('says nothing where a value is left empty', () => {
    assert.deepEqual(membersIn('a:\nb: ~\nc: null\nd: ""'), [
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
      ['d', ''],
    ]);
    const file = readYaml('# nothing\n');
    assert.deepEqual([file.root, file.faults], [undefined, []]);
  });

  it('knows a whole number where it is written without quotes', () => {
    const file = readYaml('[7, "7", 07, 7.0, -7, seven]');
    assert.ok(isSeq(file.root));
    assert.deepEqual(file.root.items.map(wholeNumberOf), [7, ...Array<undefined>(5).fill(undefined)]);
  });

  it('gives back every text that somebody wrote', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: 'grapheme' })), map => {
        assert.deepEqual(Object.fromEntries(membersIn(stringify({ ...map, z9: 'z' }))), { ...map, z9: 'z' });
      }),
    );
  });

  it('refuses anchors, aliases, merge keys and tags, each with its line', () => {
    const text = 'a: &x 2\nb: |\n  *no &no !no <<\n"*": "&!"\nc: *x\n<<: 3\nd: !!binary eA==\n';
    assert.deepEqual(
      faultsIn(text).map(([line, said]) => [line, said.split(' ')[0]]),
      [
        [1, 'anchors'],
        [5, 'anchors'],
        [6, 'merge'],
        [7, 'tags'],
      ],
    );
  });

  it('is one document, and no less than YAML', () => {
    assert.match(String(faultsIn('a: 1\n---\nb: 2')[0]), /^2,a second document/);
    assert.match(String(faultsIn('a: {')[0]), /^1,this is not YAML/);
  });

  it('has each member once, however it is written, and is read all the same', () => {
    const text = 'a: 1\nb: { c: 1, "c": 2, d: 3 }\n"a": 2\nA: 3\n';
    assert.deepEqual(faultsIn(text), [
      [2, '"c" is there twice'],
      [3, '"a" is there twice'],
    ]);
    assert.ok(isMap(readYaml(text).root));
  });

  it('holds no text that is longer than a person writes', () => {
    for (const long of ['x'.repeat(16_385), `"${'x'.repeat(16_384)}"`, `'${'x'.repeat(16_384)}'`])
      assert.deepEqual(faultsIn(`b: 1\na: ${long}`), [[2, 'a text is longer than 16384 characters']]);
    assert.deepEqual(faultsIn(`# ${'x'.repeat(100_000)}\na: ${'x'.repeat(16_384)}`), []);
  });

  for (const [what, text] of Object.entries({
    'deep lists': filledWith('['),
    'deep maps': filledWith('{a: '),
    'deep lists on one line': filledWith('- '),
    'deep keys': filledWith('? '),
    'deep blocks': Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    tags: filledWith('!a '),
    anchors: filledWith('&a '),
    aliases: `a: [${filledWith('*a, ')}`,
    keys: Array.from({ length: 30_000 }, (_, number) => `a${number}: `).join('\n'),
    items: filledWith('- a\n'),
    quotes: filledWith('"'),
    'one text without an end': `a: "${filledWith('\\x')}`,
    'one text of many lines': `a: |\n${filledWith('  a\n')}`,
    'keys on one line': `{${filledWith('a: 1, b: 1, ')}`,
    'explicit keys': filledWith('? a\n: b\n'),
    commas: `[${filledWith(',')}`,
    'closing brackets': filledWith(']'),
    documents: filledWith('---\n'),
    directives: filledWith('%a\n'),
  }))
    it(`ends in a clear message after ${what} that fill the file`, function () {
      this.timeout(10_000);
      const began = process.cpuUsage();
      const [first = [0, 'no fault'] as const, ...more] = faultsIn(text);
      const { user } = process.cpuUsage(began);
      assert.ok(
        first[0] > 0 && /not read|nested|more than|too many|not YAML|second|longer/.test(first[1]),
        first[1],
      );
      assert.ok(more.length <= 20);
      assert.ok(user < 5_000_000, `${user / 1000} ms`);
    });
});
