import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  organizationAt,
  parseOrganization,
  sameOrganization,
  type Organization,
} from '#azure-devops/organization';

const cloud = organizationAt('https://dev.azure.com/contoso') ?? assert.fail('the cloud');
const loopback = organizationAt('http://127.0.0.1:8080/contoso') ?? assert.fail('loopback');

function places({ name, url, tokensUrl }: Organization): string[] {
  return [name, url, tokensUrl];
}

describe('The URL of an organization', () => {
  for (const [text, name] of [
    ['https://dev.azure.com/contoso', 'contoso'],
    ['https://dev.azure.com/contoso/', 'contoso'],
    ['https://DEV.Azure.com/Contoso', 'Contoso'],
    ['https://contoso.visualstudio.com', 'contoso'],
    ['https://contoso.visualstudio.com/', 'contoso'],
    ['https://Contoso-2.VisualStudio.com/DefaultCollection/', 'contoso-2'],
    ['https://dev.azure.com/a', 'a'],
    [`https://dev.azure.com/${'x'.repeat(50)}`, 'x'.repeat(50)],
  ] as const) {
    it(`${text} is one, with its tokens at vssps.dev.azure.com`, () => {
      const organization = organizationAt(text) ?? assert.fail('refused');
      assert.deepEqual(places(organization), [
        name,
        `https://dev.azure.com/${name}`,
        `https://vssps.dev.azure.com/${name}`,
      ]);
    });
  }

  for (const text of [
    'http://127.0.0.1:8080/contoso',
    'http://localhost:8080/contoso/',
    'http://[::1]:9/contoso',
    'https://localhost/contoso',
    'http://127.0.0.1:8080/tfs/contoso',
  ]) {
    it(`${text} on loopback is one, with everything at the same base`, () => {
      const organization = organizationAt(text) ?? assert.fail('refused');
      assert.equal(organization.name, 'contoso');
      assert.equal(organization.tokensUrl, organization.url);
      assert.ok(!organization.url.endsWith('/'));
    });
  }

  for (const text of hostileUrls()) {
    it(`${JSON.stringify(text)} is none`, () => {
      assert.equal(organizationAt(text), undefined);
      assert.equal(parseOrganization(text, cloud), undefined);
      assert.equal(parseOrganization(text, loopback), undefined);
    });
  }

  it('is on a pinned host or on loopback, whatever is written', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'https://',
        'http://',
        'dev.azure.com',
        '.visualstudio.com',
        'contoso',
        'evil.example',
        '@',
        ':',
        '/',
        '\\',
        '?',
        '#',
        '%2f',
        '..',
        '.',
        '127.0.0.1',
        'localhost',
        '[::1]',
        '8080',
        '。',
        '\t',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), parts => {
        const organization = organizationAt(parts.join(''));
        if (organization === undefined) return;
        for (const place of [organization.url, organization.tokensUrl]) {
          assert.match(
            place,
            /^(https:\/\/(vssps\.)?dev\.azure\.com|https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/[^/?#@\\]+)*)\/[A-Za-z0-9-]+$/,
          );
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('An organization by its bare name', () => {
  it('lives in the cloud where the home does', () => {
    assert.deepEqual(parseOrganization('fabrikam', cloud)?.url, 'https://dev.azure.com/fabrikam');
  });

  it('lives beside the home on loopback', () => {
    assert.equal(parseOrganization('fabrikam', loopback)?.url, 'http://127.0.0.1:8080/fabrikam');
  });

  for (const text of [
    'evil.example/x',
    '-contoso',
    'contoso-',
    'con toso',
    'contoso/project',
    'con_toso',
    '',
    '.',
    '..',
    'x'.repeat(51),
    'contösö',
    'a@b',
    '##vso[x]',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(parseOrganization(text, cloud), undefined);
    });
  }
});

describe('Two spellings', () => {
  it('of the same organization differ in case only', () => {
    const other = organizationAt('https://CONTOSO.visualstudio.com') ?? assert.fail('refused');
    assert.ok(sameOrganization(cloud, other));
    assert.ok(
      sameOrganization(cloud, organizationAt('https://dev.azure.com/CONTOSO') ?? assert.fail('refused')),
    );
  });

  it('in the cloud and on loopback are two organizations', () => {
    assert.ok(!sameOrganization(cloud, loopback));
  });
});

function hostileUrls(): string[] {
  return [
    '',
    'contoso.example',
    'dev.azure.com/contoso',
    '//dev.azure.com/contoso',
    'http://dev.azure.com/contoso',
    'ftp://dev.azure.com/contoso',
    'file:///dev.azure.com/contoso',
    'javascript:alert(1)',
    'https://dev.azure.com',
    'https://dev.azure.com/',
    'https://dev.azure.com/contoso/project',
    'https://dev.azure.com/contoso?x=1',
    'https://dev.azure.com/contoso#x',
    'https://dev.azure.com/contoso/..',
    'https://dev.azure.com/evil/../contoso',
    'https://dev.azure.com/./contoso',
    'https://dev.azure.com//contoso',
    'https://dev.azure.com/contoso//',
    'https://dev.azure.com/%63ontoso',
    'https://dev.azure.com/contoso%2f..%2fevil',
    'https://dev.azure.com\\contoso',
    'https:\\\\dev.azure.com\\contoso',
    'https:/dev.azure.com/contoso',
    'https:dev.azure.com/contoso',
    'https:///dev.azure.com/contoso',
    'https://dev.azure.com:443/contoso',
    'https://dev.azure.com:8443/contoso',
    'https://dev.azure.com:/contoso',
    'https://dev.azure.com./contoso',
    'https://dev.azure.com.evil.example/contoso',
    'https://evil.example/dev.azure.com/contoso',
    'https://dev.azure.com@evil.example/contoso',
    'https://user@dev.azure.com/contoso',
    'https://user:secret@dev.azure.com/contoso',
    'https://@dev.azure.com/contoso',
    'https://evil.example#@dev.azure.com/contoso',
    'https://evil.example\\@dev.azure.com/contoso',
    'https://dev.azure.com.\u200bevil/contoso',
    'https://dev\u3002azure\u3002com/contoso',
    'https://dev．azure．com/contoso',
    'https://ｄev.azure.com/contoso',
    'https://dеv.azure.com/contoso',
    'https://dev.azure.com/contоso',
    'https://xn--dv-6kc.azure.com/contoso',
    'https://dev-azure.com/contoso',
    'https://evildev.azure.com/contoso',
    'https://x.dev.azure.com/contoso',
    'https://vssps.dev.azure.com/contoso',
    'https://visualstudio.com/contoso',
    'https://.visualstudio.com',
    'https://contoso.visualstudio.com.evil.example',
    'https://contoso.visualstudio.com:8443',
    'https://contoso.visualstudio.com/project',
    'https://contoso.evil.visualstudio.com',
    'https://evilvisualstudio.com',
    'https://contoso.visualstudio.com@evil.example',
    ' https://dev.azure.com/contoso',
    'https://dev.azure.com/contoso\n',
    'https://dev.azure\t.com/contoso',
    'http://127.1/contoso',
    'http://127.1:8080/contoso',
    'http://2130706433/contoso',
    'http://0x7f.1/contoso',
    'http://0x7f000001/contoso',
    'http://0177.0.0.1/contoso',
    'http://127.0.0.2/contoso',
    'http://0.0.0.0/contoso',
    'http://[::]/contoso',
    'http://[::ffff:127.0.0.1]/contoso',
    'http://[0:0:0:0:0:0:0:1]/contoso',
    'http://localhost./contoso',
    'http://localhost.evil.example/contoso',
    'http://127.0.0.1.evil.example/contoso',
    'http://127.0.0.1.nip.io/contoso',
    'http://127.0.0.1@evil.example/contoso',
    'http://user@127.0.0.1/contoso',
    'http://localhost:99999/contoso',
    'http://localhost/',
    'http://localhost/../contoso',
    'http://169.254.169.254/contoso',
    'https://10.0.0.1/contoso',
    'https://tfs.contoso.example/DefaultCollection',
  ];
}
