import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kept, parseWireTime, wireTime } from '#emulator/pats/instant';
import { newPatValue } from '#emulator/pats/value';

describe('times on the wire', () => {
  it('look as in the published examples', () => {
    assert.equal(wireTime(new Date('2020-12-01T23:46:23.319Z')), '2020-12-01T23:46:23.32Z');
    assert.equal(wireTime(new Date('2020-11-02T22:56:52.103Z')), '2020-11-02T22:56:52.1033333Z');
    assert.equal(wireTime(new Date('2020-10-24T03:04:19.147Z')), '2020-10-24T03:04:19.1466667Z');
    assert.equal(wireTime(new Date('2020-10-24T03:04:19.999Z')), '2020-10-24T03:04:20Z');
  });

  it('are read back as the time that is kept, never more than two milliseconds off', () => {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(times, time => {
        const read = parseWireTime(wireTime(time));
        assert.ok(read && Math.abs(read.getTime() - kept(time).getTime()) <= 1);
        assert.ok(Math.abs(read.getTime() - time.getTime()) <= 2);
        assert.equal(wireTime(kept(time)), wireTime(time));
      }),
    );
  });

  it('need a date, a time and an offset', () => {
    const wrong = [
      '',
      '2026-03-01',
      '2026-03-01T10:00:00',
      '2026-13-01T10:00:00Z',
      '1 March 2026',
      '2026-03-01T25:00:00Z',
    ];
    for (const text of wrong) assert.equal(parseWireTime(text), undefined, text);
    assert.equal(parseWireTime('2026-03-01T10:00:00+02:00')?.toISOString(), '2026-03-01T08:00:00.000Z');
  });
});

describe('a PAT value', () => {
  it('has 84 letters and digits with the signature before the last four', () => {
    const values = Array.from({ length: 500 }, newPatValue);
    for (const value of values) assert.match(value, /^[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}$/);
    assert.equal(new Set(values).size, values.length);
  });
});
