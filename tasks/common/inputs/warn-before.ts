import type { Agent } from '#agent/agent';
import { parseLifetime, YEAR } from '#text/lifetime';
import type { ValidationErrors } from './validation-errors.js';

/** Reads how long ahead a run warns, in milliseconds; undefined: not at all. */
export function readWarnBefore(agent: Agent, faults: ValidationErrors): number | undefined {
  const text = agent.input('warnBefore');
  if (text === '') return undefined;
  const ahead = parseLifetime(text);
  if (ahead === undefined || ahead > YEAR)
    faults.input('warnBefore', `"${text}" is not a time of at most a year. Example: 3d`);
  return ahead === 0 ? undefined : ahead;
}
