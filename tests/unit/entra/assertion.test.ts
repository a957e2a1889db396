import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { credentialCommand, otherOwner, readClaims, type Claims } from '#entra/assertion';

const CLIENT = '66666666-7777-4888-8999-000000000000';
const CONNECTION = 'c0c0c0c0-1111-4222-8333-444444444444';

const claimsOf = (
  subject: string,
  issuer = 'https://vstoken.dev.azure.com/x',
  audience = 'api://A',
): Claims => ({
  issuer,
  subject,
  audience,
  notBefore: undefined,
  expires: undefined,
  lifetime: undefined,
});

const tokenOf = (payload: string): string => `e30.${Buffer.from(payload).toString('base64url')}.c2ln`;

/** The words of commands as a real `sh` reads them: `az` prints each of its own, with a line for each command. */
function wordsOf(...commands: string[]): string[][] {
  const script = `az() { for word; do printf '%s\\0' "$word"; done; printf '\\0\\0'; }\n${commands.join('\n')}\n`;
  const printed = execFileSync('sh', [], { input: script, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return printed
    .split('\0\0\0')
    .slice(0, -1)
    .map(words => words.split('\0'));
}

/** Names as Azure DevOps lets people write them, and as nobody should. */
const NAMES = [
  "O'Hara & Söhne",
  '$(rm -rf ~) `id` ${HOME} $PATH !!',
  'a"b\\c\\',
  'two\nlines\r\nand\ta tab',
  "'; az account clear; '",
  '##vso[task.setvariable variable=x]y',
  '%25 %0A %AZP25',
  'проект 日本語 😀 \u202e \u0000',
  '-n --id',
  '',
];

describe('The command that lets an issuer and a subject in', () => {
  const check = async (claims: readonly Claims[]): Promise<void> => {
    for (const kind of ['application', 'blueprint'] as const) {
      const commands = await Promise.all(claims.map(claim => credentialCommand(claim, CLIENT, kind)));
      for (const command of commands) assert.match(command, /^az [\x20-\x7e]+$/);
      const words = wordsOf(...commands);
      assert.equal(words.length, claims.length);
      for (const [index, { issuer, subject, audience }] of claims.entries()) {
        const credential = JSON.parse(words[index]?.at(-1) ?? '') as Record<string, unknown>;
        assert.deepEqual({ ...credential, name: '' }, { name: '', issuer, subject, audiences: [audience] });
        assert.match(String(credential['name']), /^job-pat-[0-9a-f]{12}$/);
      }
    }
  };

  it('survives every name, between single quotes of a real sh', async () => {
    await check(NAMES.map(name => claimsOf(`sc://contoso/${name}/${name}`)));
  });

  it('survives whatever text there is', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 20 }), triples =>
        check(triples.map(([subject, issuer, audience]) => claimsOf(subject, issuer, audience))),
      ),
      { numRuns: 15 },
    );
  });

  it('is for the application, or by Graph for a blueprint', async () => {
    const [application = [], blueprint = []] = wordsOf(
      await credentialCommand(claimsOf('s'), CLIENT, 'application'),
      await credentialCommand(claimsOf('s'), CLIENT, 'blueprint'),
    );
    assert.deepEqual(application.slice(0, -1), [
      'ad',
      'app',
      'federated-credential',
      'create',
      '--id',
      CLIENT,
      '--parameters',
    ]);
    assert.equal(
      blueprint[4],
      `https://graph.microsoft.com/beta/applications(appId='${CLIENT}')/federatedIdentityCredentials`,
    );
  });

  it('has another name for each subject, so that one more can be added beside an old one', async () => {
    const names = await Promise.all(
      ['sc://a/b/c', 'sc://a/b/C'].map(async subject =>
        /job-pat-\w+/.exec(await credentialCommand(claimsOf(subject), CLIENT, 'application'))?.at(0),
      ),
    );
    assert.equal(new Set(names).size, 2);
  });
});

describe('The claims of a token', () => {
  it('are issuer, subject, audience and times', () => {
    const payload = '{"iss":"i","sub":"s","aud":"a","nbf":1772358600,"iat":1772359200,"exp":1772359500}';
    assert.deepEqual(readClaims(tokenOf(payload)), {
      issuer: 'i',
      subject: 's',
      audience: 'a',
      notBefore: new Date('2026-03-01T09:50:00Z'),
      expires: new Date('2026-03-01T10:05:00Z'),
      lifetime: 300_000,
    });
  });

  it('may have a list of audiences, and times that are none', () => {
    const claims = readClaims(tokenOf('{"iss":"i","sub":"s","aud":["a","b"],"nbf":1e99,"exp":"soon"}'));
    assert.deepEqual(
      [claims?.audience, claims?.notBefore, claims?.expires, claims?.lifetime],
      ['a', undefined, undefined, undefined],
    );
  });

  it('are not there in anything else, whatever it is', () => {
    for (const token of [
      '',
      'x',
      'a.b.c',
      tokenOf('[]'),
      tokenOf('{"iss":"i"}'),
      tokenOf('{"iss":7,"sub":"s"}'),
    ])
      assert.equal(readClaims(token), undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.json(), (text, json) => {
        readClaims(text);
        readClaims(tokenOf(json));
      }),
    );
  });
});

describe('The owner of a token', () => {
  for (const [subject, other] of [
    ['sc://contoso/Web/PAT issuer', undefined],
    [`/eid1/c/pub/t/a/a/b/sc/0a0a0a0a-1111-4222-8333-444444444444/${CONNECTION}`, undefined],
    [`/eid1/c/pub/t/a/a/b/sc/0a0a0a0a-1111-4222-8333-444444444444/${CONNECTION.toUpperCase()}`, undefined],
    ['something that nobody knows', undefined],
    ['p://contoso/Web/Nightly', { pipeline: true }],
    [
      '/eid1/c/pub/t/a/a/b/sc/0a0a0a0a-1111-4222-8333-444444444444/dddddddd-1111-4222-8333-444444444444',
      { connectionId: 'dddddddd-1111-4222-8333-444444444444' },
    ],
  ] as const) {
    it(`is ${other === undefined ? 'not known to be another' : 'another'} where its subject is "${subject}"`, () => {
      assert.deepEqual(otherOwner(claimsOf(subject), CONNECTION), other);
    });
  }
});
