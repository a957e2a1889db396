import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** The Node.js binary that runs the tasks in these tests. */
export const taskNode = process.env['JOB_PAT_NODE'] ?? process.execPath;

/**
 * The packaged extension that these tests run: `JOB_PAT_VSIX`, or the newest one of `npm run package`.
 * Throws when there is none.
 */
export function packagedExtension(): string {
  const given = process.env['JOB_PAT_VSIX'];
  if (given !== undefined && given !== '') return resolve(given);
  return newest(/^job-pat\.job-pat-\d.*\.vsix$/) ?? missing('npm run package');
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

function missing(command: string): never {
  throw new Error(`There is no packaged extension in ${dist}: run "${command}" first.`);
}
