import { relative } from 'node:path';
import pc from 'picocolors';
import { packCli } from './pack-cli.js';
import { root } from './paths.js';

const { tarball, checksum } = await packCli();
console.log(`${pc.green('✓')} ${relative(root, tarball)}, ${relative(root, checksum)}`);
console.log(`  npm install --global ./${relative(root, tarball)}   installs the command job-pat`);
