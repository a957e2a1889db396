import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';
import type {
  JobOutcome,
  JobResult,
  PipelineResult,
  StageName,
  StepResult,
  TaskResult,
} from '#local-agent/index';
import { defaultStage } from '#local-agent/pipeline';

type Paint = (text: string) => string;

/** A line of the log as a terminal shows it: the agent's `##[...]` prefixes become colours. */
function paintLine(line: string, colors: Colors): string {
  const [, kind, text] = /^##\[(\w+)\](.*)$/.exec(line) ?? [];
  if (kind === undefined || text === undefined) return line;
  switch (kind) {
    case 'error':
      return colors.red(`error: ${text}`);
    case 'warning':
      return colors.yellow(`warning: ${text}`);
    case 'section':
      return colors.green(text);
    case 'command':
      return colors.blue(text);
    case 'debug':
      return colors.dim(`debug: ${text}`);
    case 'group':
      return colors.bold(`▸ ${text}`);
    case 'endgroup':
      return '';
    default:
      return line;
  }
}

const RULE = '='.repeat(78);

/**
 * Prints each line as it is written, under a banner for each stage. What the agent prints of a task before its first
 * line is left out unless everything is wanted: it is the same in every run.
 */
export class LiveLog {
  /** Rules that still come before the stage says something of its own. */
  #rules = 0;

  constructor(
    private readonly colors: Colors,
    private readonly everything: boolean,
    private readonly print: (text: string) => void = console.log,
  ) {}

  stage({ title }: Pick<StageName, 'title'>): void {
    this.#rules = this.everything ? 0 : 2;
    const { bold, cyan } = this.colors;
    this.print(`\n${bold(cyan(`── ${title} ${'─'.repeat(Math.max(3, 74 - title.length))}`))}`);
  }

  line(line: string): void {
    if (line.startsWith('##[section]')) return;
    if (this.#rules > 0) {
      if (line === RULE) this.#rules -= 1;
      else if (this.#rules === 2) this.#rules = 0;
      if (this.#rules > 0 || line === RULE) return;
    }
    if (!this.everything && line === 'Generating script.') return;
    this.print(paintLine(line, this.colors));
  }
}

/** All steps with their results, job by job, in a table that is not wider than so many columns. */
export function resultTable({ jobs, result }: PipelineResult, colors: Colors, width = 80): string {
  const results = jobs.flatMap(({ steps }) => steps.map(step => wording[step.result].length));
  // Borders, blanks beside them, and the columns of time and issues.
  const others = 5 + 8 + 9 + 6 + Math.max(6, ...results);
  const titles = jobs.flatMap(({ steps }) => steps.map(({ title }) => title.length));
  const table = new Table({
    head: ['step', 'result', 'time', 'issues'],
    colAligns: ['left', 'left', 'right', 'right'],
    colWidths: [Math.min(Math.max(4, ...titles), width - others) + 2],
    wordWrap: true,
    style: { head: [], border: [] },
    // A title over all columns needs its lines.
    ...(jobs.length > 1 || jobs.flatMap(afterthoughts).length > 0
      ? {}
      : { chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } }),
  });
  for (const job of jobs) {
    if (jobs.length > 1) table.push([{ colSpan: 4, content: colors.bold(jobTitle(job)) }]);
    for (const step of job.steps) table.push(stepRow(step, colors));
    for (const problem of afterthoughts(job)) table.push([{ colSpan: 4, content: colors.yellow(problem) }]);
  }
  const verdict = resultPaint(result, colors)(wording[result]);
  return table.length === 0 ? verdict : `${table.toString()}\n${verdict}`;
}

function jobTitle({ pipelineStage, name, result }: JobResult): string {
  const stage = pipelineStage === defaultStage ? '' : `Stage ${pipelineStage}, `;
  return `${stage}${stage === '' ? 'J' : 'j'}ob ${name}: ${result === 'Skipped' ? 'skipped' : wording[result]}`;
}

function stepRow(step: StepResult, colors: Colors): string[] {
  const time = step.started ? `${(step.durationMs / 1000).toFixed(2)} s` : '';
  const issues = step.issues.length === 0 ? '' : String(step.issues.length);
  return [step.title, resultPaint(step.result, colors)(wording[step.result]), time, issues];
}

/** What a careful reader wants to know of the time after the last step. */
function afterthoughts({ leftovers, orphans, uploads }: JobResult): string[] {
  const secretFiles = leftovers.filter(({ secrets }) => secrets > 0);
  return [
    ...secretFiles.map(({ place, path }) => `A secret was left in the ${place}: ${path}`),
    ...uploads
      .filter(({ secrets }) => secrets > 0)
      .map(({ kind, name }) => `A secret stands in the ${kind} ${name}`),
    ...orphans.map(({ pid, command }) => `A process outlived the job: ${pid} ${command}`),
  ];
}

const wording: Readonly<Record<TaskResult, string>> = {
  Succeeded: 'succeeded',
  SucceededWithIssues: 'partially succeeded',
  Failed: 'failed',
  Canceled: 'canceled',
  Skipped: 'skipped',
  Abandoned: 'abandoned',
};

function resultPaint(result: TaskResult | JobOutcome, colors: Colors): Paint {
  switch (result) {
    case 'Succeeded':
      return colors.green;
    case 'SucceededWithIssues':
      return colors.yellow;
    case 'Failed':
    case 'Canceled':
    case 'Abandoned':
      return colors.red;
    case 'Skipped':
      return colors.dim;
  }
}
