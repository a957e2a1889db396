import { minimatch } from 'minimatch';

/** What a step's output may do: from task.json, from the step's `target:` or from the caller. All must agree. */
export interface CommandRestriction {
  readonly commands?: 'any' | 'restricted';
  /** Patterns of variable names; absent means every name. */
  readonly settableVariables?: readonly string[];
}

const allowedWhenRestricted: ReadonlySet<string> = new Set([
  'task.setvariable',
  'task.setsecret',
  'task.settaskvariable',
  'task.logissue',
  'task.issue',
  'task.complete',
  'task.debug',
  'task.setprogress',
  'task.logdetail',
  'task.prependpath',
  'telemetry.publish',
]);

export function mayUseCommand(
  restrictions: readonly CommandRestriction[],
  area: string,
  event: string,
): boolean {
  const restricted = restrictions.some(restriction => restriction.commands === 'restricted');
  return !restricted || allowedWhenRestricted.has(`${area}.${event}`);
}

export function maySetVariable(restrictions: readonly CommandRestriction[], name: string): boolean {
  return restrictions.every(
    ({ settableVariables }) =>
      settableVariables === undefined ||
      settableVariables.some(pattern => minimatch(name, pattern, { nocase: true, dot: true })),
  );
}
