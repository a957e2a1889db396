import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.js';
import { readProduct } from '../../../scripts/product.js';
import { releaseFaults } from '../../../scripts/release-faults.js';

const CHANGES = '# Changes\n\n## 1.10.0\n\n- More.\n';

describe('A release', () => {
  it('is what the tag, package.json and CHANGELOG.md agree on', () => {
    assert.deepEqual(releaseFaults('v1.10.0', '1.10.0', CHANGES, ['v1.9.9', 'v1.10.0', 'vNext', '']), []);
  });

  it('is refused under another tag', () => {
    const [fault] = releaseFaults('v1.10.1', '1.10.0', CHANGES, []);
    assert.match(fault ?? '', /"v1\.10\.1".*has to be v1\.10\.0/);
  });

  it('is refused when nobody raised the version', () => {
    for (const tags of [['v1.10.1'], ['v2.0.0'], ['1.10.0']])
      assert.match(releaseFaults('v1.10.0', '1.10.0', CHANGES, tags).join(), /is not higher than/);
  });

  it('is refused when nobody wrote down what changes', () => {
    assert.match(releaseFaults('v1.11.0', '1.11.0', CHANGES, []).join(), /no heading "## 1\.11\.0"/);
  });

  it('of today could be tagged', async () => {
    const { version } = await readProduct();
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    assert.deepEqual(releaseFaults(`v${version}`, version, changelog, []), []);
  });
});
