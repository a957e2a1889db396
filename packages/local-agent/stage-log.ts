import type { SecretMasker } from './masker.js';
import { type Issue, mergeResults, type TaskResult } from './results.js';

const issueCap = 10;

/** The log, the issues and the results of one stage of a step while it runs. Everything written is masked. */
export class StageLog {
  readonly lines: string[] = [];
  readonly issues: Issue[] = [];
  /** What the step itself says, by `task.complete` or its exit code. */
  result: TaskResult | undefined;
  /** Failed once a command could not be processed; a retry does not take that back. */
  commandResult: TaskResult | undefined;

  readonly #masker: SecretMasker;
  readonly #isDebug: () => boolean;
  readonly #onLine: (line: string) => void;

  constructor(masker: SecretMasker, isDebug: () => boolean, onLine: (line: string) => void) {
    this.#masker = masker;
    this.#isDebug = isDebug;
    this.#onLine = onLine;
  }

  write(text: string): void {
    for (const line of this.#masker.mask(text).split(/\r\n|\r|\n/)) {
      this.lines.push(line);
      this.#onLine(line);
    }
  }

  debug(text: string): void {
    if (!this.#isDebug()) return;
    // Masked as a whole. The agent marks the first line alone; here each one stays recognizable.
    for (const line of this.#masker.mask(text).split(/\r\n|\r|\n/)) this.write(`##[debug]${line}`);
  }

  warning(message: string): void {
    this.issue('warning', message);
  }

  error(message: string): void {
    this.issue('error', message);
  }

  /** Writes an issue; the first ten of a type are also kept. */
  issue(type: Issue['type'], message: string, data: Readonly<Record<string, string>> = {}): void {
    if (this.issues.filter(issue => issue.type === type).length < issueCap) {
      this.issues.push({ type, message: this.#masker.mask(message), data });
    }
    this.write(`##[${type}]${message}`);
  }

  fail(message: string): void {
    this.error(message);
    this.merge('Failed');
  }

  merge(result: TaskResult): void {
    this.result = mergeResults(this.result, result);
  }

  /** The result of the stage so far. */
  merged(): TaskResult {
    const own = this.result ?? 'Succeeded';
    return this.commandResult === undefined ? own : mergeResults(own, this.commandResult);
  }
}
