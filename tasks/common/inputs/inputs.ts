import type { Agent } from '#agent/agent';
import { ValidationErrors } from './validation-errors.js';

/** What a step is asked for, input by input, and everything that is wrong with it: a user hears of all at once. */
export class Inputs {
  readonly faults = new ValidationErrors();

  constructor(readonly agent: Agent) {}

  /** Trimmed; empty when not given. */
  text(name: string): string {
    return this.agent.input(name);
  }

  /** Several at once, by name. */
  texts<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
    const entries = names.map(name => [name, this.text(name)] as const);
    return Object.fromEntries(entries) as Record<Name, string>;
  }

  /** The same of one that holds a secret: masked before it is returned. */
  secret(name: string): string {
    return this.agent.secretInput(name);
  }

  /** A boolean. */
  flag(name: string): boolean {
    const text = this.text(name).toLowerCase();
    if (text !== 'true' && text !== 'false')
      this.fault(name, `"${text}" is neither true nor false. Example: true`);
    return text === 'true';
  }

  /** One of a few possible values, whatever their case. */
  choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const text = this.text(name);
    const choice = readChoiceOf(text, choices);
    if (choice === undefined)
      this.fault(name, `"${text}" is not one of ${choices.join(', ')}. Example: ${choices[0]}`);
    return choice ?? choices[0];
  }

  /** An input that cannot be used. `text` continues the sentence and ends with an example. */
  fault(name: string, text: string): void {
    this.faults.input(name, text);
  }
}

/** The choice that a text means, whatever its case. */
export function readChoiceOf<T extends string>(text: string, choices: readonly T[]): T | undefined {
  return choices.find(choice => choice.toLowerCase() === text.toLowerCase());
}
