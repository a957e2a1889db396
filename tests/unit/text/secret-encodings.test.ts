import fc from 'fast-check';
import assert from 'node:assert/strict';
import { basicCredential, secretEncodings } from '#text/secret-encodings';
import { patValue } from '../tasks/pat-service.js';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const shows = (forms: readonly string[], text: string): boolean => forms.some(form => text.includes(form));

describe('The forms of a secret', () => {
  const pat = patValue(1);

  it('are itself, base64 of it and of :PAT, and the URL form', () => {
    const secret = 'p+t/with=marks&more';
    for (const form of [secret, base64(secret), base64(`:${secret}`), encodeURIComponent(secret)]) {
      assert.ok(secretEncodings(secret).includes(form), form);
    }
  });

  it('cover base64 of PAT and :PAT without padding, and in the alphabet for URLs', () => {
    for (const secret of [pat, `${pat}?`, `${pat}~~`]) {
      const forms = secretEncodings(secret);
      for (const text of [secret, `:${secret}`]) {
        assert.ok(forms.includes(base64(text)));
        assert.ok(forms.includes(base64(text).replace(/=+$/, '')));
        assert.ok(forms.includes(base64url(text)));
      }
    }
  });

  it('show up in base64 of any user name and the PAT', () => {
    const forms = secretEncodings(pat);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), user => {
        assert.ok(shows(forms, base64(`${user}:${pat}`)));
        assert.ok(shows(forms, base64url(`${user}:${pat}`)));
      }),
    );
  });

  it('show up in base64 of any text around any PAT', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9]{52,84}$/);
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        value,
        fc.string({ maxLength: 20 }),
        (before, secret, after) => {
          assert.ok(shows(secretEncodings(secret), base64(`${before}${secret}${after}`)));
        },
      ),
    );
  });

  it('are long enough not to blacken innocent words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), secret => {
        assert.ok(secretEncodings(secret).every(form => form.length >= 6));
      }),
    );
    assert.deepEqual(secretEncodings(''), []);
    assert.deepEqual(
      secretEncodings('abc').filter(form => form === 'abc'),
      [],
    );
  });

  it('hold the whole secret or a part too long to be an accident', () => {
    assert.ok(secretEncodings(pat).every(form => form.length >= 16));
  });

  /** What is left of a log after the forms have been masked in it. */
  const masked = (forms: readonly string[], text: string): string =>
    forms.reduce((shown, form) => shown.replaceAll(form, '***'), text);
  const wrapped = (text: string, columns: number): string[] =>
    text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
  /** The longest stretch of base64 that is left. */
  const longestLeft = (lines: readonly string[]): number =>
    Math.max(0, ...lines.flatMap(line => line.split('***').map(part => part.length)));

  for (const columns of [64, 76]) {
    for (const before of ['', ':']) {
      for (const after of ['', '\n']) {
        it(`cover base64 of "${before}PAT" in lines of ${columns}${after === '' ? '' : ', with a line break behind'}`, () => {
          for (const encoding of ['utf8', 'utf16le'] as const) {
            const text = Buffer.from(before + pat + after, encoding).toString('base64');
            const lines = wrapped(text, columns).map(line => masked(secretEncodings(pat), line));
            assert.ok(longestLeft(lines) < 16, lines.join('\n'));
          }
        });
      }
    }

    it(`leave at most a few letters of base64 of any user name and the PAT in lines of ${columns}`, () => {
      const forms = secretEncodings(pat);
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 90 }), user => {
          const start = Math.ceil(((user.length + 1) * 4) / 3);
          const text = base64(`${user}:${pat}`);
          const lines = wrapped(text, columns).map((line, at) =>
            // The user name is no secret.
            masked(forms, line.slice(Math.max(0, start - at * columns))),
          );
          assert.ok(longestLeft(lines) < 32, lines.join('\n'));
        }),
        { numRuns: 300 },
      );
    });
  }

  it('cover UTF-16 in base64, as in a command that PowerShell gets encoded', () => {
    const forms = secretEncodings(pat);
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (before, after) => {
        const command = Buffer.from(`${before}${pat}${after}`, 'utf16le');
        assert.ok(shows(forms, command.toString('base64')));
        assert.ok(shows(forms, command.toString('base64url')));
      }),
    );
  });

  it('cover the spelling of a form, in both cases', () => {
    const secret = "aB8Q~x'y(z)*!/+ =&-._";
    const form = new URLSearchParams({ client_secret: secret }).toString().slice('client_secret='.length);
    for (const text of [form, form.replace(/%../g, escape => escape.toLowerCase())])
      assert.ok(secretEncodings(secret).includes(text), text);
    assert.ok(secretEncodings('abc8Q~defghi').includes('abc8Q%7Edefghi'));
    assert.ok(secretEncodings('abc8Q~defghi').includes('abc8Q%7edefghi'));
  });

  it('are few: the agent looks for each of them in every line', () => {
    assert.ok(secretEncodings(pat).length <= 110, String(secretEncodings(pat).length));
    assert.ok(secretEncodings('a'.repeat(50) + 'bC3'.repeat(600)).length <= 16);
  });

  it('are each named once', () => {
    const forms = secretEncodings(pat);
    assert.equal(new Set(forms).size, forms.length);
  });

  it('never fail, whatever the secret: masking is the first thing done with it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)) }),
        secret => {
          assert.doesNotThrow(() => secretEncodings(secret));
        },
      ),
    );
    assert.doesNotThrow(() => secretEncodings('a lone surrogate \ud800'));
  });
});

describe('A Basic credential', () => {
  it('is base64 of :PAT on one line, though it is longer than 76 characters', () => {
    const credential = basicCredential(patValue(1));
    assert.equal(Buffer.from(credential, 'base64').toString(), `:${patValue(1)}`);
    assert.doesNotMatch(credential, /\s/);
    assert.ok(credential.length > 76);
  });
});
