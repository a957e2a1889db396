import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';
import type { JobResult, PipelineResult, StepResult } from './job-result.js';
import { defaultStage } from './pipeline.js';
import type { JobOutcome, TaskResult } from './results.js';

type Paint = (text: string) => string;

/** A line of the log as a terminal shows it: the agent's `##[...]` prefixes become colours. */
export function paintLine(line: string, colors: Colors): string {
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

/** The banner that stands above a stage of a step. */
export function stageBanner(title: string, colors: Colors): string {
  return `\n${colors.bold(colors.cyan(`── ${title} ${'─'.repeat(Math.max(3, 74 - title.length))}`))}`;
}

/** All steps with their results, job by job. */
export function resultTable({ jobs, result }: PipelineResult, colors: Colors): string {
  const table = new Table({
    head: ['step', 'result', 'time', 'issues'],
    colAligns: ['left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
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
