import fc from 'fast-check';
import assert from 'node:assert/strict';
import type { Build, BuildStatus } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { asGuid, asMoment, asObject, asText, parseJson, type Unparsed, type WordOf } from '#text/json';

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

  it('that should be of a type is checked for the names of its members, and stays unknown', () => {
    const build: Unparsed<Build> = { status: 'completed', more: 1 };
    const { status }: { status?: unknown } = build;
    assert.equal(status, 'completed' satisfies WordOf<typeof BuildStatus>);
    // @ts-expect-error a build has no such member
    assert.equal(build.statuz, undefined);
    // @ts-expect-error nobody has looked what it is
    const number: number = build.id;
    assert.equal(number, undefined);
    // @ts-expect-error a build is never in this state
    assert.notEqual(status, 'done' satisfies WordOf<typeof BuildStatus>);
  });

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
    ['2026-03-01T12:00:00+0200', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T05:30:00-04:30', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.3z', '2026-03-01T10:00:00.300Z'],
    ['2026-03-01T10:00Z', '2026-03-01T10:00:00.000Z'],
  ] as const) {
    it(`is read from ${text}`, () => {
      assert.equal(asMoment(text)?.toISOString(), moment);
    });
  }

  for (const zone of ['Asia/Tokyo', 'America/Los_Angeles', 'Asia/Kolkata', 'UTC']) {
    it(`without a zone is UTC, also on an agent in ${zone}`, () => {
      inZone(zone, () => {
        for (const [text, moment] of [
          ['2025-01-10T12:23:16.1818124', '2025-01-10T12:23:16.181Z'],
          ['2026-07-01T02:30:00', '2026-07-01T02:30:00.000Z'],
          ['2026-03-08T02:30:00.3', '2026-03-08T02:30:00.300Z'],
          ['2026-03-01T10:00', '2026-03-01T10:00:00.000Z'],
        ] as const)
          assert.equal(asMoment(text)?.toISOString(), moment);
      });
    });
  }

  it('without a zone is told the same everywhere, and with one keeps it', () => {
    const moments = fc.date({
      min: new Date('1990-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    const zones = fc.constantFrom('Asia/Tokyo', 'America/Los_Angeles', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(moments, zones, fc.constantFrom('', 'Z', '+00:00'), (moment, zone, end) => {
        const text = moment.toISOString().replace('Z', end);
        inZone(zone, () => {
          assert.equal(asMoment(text)?.getTime(), moment.getTime());
        });
      }),
    );
  });

  for (const none of [
    '0001-01-01T00:00:00',
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00.0000000Z',
    '0001-01-01T00:00:00+00:00',
    '0001-01-01T09:00:00+09:00',
  ]) {
    it(`written as ${none} is none`, () => {
      assert.equal(asMoment(none), undefined);
    });
  }

  for (const value of [
    '',
    'soon',
    '2026-03-01',
    '2026-03-01T10:00:00 JST',
    '2026-03-01T10:00:00Zx',
    '2026-13-01T10:00:00Z',
    '1772359200',
    1772359200,
    null,
  ]) {
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

/** What happens on an agent whose clock shows the time of a zone. */
function inZone(zone: string, what: () => void): void {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    what();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}
