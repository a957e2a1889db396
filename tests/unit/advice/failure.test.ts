import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownCodes } from '#advice/entra-codes';
import { patTokenErrors } from '#advice/pat-errors';
import { root } from '../../../scripts/paths.js';
import { asFailure, Failure, failureTopics } from '#advice/failure';

describe('A failure', () => {
  it('says the thing and the repair', () => {
    const failure = new Failure('pat-refused', 'contoso refused.', 'Ask Erika.');
    assert.equal(failure.message, 'contoso refused. Ask Erika.');
  });

  it('stays itself when it is caught', () => {
    const failure = new Failure('cancelled', 'Stopped.', '');
    assert.equal(asFailure(failure), failure);
    assert.equal(failure.message, 'Stopped.');
  });

  it('that nobody foresaw keeps its text and its cause, and shows no stack', () => {
    const cause = new TypeError('x is not a function');
    const failure = asFailure(cause);
    assert.equal(failure.topic, 'unexpected');
    assert.equal(failure.cause, cause);
    assert.match(failure.message, /x is not a function/);
    assert.doesNotMatch(failure.message, /\n|\bat /);
  });

  it('is made of anything that can be thrown', () => {
    for (const thrown of ['text', 7, null, undefined, {}])
      assert.equal(asFailure(thrown).topic, 'unexpected');
  });
});

describe('The troubleshooting page', () => {
  const page = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');

  for (const topic of failureTopics) {
    it(`has a heading for ${topic}`, () => {
      assert.ok(page.split('\n').includes(`### \`${topic}\``));
    });
  }

  it('explains every code of Entra and every reason of the PAT API that the tasks know', () => {
    const codes = page.slice(page.indexOf('## Codes of Entra'));
    for (const code of knownCodes.flatMap(([, list]) => list))
      assert.match(codes, new RegExp(`\\b${code}\\b`), String(code));
    const reasons = page.slice(page.indexOf('## Reasons of the PAT API'));
    for (const name of patTokenErrors) assert.ok(reasons.includes(`\`${name}\``), name);
  });

  it('has no heading for a topic that does not exist', () => {
    const headings = [...page.matchAll(/^### `([a-z-]+)`$/gm)].map(match => match[1]);
    const known: readonly string[] = failureTopics;
    assert.deepEqual(
      headings.filter(heading => !known.includes(heading ?? '')),
      [],
    );
  });
});
