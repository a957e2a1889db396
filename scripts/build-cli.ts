import { build } from 'esbuild';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { billOfMaterials } from './bill-of-materials.js';
import { libraryUrls } from './library-urls.js';
import { bundledPackages, noticesOf } from './notices.js';
import { dist, root } from './paths.js';
import { definesOf, readProduct } from './product.js';

/** Where the command line tool is built; `bin` of package.json points here. */
export const builtCli = join(dist, 'cli', 'job-pat.mjs');

/** Bundles the command line tool with everything it needs, so that installing it installs nothing else. */
export async function buildCli(): Promise<string> {
  const product = await readProduct();
  await rm(join(dist, 'cli'), { recursive: true, force: true });
  await mkdir(join(dist, 'cli'), { recursive: true });
  const { metafile } = await build({
    entryPoints: [join(root, 'cli', 'main.ts')],
    outfile: builtCli,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    metafile: true,
    absWorkingDir: root,
    define: definesOf(product),
    banner: {
      // The libraries are CommonJS; in a module they have no `require`.
      js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    plugins: [libraryUrls],
    logLevel: 'error',
  });
  await chmod(builtCli, 0o755);
  const packages = await bundledPackages(Object.keys(metafile.inputs));
  await writeFile(join(dist, 'cli', 'NOTICE.txt'), noticesOf(packages));
  await writeFile(join(dist, 'cli', 'sbom.cdx.json'), billOfMaterials('job-pat', product, packages));
  return builtCli;
}
