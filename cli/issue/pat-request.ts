import { parsePurposes, type Purpose } from '#pat/purposes';
import { LABEL_EXAMPLE, labelFault } from '#pat/pat-name';
import { parseScopes } from '#pat/scopes';
import { DAY, MINUTE, YEAR, formatLifetime, parseLifetime } from '#text/lifetime';
import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { Log } from '#text/log';
import { requiredToSignIn } from '../missing-options.js';
import type { SignInOptions } from '../options.js';
import { typedText } from '../typed-text.js';

/** What a person asks of a PAT. */
export interface PatOptions {
  readonly purpose?: string;
  readonly scopes?: string;
  readonly validFor: string;
  readonly maxLifetime: string;
  readonly displayName?: string;
}

export interface PatRequest {
  readonly purposes: readonly Purpose[];
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly validFor: number;
  /** What stands in front of the generated part of the name. */
  readonly label: string;
}

/** What a person has to say who issues a PAT. */
export function requiredForPat(options: SignInOptions & PatOptions) {
  const purpose = options.scopes === undefined ? (['purpose'] as const) : [];
  return [...requiredToSignIn(options), ...purpose];
}

const LEAST = 5 * MINUTE;
/** The ceiling, unless a person says otherwise: the name of the day on which it was needed is all that a PAT needs. */
export const USUAL_CEILING = formatLifetime(DAY);

/** Scopes, lifetime and name; every fault is told. */
export function readPatRequest(options: PatOptions, faults: ValidationErrors): PatRequest {
  const { purposes, faults: unknown } = parsePurposes(options.purpose ?? '');
  for (const fault of unknown) faults.option('--purpose', fault.replace('the input scopes', '--scopes'));
  const asked = [...purposes.flatMap(({ scopes }) => scopes), options.scopes ?? ''].join('\n');
  const { scopes, faults: wrong } = parseScopes(asked, { allowUnknown: false });
  for (const fault of wrong) faults.option('--scopes', fault);
  if (scopes.length === 0 && unknown.length === 0 && wrong.length === 0)
    faults.option('--purpose', 'or --scopes is required. Example: --purpose gitClone');
  const label = (
    options.displayName ??
    (purposes.map(({ name }) => name).join(' ') || scopes.join(' '))
  ).trim();
  const fault = options.displayName === undefined ? undefined : label === '' ? 'is empty' : labelFault(label);
  if (fault !== undefined)
    faults.option('--display-name', `${fault}. Example: --display-name "${LABEL_EXAMPLE}"`);
  return { purposes, scopes, validFor: readLifetime(options, faults), label };
}

function readLifetime({ validFor, maxLifetime }: PatOptions, faults: ValidationErrors): number {
  const asked = parseLifetime(validFor.trim());
  const most = parseLifetime(maxLifetime.trim());
  const notOne = (text: string) => `"${typedText(text)}" is not a lifetime. Example: 30m, 2h or 1d`;
  if (asked === undefined) faults.option('--valid-for', notOne(validFor));
  else if (asked < LEAST)
    faults.option('--valid-for', `"${validFor}" is too short; 5 minutes at least. Example: 15m`);
  else if (asked > YEAR)
    faults.option('--valid-for', `"${validFor}" is too long; no PAT lives longer than a year. Example: 1h`);
  else if (most !== undefined && asked > most)
    faults.option(
      '--valid-for',
      `"${validFor}" is longer than ${formatLifetime(most)}. Say that you mean it: --max-lifetime ${validFor}`,
    );
  if (most === undefined) faults.option('--max-lifetime', notOne(maxLifetime));
  return asked ?? 0;
}

/** What a purpose allows that nobody would think of. */
export function tellWarnings({ purposes }: PatRequest, log: Pick<Log, 'info'>): void {
  for (const { name, warning } of purposes) if (warning !== undefined) log.info(`${name}: ${warning}.`);
}
