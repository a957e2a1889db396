import { evaluateExpression, type ExpressionScope, type ExpressionValue, isTruthy } from './expressions.js';
import type { JobOutcome } from './results.js';
import type { JobResult, PipelineStageResult } from './job-result.js';
import { sameName } from './pipeline.js';
import type { VariableStore } from './variables.js';

/** Whether a step may run. Throws ExpressionError if the condition is no valid expression. */
export function stepConditionHolds(condition: string, status: JobOutcome, variables: VariableStore): boolean {
  const scope: ExpressionScope = {
    read: ([context, name]) =>
      context === 'variables' && name !== undefined ? (variables.get(name) ?? null) : undefined,
    status: name => statusFunction(name, status),
  };
  return isTruthy(evaluateExpression(condition, scope));
}

function statusFunction(name: string, status: JobOutcome): boolean | undefined {
  switch (name) {
    case 'always':
      return true;
    case 'succeeded':
      return status === 'Succeeded' || status === 'SucceededWithIssues';
    case 'failed':
      return status === 'Failed';
    case 'canceled':
      return status === 'Canceled';
    case 'succeededorfailed':
      return status !== 'Canceled';
    default:
      return undefined;
  }
}

/** What a job can look back at. */
export interface Dependencies {
  /** The jobs of its stage that it depends on. */
  readonly jobs: readonly JobResult[];
  /** The stages that its stage depends on. */
  readonly stages: readonly PipelineStageResult[];
}

/** Whether a stage may run after the stages it depends on. Throws ExpressionError. */
export function stageConditionHolds(
  condition: string,
  stages: readonly PipelineStageResult[],
  canceled: boolean,
  variables: ReadonlyMap<string, string>,
): boolean {
  return holdsAfter(condition, stages, { jobs: [], stages }, canceled, variables);
}

/** Whether a job may run after the jobs it depends on. Throws ExpressionError. */
export function jobConditionHolds(
  condition: string,
  dependencies: Dependencies,
  canceled: boolean,
  variables: ReadonlyMap<string, string>,
): boolean {
  return holdsAfter(condition, dependencies.jobs, dependencies, canceled, variables);
}

function holdsAfter(
  condition: string,
  before: readonly Pick<JobResult, 'name' | 'result'>[],
  dependencies: Dependencies,
  canceled: boolean,
  variables: ReadonlyMap<string, string>,
): boolean {
  const scope: ExpressionScope = {
    read: path => {
      const [context, name] = path;
      if (context === 'variables' && name !== undefined) return variables.get(name) ?? null;
      return readDependency(path, dependencies)?.value;
    },
    status: (name, args) => {
      const looked =
        args.length === 0 ? before : before.filter(({ name }) => args.some(arg => sameName(arg, name)));
      const succeeded = looked.every(
        ({ result }) => result === 'Succeeded' || result === 'SucceededWithIssues',
      );
      const failed = looked.some(({ result }) => result === 'Failed');
      switch (name) {
        case 'always':
          return true;
        case 'succeeded':
          return succeeded && !canceled;
        case 'failed':
          return failed && !canceled;
        case 'canceled':
          return canceled;
        case 'succeededorfailed':
          return (succeeded || failed) && !canceled;
        default:
          return undefined;
      }
    },
  };
  return isTruthy(evaluateExpression(condition, scope));
}

interface DependencyValue {
  readonly value: ExpressionValue;
  readonly isSecret: boolean;
}

/**
 * `dependencies.<job>.outputs['<ref>.<name>']`, `dependencies.<stage>.outputs['<job>.<ref>.<name>']`,
 * `stageDependencies.<stage>.<job>.outputs['<ref>.<name>']`, and `result` in the place of `outputs`;
 * undefined: no such job, stage or member.
 */
function readDependency(
  [context, ...path]: readonly string[],
  { jobs, stages }: Dependencies,
): DependencyValue | undefined {
  const [first = '', ...rest] = path;
  const stage = stages.find(({ name }) => sameName(name, first));
  if (context === 'stagedependencies') {
    const [jobName = '', ...member] = rest;
    const job = stage?.jobs.find(({ name }) => sameName(name, jobName));
    return job && readMember(job.result, job.outputs, member);
  }
  if (context !== 'dependencies') return undefined;
  const job = jobs.find(({ name }) => sameName(name, first));
  if (job !== undefined) return readMember(job.result, job.outputs, rest);
  return stage && readMember(stage.result, outputsOf(stage), rest);
}

function readMember(
  result: string,
  outputs: JobResult['outputs'],
  [member, outputName]: readonly string[],
): DependencyValue | undefined {
  if (member === 'result') return { value: result, isSecret: false };
  if (member !== 'outputs' || outputName === undefined) return undefined;
  const output = Object.entries(outputs).find(([name]) => sameName(name, outputName))?.[1];
  return output ?? { value: null, isSecret: false };
}

/** By `<job>.<reference name>.<variable>`. */
function outputsOf({ jobs }: PipelineStageResult): JobResult['outputs'] {
  return Object.fromEntries(
    jobs.flatMap(job => Object.entries(job.outputs).map(([name, value]) => [`${job.name}.${name}`, value])),
  );
}

/** Evaluates a variable's `$[ expression ]`; other values stay. A value from a secret output is secret. */
export function evaluateVariable(
  value: string,
  dependencies: Dependencies,
  variable: (name: string) => string | undefined,
): { value: string; isSecret: boolean } {
  const expression = /^\s*\$\[(.*)\]\s*$/s.exec(value)?.[1];
  if (expression === undefined) return { value, isSecret: false };
  let isSecret = false;
  const result = evaluateExpression(expression, {
    read: path => {
      const [context, name] = path;
      if (context === 'variables' && name !== undefined) return variable(name) ?? null;
      const found = readDependency(path, dependencies);
      isSecret ||= found?.isSecret ?? false;
      return found?.value;
    },
    status: () => undefined,
  });
  return { value: result === null ? '' : String(result), isSecret };
}
