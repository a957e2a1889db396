import type { Agent } from '#agent/agent';
import type { ValidationErrors } from './validation-errors.js';

/** A boolean input. */
export function readFlag(agent: Agent, name: string, faults: ValidationErrors): boolean {
  const text = agent.input(name).toLowerCase();
  if (text !== 'true' && text !== 'false')
    faults.input(name, `"${text}" is neither true nor false. Example: true`);
  return text === 'true';
}

/** An input with a few possible values, whatever their case. */
export function readChoice<T extends string>(
  agent: Agent,
  name: string,
  choices: readonly [T, ...T[]],
  faults: ValidationErrors,
): T {
  const text = agent.input(name);
  const choice = readChoiceOf(text, choices);
  if (choice === undefined)
    faults.input(name, `"${text}" is not one of ${choices.join(', ')}. Example: ${choices[0]}`);
  return choice ?? choices[0];
}

/** The choice that a text means, whatever its case. */
export function readChoiceOf<T extends string>(text: string, choices: readonly T[]): T | undefined {
  return choices.find(choice => choice.toLowerCase() === text.toLowerCase());
}
