import { resolve } from 'node:path';
import { changedSince, newestPackage, RELEASE } from '../../scripts/packed-extension.js';

/** The Node.js binary that runs the tasks in these tests. */
export const taskNode = process.env['JOB_PAT_NODE'] ?? process.execPath;

/**
 * The packaged extension that these tests run: `JOB_PAT_VSIX`, or the newest one of `npm run package`.
 * Throws when there is none, or when it is older than what it is made of.
 */
export function packagedExtension(): string {
  const given = process.env['JOB_PAT_VSIX'];
  if (given !== undefined && given !== '') return resolve(given);
  const path = newestPackage(RELEASE);
  if (path === undefined) throw new Error('There is no package in dist/: run "npm run package" first.');
  // Every test asks, and all run the same.
  if (!looked.has(path)) {
    const changed = changedSince(path);
    if (changed !== undefined)
      throw new Error(`${changed} is newer than ${path}: run "npm run package" first.`);
    looked.add(path);
  }
  return path;
}
const looked = new Set<string>();

/** The newest development flavour, where one was packaged. */
export function packagedDevExtension(): string | undefined {
  return newestPackage(/^job-pat\.job-pat-dev-\d.*\.vsix$/);
}
