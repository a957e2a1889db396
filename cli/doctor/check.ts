import { asFailure } from '#advice/failure';
import { atTerminal } from '../advice.js';

/** What one look at a set-up found. */
export interface Check {
  readonly name: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it; empty when all is well. */
  readonly repair: string;
}

export function ok(name: string, text: string): Check {
  return { name, level: 'ok', text, repair: '' };
}

export function warn(name: string, text: string, repair: string): Check {
  return { name, level: 'warn', text, repair };
}

/** What was caught, as a check. @throws what was caught, when the person wants no more */
export function failed(name: string, caught: unknown, level: 'warn' | 'fail' = 'fail'): Check {
  const failure = asFailure(caught);
  if (failure.topic === 'cancelled') throw failure;
  return { name, level, text: failure.what, repair: atTerminal(failure).repair };
}
