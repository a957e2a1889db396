import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dist, root } from './paths.js';

/** What the package is made of: nothing that is only run here. */
const sources = [
  'packages',
  'tasks',
  'tab',
  'images',
  'scripts',
  'overview.md',
  'LICENSE',
  'vss-extension.json',
];
const NOT_SHIPPED =
  /^(packages\/(emulator|local-agent)|scripts\/(agent|emulator|stand-in|start|test|bench|tab)|scripts\/\w[\w-]*\.mjs$)\b/;

/** The newest package of this kind in dist/. */
export function newestPackage(name: RegExp, folder = dist): string | undefined {
  const files = existsSync(folder) ? readdirSync(folder).filter(file => name.test(file)) : [];
  return files
    .map(file => join(folder, file))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .at(0);
}

export const RELEASE = /^job-pat\.job-pat-\d.*\.vsix$/;

/** A source of the package that was changed after the package was made, relative to the repository. */
export function changedSince(path: string, repository = root): string | undefined {
  const made = statSync(path).mtimeMs;
  return sources
    .flatMap(source => {
      const top = join(repository, source);
      if (statSync(top, { throwIfNoEntry: false })?.isDirectory() !== true) return [source];
      return readdirSync(top, { recursive: true, encoding: 'utf8' }).map(name => join(source, name));
    })
    .filter(name => !NOT_SHIPPED.test(name.replaceAll('\\', '/')))
    .find(name => {
      const stat = statSync(join(repository, name), { throwIfNoEntry: false });
      return stat?.isFile() === true && stat.mtimeMs > made;
    });
}

/**
 * The package in `JOB_PAT_VSIX`, or the one in dist/, made anew when there is none or when it is older than its sources.
 *
 * @param tell says why it is made, before that takes its seconds
 */
export async function currentExtension(tell: (why: string) => void): Promise<string> {
  const given = process.env['JOB_PAT_VSIX'] ?? '';
  if (given !== '') return given;
  const known = upToDate();
  if (known.why === undefined) return known.path;
  const release = await alone();
  try {
    // Somebody else may have packed it meanwhile.
    const { path, why } = upToDate();
    if (why === undefined) return path;
    tell(`Packing the extension: ${why}.`);
    // What packs takes its time to load, and is needed now and then.
    const { packageExtension } = await import('./package-extension.js');
    return (await packageExtension('release')).path;
  } finally {
    release();
  }
}

/** The package, or why there is none that can be used. */
function upToDate():
  { readonly path: string; readonly why: undefined } | { path?: undefined; readonly why: string } {
  const path = newestPackage(RELEASE);
  if (path === undefined) return { why: 'there is no package yet' };
  const changed = changedSince(path);
  return changed === undefined
    ? { path, why: undefined }
    : { why: `${changed} is newer than ${relative(root, path)}` };
}

/** How long a package takes at most; who holds the lock for longer has ended without a word. Milliseconds. */
const LONGEST = 120_000;

/** Waits until no other process packs; two would write the same files. @returns what lets the next one in */
async function alone(): Promise<() => void> {
  const lock = join(dist, '.packing');
  for (;;) {
    try {
      mkdirSync(dist, { recursive: true });
      mkdirSync(lock);
      return () => {
        rmdirSync(lock);
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > LONGEST) rmdirSync(lock);
      else await delay(200);
    }
  }
}
