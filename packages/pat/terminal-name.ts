import { hasOneMark, LONGEST_NAME } from './pat-name.js';

/** Where and when a PAT was issued by a person. */
export interface IssuedAt {
  /** Name of the machine, as it calls itself. */
  readonly host: string;
  readonly time: Date;
}

const LONGEST_HOST = 40;
const TRIMMED_LABEL = '[A-Za-z0-9._:/-](?:[A-Za-z0-9 ._:/-]*[A-Za-z0-9._:/-])?';
const MOMENT = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
const TERMINAL = new RegExp(
  `^${TRIMMED_LABEL} job-pat:terminal/([A-Za-z0-9.-]{1,${LONGEST_HOST}})/(${MOMENT})/[0-9a-f]{8}$`,
);

/**
 * The display name of a PAT that a person issued at a terminal: `git job-pat:terminal/<host>/<time>/<nonce>`. It names no
 * run, so no reaper takes it for one whose run has ended. The label is cut to fit.
 *
 * @param nonce eight hex digits
 */
export function terminalPatName(label: string, { host, time }: IssuedAt, nonce: string): string {
  const place = host.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, LONGEST_HOST);
  const moment = `${time.toISOString().slice(0, 19)}Z`;
  const suffix = ` job-pat:terminal/${place === '' ? 'unknown' : place}/${moment}/${nonce}`;
  return label.slice(0, LONGEST_NAME - suffix.length).trimEnd() + suffix;
}

/** Reads such a name. Only one that `terminalPatName` could have made counts. */
export function readTerminalPatName(name: string): IssuedAt | undefined {
  const [, host, moment] = TERMINAL.exec(name) ?? [];
  if (host === undefined || moment === undefined || !hasOneMark(name)) return undefined;
  const time = new Date(moment);
  return Number.isNaN(time.getTime()) ? undefined : { host, time };
}
