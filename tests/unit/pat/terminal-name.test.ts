import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LONGEST_NAME, labelFault } from '#pat/pat-name';
import { madeByJobPat, readJobPatName } from '#pat/run-name';
import { rotatedNameOf } from '#pat/generations';
import { readTerminalPatName, terminalPatName } from '#pat/terminal-name';

describe('the name of a PAT that a person issued', () => {
  const nonce = '1a2b3c4d';
  const label = fc
    .stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,200}$/)
    .filter(text => labelFault(text.slice(0, LONGEST_NAME)) === undefined);
  const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

  it('tells host and second, is ours, and is neither of a run nor a generation', () => {
    fc.assert(
      fc.property(label, fc.string({ maxLength: 300 }), time, (text, host, when) => {
        const name = terminalPatName(text, { host, time: when }, nonce);
        assert.ok(name.length <= LONGEST_NAME, name);
        assert.match(name, /^[A-Za-z0-9 ._:/-]+$/);
        const read = readTerminalPatName(name);
        assert.equal(read?.time.getTime(), Math.floor(when.getTime() / 1_000) * 1_000);
        assert.ok(madeByJobPat(name));
        assert.deepEqual([readJobPatName(name), rotatedNameOf(name)], [undefined, undefined]);
      }),
    );
  });

  it('names the machine', () => {
    const name = terminalPatName(
      'gitClone',
      { host: "Ann's laptop", time: new Date('2026-03-01T10:00:00.7Z') },
      nonce,
    );
    assert.equal(name, 'gitClone job-pat:terminal/Ann-s-laptop/2026-03-01T10:00:00Z/1a2b3c4d');
  });

  it('cuts machine and label, and never the rest', () => {
    const at = { host: 'h'.repeat(60), time: new Date('2026-03-01T10:00:00Z') };
    const suffix = ` job-pat:terminal/${'h'.repeat(40)}/2026-03-01T10:00:00Z/1a2b3c4d`;
    assert.equal(terminalPatName('x', at, nonce), `x${suffix}`);
    const longest = 'x'.repeat(LONGEST_NAME - suffix.length) + suffix;
    assert.equal(terminalPatName('x'.repeat(300), at, nonce), longest);
    assert.equal(
      terminalPatName(`${'x'.repeat(20)}${' '.repeat(200)}y`, at, nonce),
      `${'x'.repeat(20)}${suffix}`,
    );
    assert.equal(terminalPatName('x', { ...at, host: '' }, nonce).includes('/unknown/'), true);
    assert.deepEqual(readTerminalPatName(longest), { host: 'h'.repeat(40), time: at.time });
    assert.equal(readTerminalPatName(`x${longest}`), undefined, 'it is longer than any of ours');
  });

  it('is not read out of a name that only looks like one', () => {
    const good = 'x job-pat:terminal/host/2026-03-01T10:00:00Z/1a2b3c4d';
    assert.ok(readTerminalPatName(good));
    for (const bad of [
      good.slice(1),
      `${good}0`,
      good.replace('Z', ''),
      good.replace('03-01', '13-41'),
      good.replace('host', 'a/b'),
      `job-pat:x ${good}`,
      good.toUpperCase(),
    ])
      assert.equal(readTerminalPatName(bad), undefined, bad);
  });
});
