import type { Plugin } from 'esbuild';

/**
 * azure-devops-node-api takes addresses apart with `url.parse`, of which Node 24 warns on the standard error of every
 * step, unless the caller lies in a folder node_modules: a bundle does not. It gets what the platform's URL says.
 */
export const libraryUrls: Plugin = {
  name: 'library-urls',
  setup(build) {
    build.onResolve({ filter: /^url$/ }, ({ path, importer }) =>
      /node_modules[\\/]azure-devops-node-api[\\/]/.test(importer)
        ? { path, namespace: 'library-urls' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'library-urls' }, () => ({
      contents:
        'module.exports = { parse: address => new URL(address), resolve: (from, to) => new URL(to, from).href };',
    }));
  },
};
