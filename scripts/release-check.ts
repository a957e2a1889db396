import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { root } from './paths.js';
import { readProduct } from './product.js';
import { releaseFaults } from './release-faults.js';

/** `npm run release:check -- v1.2.3`: the gate before a tag is published. */
const tag = process.argv[2] ?? '';
const tags = execFileSync('git', ['tag', '--list', 'v*'], { cwd: root, encoding: 'utf8' }).split('\n');
const faults = releaseFaults(
  tag,
  (await readProduct()).version,
  readFileSync(join(root, 'CHANGELOG.md'), 'utf8'),
  tags,
);
for (const fault of faults) console.error(pc.red(fault));
if (faults.length === 0) console.log(`${pc.green('✓')} ${tag} may be published.`);
process.exitCode = faults.length === 0 ? 0 : 1;
