// `npm run mutation`: Stryker and the mocha that it knows are installed beside the tests, when somebody asks for them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}tests/mutation`;
const stryker = `${folder}/node_modules/@stryker-mutator/core/bin/stryker.js`;
const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
if (!existsSync(stryker)) run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder]);
run(process.execPath, [stryker, 'run', `${folder}/stryker.config.mjs`, ...process.argv.slice(2)]);
