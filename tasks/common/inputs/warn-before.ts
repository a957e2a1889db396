import { parseLifetime, YEAR } from '#text/lifetime';
import type { Inputs } from './inputs.js';

/** Reads how long ahead a run warns, in milliseconds; undefined: not at all. */
export function readWarnBefore(inputs: Inputs): number | undefined {
  const text = inputs.text('warnBefore');
  if (text === '') return undefined;
  const ahead = parseLifetime(text);
  if (ahead === undefined || ahead > YEAR)
    inputs.fault('warnBefore', `"${text}" is not a time of at most a year. Example: 3d`);
  return ahead === 0 ? undefined : ahead;
}
