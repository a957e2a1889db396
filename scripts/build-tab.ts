import { build, type Metafile } from 'esbuild';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.js';

/** Lays out the tab of the run's results: one script for browsers beside page and styles. */
export async function buildTab(target: string): Promise<Metafile> {
  const source = join(root, 'tab');
  const { metafile } = await build({
    entryPoints: [join(source, 'main.ts')],
    outfile: join(target, 'main.js'),
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    metafile: true,
    absWorkingDir: root,
    tsconfig: join(source, 'tsconfig.json'),
    logLevel: 'error',
  });
  for (const file of ['index.html', 'styles.css']) await cp(join(source, file), join(target, file));
  return metafile;
}
