import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';
import { referencePages, schemasOfFiles } from '../../../scripts/reference.js';

describe('The schemas of the files that users write', () => {
  it('know the stores, inputs and rules that the code knows: npm run reference writes them', async () => {
    for (const [path, text] of await schemasOfFiles())
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

  it("has what a page of Azure Pipelines' own tasks has, in one order, the lower part by hand", async () => {
    for (const [path, text] of await referencePages()) {
      const prose = text.replace(/^```[^]*?^```/gm, '');
      const headings = [...prose.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      assert.deepEqual(
        headings,
        ['Syntax', 'Inputs', 'Output variables', 'Requirements', 'Remarks', 'Examples', 'See also'],
        path,
      );
      assert.match(prose, /^### Task control options$/m, path);
      for (const [, name = ''] of prose.matchAll(/^### `(\w+)`: .+$/gm))
        assert.match(
          prose,
          new RegExp(
            `^### \`${name}\`: .+\\n\\n(?:\`(?:string|boolean)\`|Service connection)[^\\n]* (?:Required|Optional)\\.`,
            'm',
          ),
          `${path}: ${name} does not say its type and whether it is required`,
        );
      assert.doesNotMatch(prose, /^\|[^|]+\|\s*\|$/m, `${path} has an empty cell`);
    }
  });
});
