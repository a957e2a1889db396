import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';
import { planSchema, referencePages } from '../../../scripts/reference.js';

describe('The schema of a plan file', () => {
  it('knows the stores and inputs that the code knows: npm run reference writes it', async () => {
    const [path, text] = await planSchema();
    assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} is old: npm run reference`);
  });
});

describe('The reference page of each task', () => {
  it('says what its task.json says: npm run reference writes it', async () => {
    for (const [path, text] of await referencePages()) {
      assert.ok(existsSync(join(root, path)), `${path} is missing: npm run reference`);
      assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} is old: npm run reference`);
    }
  });

  it('has remarks, examples and what to read next, by hand', async () => {
    for (const [path, text] of await referencePages())
      for (const heading of ['## Remarks', '## Examples', '## See also'])
        assert.ok(text.includes(`\n${heading}\n`), `${path} has no ${heading}`);
  });
});
