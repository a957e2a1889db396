import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeCommandData, parseLoggingCommand, unescapeCommandText } from '#local-agent/logging-command';
import { LineSplitter, OutputQueue, seededRandom } from '#local-agent/output-lines';

describe('a logging command is found in a line', () => {
  const properties = (line: string) => Object.fromEntries(parseLoggingCommand(line)?.properties ?? []);

  it('anywhere, up to the first closing bracket', () => {
    const command = parseLoggingCommand('text ##vso[Task.SetVariable variable=x]a]b ##vso[task.debug]c');
    assert.equal(command?.area, 'task');
    assert.equal(command.event, 'setvariable');
    assert.equal(command.data, 'a]b ##vso[task.debug]c');
  });

  it('with a trailing semicolon, unknown order, later duplicates and escapes', () => {
    assert.deepEqual(properties('##vso[a.b X=1;y=p=q;x=2;]'), { x: '2', y: 'p=q' });
    assert.deepEqual(properties('##vso[a.b x=%3B%5D%0D%0A%AZP253B]'), { x: ';]\r\n%3B' });
  });

  it('whose keys are not trimmed and whose empty sides are dropped', () => {
    assert.deepEqual(properties('##vso[a.b x=1; y=2;z=;=3]'), { x: '1', ' y': '2' });
  });

  it('only with an area and an event', () => {
    for (const line of [
      '##vso[task]x',
      '##vso[a.b.c]x',
      '##vso[a.b',
      '##VSO[a.b]x',
      '##vso a.b]',
      '##vso[ a.b]',
    ])
      assert.equal(parseLoggingCommand(line), undefined, line);
    assert.equal(parseLoggingCommand('##vso[.a..b.]x')?.event, 'b');
  });

  it('whatever the line holds, without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        parseLoggingCommand(`##vso[${text}`);
      }),
    );
  });

  it('and gives back what was escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', 'A', 'Z', 'P', '2', '5', '\r', '\n', ']', '0', 'D') }),
        text => {
          assert.equal(unescapeCommandText(escapeCommandData(text)), text);
        },
      ),
    );
  });
});

describe('the output of a process', () => {
  const split = (chunks: readonly Buffer[]) => {
    const splitter = new LineSplitter();
    return [...chunks.flatMap(chunk => splitter.push(chunk)), ...splitter.end()];
  };

  it('is cut at LF, CR and CRLF; a last line needs no end', () => {
    assert.deepEqual(split([Buffer.from('a\nb\rc\r\nd\r\re')]), ['a', 'b', 'c', 'd', '', 'e']);
  });

  it('gives the same lines however it is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '\r', '\n') });
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (content, cuts) => {
        const bytes = Buffer.from(content);
        const places = [
          0,
          ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        assert.deepEqual(split(chunks), split([bytes]));
      }),
    );
  });

  it('is handled stderr first, or mixed by chance in the order of each stream', () => {
    const deliver = (random?: () => number) => {
      const lines: string[] = [];
      const queue = new OutputQueue(line => lines.push(line), random);
      queue.add('stdout', ['o1', 'o2', 'o3']);
      queue.add('stderr', ['e1', 'e2', 'e3']);
      queue.drain();
      return lines;
    };
    assert.deepEqual(deliver(), ['e1', 'e2', 'e3', 'o1', 'o2', 'o3']);
    const mixed = new Set(Array.from({ length: 20 }, (_, seed) => deliver(seededRandom(seed)).join(' ')));
    assert.ok(mixed.size > 5);
    for (const order of mixed) assert.match(order, /(?=.*o1.*o2.*o3)(?=.*e1.*e2.*e3)/);
  });
});
