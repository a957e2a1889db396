import type { NamedRun, Run } from '#azure-devops/run';
import { hasOneMark, LONGEST_NAME } from './pat-name.js';
import { readTerminalPatName } from './terminal-name.js';

/**
 * The display name of a job PAT: unique, so it finds exactly one PAT, and it names run and job, so that the reaper can
 * ask whether they still live. The label is cut to fit.
 *
 * @param nonce eight hex digits
 */
export function jobPatName(label: string, run: Run, nonce: string): string {
  const suffix = ` ${runMark(run)}${nonce}`;
  return label.slice(0, LONGEST_NAME - suffix.length).trimEnd() + suffix;
}

/** The part of a name that the PATs of one job share, in front of the nonce. */
export function runMark(run: Run): string {
  return `job-pat:${run.host}/${run.projectId}/${run.runId}/${run.jobId.slice(0, 8)}/`;
}

/** A label is trimmed before it becomes part of a name. */
const TRIMMED_LABEL = '[A-Za-z0-9._:/-](?:[A-Za-z0-9 ._:/-]*[A-Za-z0-9._:/-])?';
const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const JOB_PAT = new RegExp(
  `^${TRIMMED_LABEL} job-pat:(build|release)/(${GUID})/([1-9]\\d{0,9})/([0-9a-f]{8})/[0-9a-f]{8}$`,
);
const ROTATED = new RegExp(`^${TRIMMED_LABEL} job-pat:rotated/[0-9a-f]{8}/[0-9a-f]{8}$`);

/**
 * Reads the name of a job PAT. Only a name that `jobPatName` could have made counts: everything that merely looks
 * like one belongs to somebody else.
 */
export function readJobPatName(name: string): NamedRun | undefined {
  const [, host, projectId, runId, jobId] = JOB_PAT.exec(name) ?? [];
  if (projectId === undefined || runId === undefined || jobId === undefined || !hasOneMark(name))
    return undefined;
  return { host: host === 'release' ? 'release' : 'build', projectId, runId, jobId };
}

/** Whether Job PAT made a PAT of this name: for a job, as a generation of a rotated PAT, or at a terminal. */
export function madeByJobPat(name: string): boolean {
  const isOfPipeline = JOB_PAT.test(name) || ROTATED.test(name);
  return (hasOneMark(name) && isOfPipeline) || readTerminalPatName(name) !== undefined;
}
