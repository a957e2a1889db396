/** Filled in by the build, out of package.json; nothing is filled in where the sources run as they are, in unit tests. */
declare const JOB_PAT_VERSION: string | undefined;
declare const JOB_PAT_REPOSITORY: string | undefined;

export const VERSION = typeof JOB_PAT_VERSION === 'string' ? JOB_PAT_VERSION : '0.0.0';
export const REPOSITORY =
  typeof JOB_PAT_REPOSITORY === 'string' ? JOB_PAT_REPOSITORY : 'https://github.com/job-pat/job-pat';

/** The address of a file of the repository as it was in this version, such as `docs/audit.md#rules`. */
export function pageOf(path: string): string {
  return `${REPOSITORY}/blob/v${VERSION}/${path}`;
}
