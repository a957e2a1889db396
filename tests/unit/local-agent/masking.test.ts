import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SecretMasker } from '#local-agent/masker';
import { run } from './fixture-package.js';

const masking = (...values: readonly string[]) => {
  const masker = new SecretMasker();
  for (const value of values) masker.add(value);
  return (line: string) => masker.mask(line);
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the masker', () => {
  it('hides whole values, in any place of a line', () => {
    assert.equal(masking('s3cret')('a s3cret, s3cret!'), 'a ***, ***!');
    assert.equal(masking('s3cret')('S3CRET s3cre'), 'S3CRET s3cre');
  });

  it('makes one mask of overlapping and adjacent values', () => {
    assert.equal(masking('abcd', 'cdef')('-abcdef-'), '-***-');
    assert.equal(masking('abc', 'def')('-abcdef-'), '-***-');
    assert.equal(masking('aa')('aaa aa'), '*** ***');
  });

  it('knows the JSON, URL and backslash forms of a value', () => {
    const mask = masking('a"b/c\\\\d');
    for (const form of [
      JSON.stringify('a"b/c\\\\d').slice(1, -1),
      encodeURIComponent('a"b/c\\\\d'),
      'a"b/c\\d',
    ])
      assert.equal(mask(`<${form}>`), '<***>');
    assert.equal(masking("it's (x)!")('it%27s%20%28x%29%21'), '***');
  });

  it('knows base64 only of variables that were secret from the start', () => {
    assert.equal(masking('s3cret')(base64('s3cret')), base64('s3cret'));
    const masker = new SecretMasker();
    masker.addInitialVariable('s3cret');
    assert.equal(masker.mask(base64('s3cret')), '***');
  });

  it('knows such variables without their quotes and the space around them', () => {
    const masker = new SecretMasker();
    masker.addInitialVariable('"s3cret"');
    masker.addInitialVariable(' spaced ');
    assert.equal(masker.mask('s3cret spaced.'), '*** ***.');
    assert.equal(masker.mask(base64('s3cret')), base64('s3cret'));
  });

  it('finds a value of several lines in a text of several lines, which output never is', () => {
    assert.equal(masking('one\ntwo')('one\ntwo'), '***');
    assert.deepEqual(['one', 'two'].map(masking('one\ntwo')), ['one', 'two']);
  });

  it('hides the password in a URL', () => {
    assert.equal(
      masking()('clone https://me:pass@host/x and http://host:80/a@b'),
      'clone https://me:***@host/x and http://host:80/a@b',
    );
  });

  it('ignores blank values', () => {
    assert.equal(masking('', '  ')('a  b'), 'a  b');
  });

  it('leaves no registered value in any line', () => {
    const word = fc.string({ minLength: 3, maxLength: 8 }).filter(text => !/[*\s]/.test(text));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.string(),
        fc.string(),
        (values, before, after) => {
          const masked = masking(...values)(`${before}${values.join('')}${after}`);
          for (const value of values) assert.ok(!masked.includes(value));
        },
      ),
    );
  });
});

describe('a job masks', () => {
  it('its secret variables, its token and the credentials of connections, but no harmless parameter', async () => {
    const main = `
      const names = Object.keys(process.env).filter(name => /^(SECRET_|ENDPOINT_AUTH_PARAMETER)/.test(name));
      for (const name of names) say(name + ' = ' + process.env[name]);`;
    const json = { inputs: [{ name: 'to', type: 'connectedService:x', label: 'x' }] };
    const job = await run([{ name: 'One', main, json }], [{ task: 'One@1', inputs: { to: 'c' } }], {
      jobToken: 'the-job-token',
      variables: { word: { value: 'open-sesame', isSecret: true } },
      serviceConnections: {
        c: {
          url: 'http://127.0.0.1:9',
          scheme: 'Token',
          parameters: { apitoken: 'tok-123', tenantid: 'tenant-1' },
        },
      },
    });
    for (const secret of ['open-sesame', 'the-job-token', 'tok-123']) {
      assert.ok(job.steps[0]?.rawOutput.includes(secret));
      assert.ok(!job.log.includes(secret));
    }
    assert.match(job.log, /_TENANTID = tenant-1/);
  });

  it('what a step registers, from then on', async () => {
    const main = `
      say('minted-1');
      say('##vso[task.setsecret]minted-1');
      say('##vso[task.settaskvariable variable=x;issecret=true]minted-2');
      say('##vso[task.setvariable variable=x;issecret=true]minted-3');
      say('minted-1 minted-2 minted-3 ' + Buffer.from('minted-1').toString('base64'));`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }]);
    assert.match(job.log, /^minted-1$/m);
    assert.match(job.log, /^\*\*\* \*\*\* \*\*\* bWludGVkLTE=$/m);
  });

  it('a variable that pulled in a secret', async () => {
    const job = await run([], [{ bash: 'true' }], {
      variables: { word: { value: 'open-sesame', isSecret: true }, url: 'https://$(word).example' },
    });
    assert.deepEqual(job.variables['url'], { value: 'https://open-sesame.example', isSecret: true });
  });
});
