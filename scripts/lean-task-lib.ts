import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asEcmaScript } from './as-ecmascript.js';
import { root } from './paths.js';

/**
 * Parts of azure-pipelines-task-lib and typed-rest-client that no task of ours calls, and that cost as much start-up time as
 * everything else together: running tools, matching files, query strings. In the bundle each is an object whose
 * every use throws, so that a call of one cannot go unnoticed. The same for the proxies of Azure's HTTP pipeline, whose
 * requests go through our own client.
 */
const LEFT_OUT = new Set(['./toolrunner', './externaloutput', 'q', 'minimatch', 'qs']);

/** Modules of Node that only some calls need; they load at the first use. */
const ON_FIRST_USE = new Set(['child_process', 'crypto', 'https', 'zlib', 'util']);

const VAULT = join(root, 'packages', 'agent', 'task-lib-vault.ts');

/** task-lib compares versions to refuse agents and Nodes that `minimumAgentVersion` and the handlers rule out. */
const NEVER_OLDER = 'module.exports = { lt: () => false };';

const TASK_LIB = /azure-pipelines-task-lib[\\/](task|internal|taskcommand)\.js$/;

export const leanTaskLib: Plugin = {
  name: 'lean-task-lib',
  setup(build) {
    build.onResolve({ filter: /^[./a-z_-]+$/ }, ({ path, importer, resolveDir }) => {
      if (!/node_modules[\\/](azure-pipelines-task-lib|typed-rest-client)[\\/]/.test(importer))
        return undefined;
      if (path === './vault') return { path: VAULT, sideEffects: false };
      if (path === 'semver') return { path, namespace: 'never-older', sideEffects: false };
      if (LEFT_OUT.has(path)) return { path, namespace: 'left-out', sideEffects: false };
      if (ON_FIRST_USE.has(path))
        return { path, namespace: 'on-first-use', pluginData: resolveDir, sideEffects: false };
      return undefined;
    });
    build.onResolve({ filter: /^https?-proxy-agent$/ }, ({ path, importer }) =>
      /node_modules[\\/]@typespec[\\/]/.test(importer) ? { path, namespace: 'left-out' } : undefined,
    );
    build.onLoad({ filter: TASK_LIB }, async ({ path }) => ({
      contents: asEcmaScript(await readFile(path, 'utf8'), basename(path)),
    }));
    build.onLoad({ filter: /.*/, namespace: 'never-older' }, () => ({ contents: NEVER_OLDER }));
    build.onLoad({ filter: /azure-pipelines-task-lib[\\/]lib-resource\.js$/ }, async ({ path }) => ({
      contents: `module.exports = { get messages() { return ${JSON.stringify(await englishMessages(path))}; } };`,
    }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `
        const absent = () => { throw new Error(${JSON.stringify(`${path} is not part of this bundle`)}); };
        module.exports = new Proxy(absent, { get: (_, name) => (name === 'prototype' ? {} : absent) });`,
    }));
    build.onLoad({ filter: /.*/, namespace: 'on-first-use' }, ({ path }) => ({
      contents: `
        let loaded;
        module.exports = new Proxy({}, { get: (_, name) => (loaded ??= require(${JSON.stringify(path)}))[name] });`,
    }));
  },
};

/** The library's own messages come in ten languages; it falls back to English. */
async function englishMessages(path: string): Promise<unknown> {
  const resource: unknown = await import(path).then((module: { default?: unknown }) => module.default);
  if (typeof resource === 'object' && resource !== null && 'messages' in resource) return resource.messages;
  throw new Error(`${path} holds no messages.`);
}
