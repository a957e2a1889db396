import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');

/** The Node.js binary that runs the tasks in these tests. */
export const taskNode = process.env['JOB_PAT_NODE'] ?? process.execPath;

/**
 * The packaged extension that these tests run: `JOB_PAT_VSIX`, or the newest one of `npm run package`.
 * Throws when there is none, or when it is older than what it is made of.
 */
export function packagedExtension(): string {
  const given = process.env['JOB_PAT_VSIX'];
  if (given !== undefined && given !== '') return resolve(given);
  const path = newest(/^job-pat\.job-pat-\d.*\.vsix$/);
  if (path === undefined)
    throw new Error(`There is no packaged extension in ${dist}: run "npm run package" first.`);
  const changed = changedAfter(statSync(path).mtimeMs);
  if (changed !== undefined)
    throw new Error(`${changed} is newer than ${path}: run "npm run package" first.`);
  return path;
}

/** The newest development flavour, where one was packaged. */
export function packagedDevExtension(): string | undefined {
  return newest(/^job-pat\.job-pat-dev-\d.*\.vsix$/);
}

function newest(name: RegExp): string | undefined {
  const files = existsSync(dist) ? readdirSync(dist).filter(file => name.test(file)) : [];
  const byAge = files
    .map(file => join(dist, file))
    .map(path => ({ path, written: statSync(path).mtimeMs }))
    .sort((a, b) => b.written - a.written);
  return byAge[0]?.path;
}

/** A source of the package that was changed after this moment. */
function changedAfter(moment: number): string | undefined {
  return ['packages', 'tasks', 'tab', 'images']
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name =>
        join(root, folder, name),
      ),
    )
    .concat(join(root, 'vss-extension.json'))
    .find(path => statSync(path).isFile() && statSync(path).mtimeMs > moment);
}
