import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { root } from './paths.js';

/**
 * What few runs say or look up, by the file beside the bundle that holds it: the compiler reads a bundle from its first to its
 * last letter at each start, also what nobody calls. Of these modules others use functions alone; the first call loads the
 * file.
 */
const LATER: Readonly<Record<string, readonly string[]>> = {
  advice: [
    'packages/advice/entra-codes.ts',
    'packages/advice/pipeline.ts',
    'packages/advice/sign-in.ts',
    'packages/azure-devops/pat-refusals.ts',
  ],
  'nearest-scope': ['packages/pat/nearest-scope.ts'],
  purposes: ['packages/pat/purposes.ts'],
};

const FILE_OF = new Map(
  Object.entries(LATER).flatMap(([file, modules]) => modules.map(path => [path, file] as const)),
);

/**
 * Makes files beside the bundles, which load when they are asked for: of modules that our code imports by
 * `import('./module.js')`, and of those above.
 *
 * @param demanded gets the files that turn out to be needed, as entry points by their names
 */
export function onDemand(demanded: Map<string, string>): Plugin {
  return {
    name: 'on-demand',
    setup(building) {
      building.onResolve(
        { filter: /^(\.\.?\/|#)/ },
        ({ path, kind, resolveDir, importer, namespace, pluginData }) => {
          if (namespace === 'later-call') return { path, external: true };
          if (importer.includes('node_modules')) return undefined;
          const source = path.startsWith('#')
            ? join(root, 'packages', `${path.slice(1)}.ts`)
            : join(resolveDir, path.replace(/\.js$/, '.ts'));
          const name = basename(source, '.ts');
          if (kind === 'dynamic-import') {
            demanded.set(name, source);
            return { path: `./${name}.js`, external: true };
          }
          const file = FILE_OF.get(fromRoot(source));
          if (file === undefined || file === pluginData || isIn(file, importer)) return undefined;
          demanded.set(file, `later:${file}`);
          return { path: source, namespace: 'later-call', pluginData: file, sideEffects: false };
        },
      );
      building.onResolve({ filter: /^later:/ }, ({ path }) => ({
        path: path.slice('later:'.length),
        namespace: 'later-file',
      }));
      building.onLoad({ filter: /.*/, namespace: 'later-file' }, ({ path: file }) => ({
        contents: (LATER[file] ?? [])
          .map(path => `export * from ${JSON.stringify(`./${path.replace(/\.ts$/, '.js')}`)};`)
          .join('\n'),
        resolveDir: root,
        pluginData: file,
      }));
      building.onLoad({ filter: /.*/, namespace: 'later-call' }, async ({ path, pluginData: file }) => ({
        contents: callsOf(await readFile(path, 'utf8'), String(file)),
        resolveDir: dirname(path),
      }));
    },
  };
}

/** Whether a module is one of this very file: there it is called as it stands. */
function isIn(file: string, importer: string): boolean {
  return FILE_OF.get(fromRoot(importer)) === file;
}

function fromRoot(path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}

/** The functions of a module, each of which loads the file that it is in. */
function callsOf(source: string, file: string): string {
  const names = [...source.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name = '']) => name);
  return names
    .map(name => `export function ${name}(...args) { return require('./${file}.js').${name}(...args); }`)
    .join('\n');
}
