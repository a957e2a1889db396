import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { asObject } from '#text/json';
import { root } from '../../../scripts/paths.js';
import { readProduct } from '../../../scripts/product.js';
import { readTaskDefinition } from '../../../scripts/task-definition.js';
import { revokeStep, tokenPage, type PatToRevoke } from '../../../tab/revoke-step.js';

const ID = '8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201';
const ofJob = 'Mirror job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/4711/12f1170f/00c0ffee';
const pat = (changes: Partial<PatToRevoke> = {}): PatToRevoke => ({
  authorizationId: ID,
  organization: 'contoso',
  displayName: ofJob,
  user: undefined,
  ...changes,
});

/** The inputs of the one step that a YAML text holds. */
function inputsOf(text: string): Record<string, unknown> {
  const steps: unknown = parse(text);
  assert.ok(Array.isArray(steps) && steps.length === 1, text);
  const step = asObject(steps[0]) ?? {};
  assert.deepEqual(Object.keys(step), ['task', 'inputs']);
  assert.equal(step['task'], 'RevokePat@1');
  return { ...asObject(step['inputs']) };
}

describe('The step that the tab hands out', () => {
  it('revokes the PAT of a job by its id, as the issuing user', () => {
    assert.deepEqual(inputsOf(revokeStep(pat())), {
      patIssuer: 'PAT issuer',
      organization: 'contoso',
      what: 'ids',
      authorizationIds: ID,
    });
  });

  it('says that a PAT which is none of a job is meant, since RevokePat leaves such a one', () => {
    assert.equal(inputsOf(revokeStep(pat({ displayName: 'Laptop' })))['includeForeign'], true);
  });

  it('revokes the PAT of somebody else as an administrator, who needs no includeForeign', () => {
    const inputs = inputsOf(revokeStep(pat({ displayName: 'Laptop', user: 'robin@example.com' })));
    assert.deepEqual(inputs, {
      as: 'administrator',
      adminToken: '$(adminToken)',
      user: 'robin@example.com',
      organization: 'contoso',
      what: 'ids',
      authorizationIds: ID,
    });
  });

  it('has only inputs that the task has', async () => {
    const definition = await readTaskDefinition(
      join(root, 'tasks/RevokePat/RevokePatV1'),
      await readProduct(),
    );
    const known = new Set(definition.inputs.map(({ name }) => name));
    for (const user of [undefined, 'robin@example.com'])
      for (const name of Object.keys(inputsOf(revokeStep(pat({ displayName: 'Laptop', user })))))
        assert.ok(known.has(name), name);
  });

  it('holds no text from outside that could be more than a name', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a: b', "x'\n- bash: curl", '$(System.AccessToken)', '#c', 'true', '1e5', '& a'),
    );
    fc.assert(
      fc.property(hostile, hostile, (organization, user) => {
        const inputs = inputsOf(revokeStep(pat({ organization, user })));
        assert.match(String(inputs['organization']), /^[A-Za-z0-9 -]+$/);
        assert.match(String(inputs['user']), /^[\w@.+ -]+$/);
        for (const name of ['organization', 'user']) assert.equal(typeof inputs[name], 'string');
      }),
    );
  });
});

describe('The link to the page of tokens', () => {
  it('leads to the organization of the PAT, and nowhere for what is no name of one', () => {
    assert.equal(tokenPage('contoso'), 'https://dev.azure.com/contoso/_usersSettings/tokens');
    for (const name of ['', '../evil', 'a/b', 'contoso.evil.example', 'javascript:alert(1)', 'a?b', ' a'])
      assert.equal(tokenPage(name), undefined, name);
  });
});
