import { terminalAdvice } from '#advice/terminal';
import { Failure } from '#advice/failure';

/** The same failure, with what a person at a terminal has to do about it, where a table knows that. */
export function atTerminal(failure: Failure): Failure {
  const { topic, what, situation, cause } = failure;
  if (situation === undefined) return failure;
  return new Failure(topic, what, terminalAdvice(situation), { cause, situation });
}
