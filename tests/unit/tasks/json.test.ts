import fc from 'fast-check';
import assert from 'node:assert/strict';
import { asGuid, asMoment, asObject, asText, parseJson } from '../../../tasks/common/text/json.js';

describe('JSON from outside', () => {
  it('is read with a byte order mark and without', () => {
    assert.deepEqual(parseJson('{"a":1}'), { a: 1 });
    assert.deepEqual(parseJson('\uFEFF{"a":1}'), { a: 1 });
  });

  for (const text of ['', '{', '<html>', '{"a":1}x', '\uFEFF\uFEFF{}']) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(parseJson(text), undefined);
    });
  }

  it('is an object only when it is one', () => {
    assert.deepEqual(asObject({ a: 1 }), { a: 1 });
    for (const value of [null, [], 'x', 1, true, undefined]) assert.equal(asObject(value), undefined);
  });

  it('is a text only when it is one', () => {
    assert.equal(asText('x'), 'x');
    for (const value of [null, [], {}, 1, undefined]) assert.equal(asText(value), undefined);
  });
});

describe('A GUID', () => {
  it('is read in lower case', () => {
    assert.equal(asGuid('499B84AC-1321-427F-AA17-267CA6975798'), '499b84ac-1321-427f-aa17-267ca6975798');
  });

  for (const value of [
    '',
    '499b84ac',
    '{499b84ac-1321-427f-aa17-267ca6975798}',
    '499b84ac-1321-427f-aa17-267ca6975798\n',
    7,
    null,
  ]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.equal(asGuid(value), undefined);
    });
  }
});

describe('A moment', () => {
  for (const [text, moment] of [
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.32Z', '2026-03-01T10:00:00.320Z'],
    ['2026-03-01T10:00:00.3433333Z', '2026-03-01T10:00:00.343Z'],
    ['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T12:00:00.1234567+02:00', '2026-03-01T10:00:00.123Z'],
  ] as const) {
    it(`is read from ${text}`, () => {
      assert.equal(asMoment(text)?.toISOString(), moment);
    });
  }

  for (const value of ['', 'soon', '2026-03-01', '2026-13-01T10:00:00Z', '1772359200', 1772359200, null]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.equal(asMoment(value), undefined);
    });
  }

  it('that is written can be read again', () => {
    const years = {
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(years), moment => {
        assert.equal(asMoment(moment.toISOString())?.getTime(), moment.getTime());
      }),
    );
  });
});
