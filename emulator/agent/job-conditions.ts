import { evaluateExpression, type ExpressionScope, type ExpressionValue, isTruthy } from './expressions.js';
import type { JobOutcome } from './results.js';
import type { JobResult } from './job-result.js';
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

/** Whether a job may run after the jobs it depends on. Throws ExpressionError. */
export function jobConditionHolds(
  condition: string,
  dependencies: readonly JobResult[],
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
        args.length === 0
          ? dependencies
          : dependencies.filter(job => args.some(arg => sameName(arg, job.name)));
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

/** `dependencies.<job>.result` and `dependencies.<job>.outputs['<ref>.<name>']`; undefined: no such job or member. */
function readDependency(
  path: readonly string[],
  dependencies: readonly JobResult[],
): DependencyValue | undefined {
  const [context, jobName, member, outputName] = path;
  const job = dependencies.find(({ name }) => sameName(name, jobName ?? ''));
  if (context !== 'dependencies' || job === undefined) return undefined;
  if (member === 'result') return { value: job.result, isSecret: false };
  if (member !== 'outputs' || outputName === undefined) return undefined;
  const output = Object.entries(job.outputs).find(([name]) => sameName(name, outputName))?.[1];
  return output ?? { value: null, isSecret: false };
}

/** Evaluates a variable's `$[ expression ]`; other values stay. A value from a secret output is secret. */
export function evaluateVariable(
  value: string,
  dependencies: readonly JobResult[],
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
