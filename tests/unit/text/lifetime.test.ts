import fc from 'fast-check';
import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, parseLifetime, formatLifetime, formatMoment } from '#text/lifetime';

describe('A lifetime', () => {
  const written: Record<string, number> = {
    '90m': 90 * MINUTE,
    '2h': 2 * HOUR,
    '1d': DAY,
    '1h30m': 90 * MINUTE,
    '1d2h3m': DAY + 2 * HOUR + 3 * MINUTE,
    '1D2H': DAY + 2 * HOUR,
    PT2H: 2 * HOUR,
    PT90M: 90 * MINUTE,
    PT1H30M: 90 * MINUTE,
    P1D: DAY,
    P1DT12H: DAY + 12 * HOUR,
    pt5m: 5 * MINUTE,
    '0090m': 90 * MINUTE,
  };
  for (const [text, milliseconds] of Object.entries(written)) {
    it(`is read from ${text}`, () => {
      assert.equal(parseLifetime(text), milliseconds);
    });
  }

  for (const text of [
    '',
    ' ',
    'h',
    'm',
    'd',
    '1',
    '60',
    '-1h',
    '+1h',
    '1.5h',
    '1,5h',
    '1e3m',
    '0x10m',
    '1 fortnight',
    '1w',
    '1y',
    '30s',
    '1m1h',
    '1h1h',
    '1h 30m',
    'one hour',
    'P',
    'PT',
    'P1',
    'P1DT',
    'P1H',
    'PT1D',
    'P-1D',
    '$(validFor)',
    'Infinity',
    'NaN',
    '1h\n',
    '１h',
    '1h;2h',
    `${'9'.repeat(400)}d`,
  ]) {
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(parseLifetime(text), undefined);
    });
  }

  it('of nothing is read as nothing, for the caller to refuse', () => {
    assert.equal(parseLifetime('0m'), 0);
    assert.equal(parseLifetime('0h'), 0);
  });

  it('of 9999 days is read, for the caller to refuse', () => {
    assert.equal(parseLifetime('9999d'), 9999 * DAY);
  });

  it('that is spoken can be read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), minutes => {
        const spoken = formatLifetime(minutes * MINUTE);
        assert.equal(parseLifetime(spoken.replaceAll(' ', '')), minutes * MINUTE, spoken);
      }),
    );
  });

  it('is spoken the way a person writes it', () => {
    assert.equal(formatLifetime(90 * MINUTE), '1h 30m');
    assert.equal(formatLifetime(DAY + 2 * HOUR), '1d 2h');
    assert.equal(formatLifetime(59 * MINUTE + 59_900), '1h');
    assert.equal(formatLifetime(30_000), '30s');
    assert.equal(formatLifetime(0), '0s');
    assert.equal(formatLifetime(-5), '0s');
  });

  it('is never spoken as nothing at all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY }), milliseconds => {
        assert.match(formatLifetime(milliseconds), /^\d+[dhms]( \d+[hm]){0,2}$/);
      }),
    );
  });

  it('is bounded and never throws, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), text => {
        const lifetime = parseLifetime(text);
        assert.ok(lifetime === undefined || Number.isSafeInteger(lifetime));
      }),
    );
  });
});

describe('A moment', () => {
  it('is spoken to the minute, in UTC', () => {
    assert.equal(formatMoment(new Date('2026-11-23T18:05:59.999Z')), '2026-11-23 18:05 UTC');
  });
});
