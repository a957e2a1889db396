import type { SecretMasker } from './masker.js';
import { isAgentOwned } from './read-only-variables.js';

export interface Variable {
  readonly name: string;
  /** Expanded. */
  readonly value: string;
  readonly isSecret: boolean;
  readonly preserveCase: boolean;
}

interface Entry {
  name: string;
  raw: string;
  expanded: string;
  isSecret: boolean;
  isReadOnly: boolean;
  preserveCase: boolean;
}

export interface VariableFlags {
  readonly isSecret?: boolean;
  readonly isReadOnly?: boolean;
  readonly preserveCase?: boolean;
}

/** Writing to a read-only variable where the server turned the warning into an error. */
class ReadOnlyVariableError extends Error {
  constructor(name: string) {
    super(`Variable '${name}' is read-only and cannot be overwritten.`);
  }
}

const maximumDepth = 50;
const macro = /\$\(([^()$]+)\)/g;

/** The variables of one job (or the task variables of one step): names ignore case, secret and read-only stick. */
export class VariableStore {
  readonly #entries = new Map<string, Entry>();
  readonly #masker: SecretMasker;
  readonly #warn: (message: string) => void;

  constructor(masker: SecretMasker, warn: (message: string) => void) {
    this.#masker = masker;
    this.#warn = warn;
  }

  /**
   * What a command of a step has to pass before it sets a variable: one that is there and read-only warns, or throws
   * ReadOnlyVariableError where the job's variable `agent.readOnlyVariables` is true. Only the name as written counts.
   */
  checkWritable(name: string, strict: boolean): void {
    const known = this.#entries.get(key(name));
    if (known === undefined || !(known.isReadOnly || isAgentOwned(name))) return;
    if (strict) throw new ReadOnlyVariableError(name);
    this.#warn(`Overwriting readonly variable '${name}'. This behavior will be disabled in the future.`);
  }

  /** Sets a variable; the value is expanded at the next `expandAll`. */
  set(name: string, value: string, flags: VariableFlags = {}): void {
    const known = this.#entries.get(key(name));
    this.#entries.set(key(name), {
      name: known?.name ?? name,
      raw: value,
      expanded: value,
      isSecret: (known?.isSecret ?? false) || flags.isSecret === true,
      isReadOnly: (known?.isReadOnly ?? false) || flags.isReadOnly === true,
      preserveCase: flags.preserveCase ?? known?.preserveCase ?? false,
    });
  }

  get(name: string): string | undefined {
    return this.#entries.get(key(name))?.expanded;
  }

  isTrue(name: string): boolean {
    return this.get(name)?.toLowerCase() === 'true';
  }

  delete(name: string): void {
    this.#entries.delete(key(name));
  }

  all(): Variable[] {
    return [...this.#entries.values()].map(({ name, expanded, isSecret, preserveCase }) => ({
      name,
      value: expanded,
      isSecret,
      preserveCase,
    }));
  }

  names(): string[] {
    return [...this.#entries.values()].map(entry => entry.name);
  }

  /** Replaces `$(name)` once, from expanded values, secrets included; unknown names stay as they are. */
  replaceMacros(text: string): string {
    return replaceMacros(text, name => this.get(name));
  }

  /**
   * Expands every variable anew, recursively. One that pulls in a secret becomes secret itself, and its
   * expanded value is masked from then on.
   */
  expandAll(): void {
    for (const entry of this.#entries.values()) {
      const { text, secret } = this.#expand(entry, []);
      entry.expanded = text;
      if (secret && !entry.isSecret) {
        entry.isSecret = true;
        this.#masker.add(text);
      } else if (entry.isSecret && text !== entry.raw) {
        this.#masker.add(text);
      }
    }
  }

  #expand(entry: Entry, outer: readonly Entry[]): { text: string; secret: boolean } {
    let secret = entry.isSecret;
    const path = [...outer, entry];
    const text = replaceMacros(entry.raw, name => {
      const inner = this.#entries.get(key(name));
      if (inner === undefined) return undefined;
      if (path.includes(inner)) {
        this.#warn(`Unable to expand variable '${entry.name}'. A cyclical reference was detected.`);
        return undefined;
      }
      if (path.length >= maximumDepth) {
        this.#warn(
          `Unable to expand variable '${entry.name}'. The max expansion depth (${maximumDepth}) was exceeded.`,
        );
        return undefined;
      }
      const expanded = this.#expand(inner, path);
      secret ||= expanded.secret;
      return expanded.text;
    });
    return { text, secret };
  }
}

/** Replaces each `$(name)` that the look-up knows; what it puts in is not looked at again. */
export function replaceMacros(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(macro, (whole, name: string) => lookUp(name) ?? whole);
}

function key(name: string): string {
  return name.toLowerCase();
}
