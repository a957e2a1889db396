/** Results of steps and jobs, worst last, as the agent orders them when it merges. */
const taskResults = [
  'Succeeded',
  'SucceededWithIssues',
  'Failed',
  'Canceled',
  'Skipped',
  'Abandoned',
] as const;

export type TaskResult = (typeof taskResults)[number];

/** What a job can end with: a job is never skipped or abandoned by itself. */
export type JobOutcome = 'Succeeded' | 'SucceededWithIssues' | 'Failed' | 'Canceled';

/** A canceled, skipped or abandoned result sticks; otherwise the worse of the two wins. */
export function mergeResults(current: TaskResult | undefined, coming: TaskResult): TaskResult {
  if (current === undefined) return coming;
  if (taskResults.indexOf(current) >= taskResults.indexOf('Canceled')) return current;
  return taskResults.indexOf(coming) > taskResults.indexOf(current) ? coming : current;
}

/** The text of a `task.complete` result: case-sensitive names or their numbers; undefined if it is neither. */
export function parseTaskResult(text: string): TaskResult | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return taskResults[Number(trimmed)];
  return taskResults.find(result => result === trimmed);
}

export interface Issue {
  readonly type: 'error' | 'warning';
  /** Masked. */
  readonly message: string;
  /** The properties of the command, such as `sourcepath` and `code`. */
  readonly data: Readonly<Record<string, string>>;
}

export type Stage = 'pre' | 'main' | 'post';
