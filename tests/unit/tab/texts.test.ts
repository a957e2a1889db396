import fc from 'fast-check';
import assert from 'node:assert/strict';
import { organizationUrl } from '../../../tab/organization-url.js';
import { counted, spokenDuration, visible } from '../../../tab/texts.js';

describe('A text from outside in the tab', () => {
  it('is one line without characters that steer or turn, and no longer than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, longest) => {
        const shown = visible(text, longest);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.ok(Array.from(shown).length <= longest + 1);
      }),
    );
    assert.equal(visible('abc\u202egnp.exe\r\nnext\u0000'), 'abc gnp.exe next');
  });

  it('is shown as it is when there is nothing wrong with it', () => {
    assert.equal(visible('<img onerror=alert(1)> é 日本 😀'), '<img onerror=alert(1)> é 日本 😀');
  });

  it('of 10 KB ends with an ellipsis, never in the middle of a character', () => {
    assert.equal(visible('😀'.repeat(5000), 10), `${'😀'.repeat(10)}…`);
  });
});

describe('A duration', () => {
  for (const [milliseconds, text] of [
    [0, '0 s'],
    [400, '0 s'],
    [59_600, '1 min'],
    [3_600_000, '1 h'],
    [3_661_000, '1 h 1 min'],
    [90_061_000, '1 d 1 h'],
    [86_460_000, '1 d'],
    [-5_000, '5 s'],
  ] as const) {
    it(`of ${milliseconds} ms is ${text}`, () => {
      assert.equal(spokenDuration(milliseconds), text);
    });
  }

  it('is told with its count', () => {
    assert.deepEqual([counted(1, 'PAT'), counted(10_000, 'PAT')], ['1 PAT', '10,000 PATs']);
  });
});

describe('The address that may get the token of the tab', () => {
  for (const [given, address] of [
    ['https://dev.azure.com/contoso/', 'https://dev.azure.com/contoso'],
    ['https://contoso.visualstudio.com/', 'https://contoso.visualstudio.com'],
    ['http://127.0.0.1:8080/contoso', 'http://127.0.0.1:8080/contoso'],
    ['http://localhost:8080/contoso/?x#y', 'http://localhost:8080/contoso'],
  ] as const) {
    it(`may be ${given}`, () => {
      assert.equal(organizationUrl(given), address);
    });
  }

  for (const given of [
    'http://dev.azure.com/contoso',
    'https://dev.azure.com.evil.example/contoso',
    'https://dev.azure.com:8443/contoso',
    'https://visualstudio.com.evil.example',
    'https://a.b.visualstudio.com/',
    'https://user:word@dev.azure.com/contoso',
    'https://127.0.0.1/contoso',
    'http://10.0.0.1/contoso',
    'javascript:alert(1)',
    '/contoso',
    '',
  ]) {
    it(`must not be "${given}"`, () => {
      assert.throws(() => organizationUrl(given), /not one of Azure DevOps/);
    });
  }
});
