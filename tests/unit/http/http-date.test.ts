import assert from 'node:assert/strict';
import { httpDate, retryAfter } from '#http/http';

const NOON = '2026-03-01T12:00:00.000Z';

describe('The date of an answer', () => {
  for (const text of [
    'Sun, 01 Mar 2026 12:00:00 GMT',
    'Sunday, 01-Mar-26 12:00:00 GMT',
    'Sun Mar  1 12:00:00 2026',
    'Sun, 01 Mar 2026 12:00:00',
  ]) {
    for (const zone of ['Asia/Tokyo', 'America/Los_Angeles']) {
      it(`is UTC in "${text}", also on an agent in ${zone}`, () => {
        const before = process.env['TZ'];
        process.env['TZ'] = zone;
        try {
          assert.equal(httpDate(text)?.toISOString(), NOON);
          const answer = { status: 429, headers: { 'retry-after': text }, body: '' };
          assert.equal(retryAfter(answer, new Date('2026-03-01T11:59:50Z')), 10_000);
        } finally {
          if (before === undefined) delete process.env['TZ'];
          else process.env['TZ'] = before;
        }
      });
    }
  }

  for (const text of [undefined, '', '0', '-1', 'soon', '2026', 'Sun, 99 Mar 2026 12:00:00 GMT']) {
    it(`is not told by ${JSON.stringify(text)}`, () => {
      assert.equal(httpDate(text), undefined);
    });
  }
});
