import { build, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../scripts/paths.js';

/** A line of the product as it was before it was mended. */
export interface Bug {
  /** From the root of the project on. */
  readonly file: string;
  readonly right: string | RegExp;
  readonly wrong: string;
}

/**
 * The program of a worker as one file: modules that are loaded on demand are loaded at once, so that nothing waits for
 * anything but virtual time.
 *
 * @throws Error when the file of the bug does not have the line any more: then the bug has to be told anew
 */
export async function bundleWorker(outfile: string, bug?: Bug): Promise<void> {
  await build({
    entryPoints: [join(root, 'simulation', 'worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
    // Nobody looks at the layout of a table: its cells are searched for secrets all the same.
    alias: {
      'cli-table3': join(root, 'simulation', 'bare-table.ts'),
      'p-limit': join(root, 'simulation', 'bare-limit.ts'),
    },
    plugins: bug === undefined ? [] : [puttingBack(bug)],
  });
}

function puttingBack({ file, right, wrong }: Bug): Plugin {
  return {
    name: 'bug',
    setup(builder) {
      const path = join(root, file);
      builder.onLoad({ filter: /\.ts$/ }, async args => {
        if (args.path !== path) return undefined;
        const source = await readFile(path, 'utf8');
        const changed = source.replace(right, wrong);
        if (changed === source) throw new Error(`${file} has no ${String(right)}.`);
        return { contents: changed, loader: 'ts' };
      });
    },
  };
}
