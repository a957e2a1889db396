import assert from 'node:assert/strict';
import { emulatedRun, issuerConnection, issuerConnectionName } from '#local-agent/emulated-run';
import {
  type JobOptions,
  type JobResult,
  runJob,
  type ServiceConnection,
  type Stage,
  type StepResult,
  type Timing,
} from '#local-agent/index';
import { type Emulator, type EmulatorOptions, type RequestRecord, startEmulator } from '#emulator/index';
import { packagedExtension, taskNode } from './packaged-extension.js';

export type Inputs = Readonly<Record<string, string | boolean>>;

/** The agent's delays, short enough for a test and long enough for a task to react. */
export const quickTiming: Partial<Timing> = {
  pipeMs: 1_000,
  retryUnitMs: 5,
  cancelBudgetMs: 30_000,
};

/** A step `IssuePat@1` that is called `pat` and asks for `vso.code`, unless told otherwise. */
export function issueStep(inputs: Inputs = {}, settings: object = {}): object {
  return {
    task: 'IssuePat@1',
    name: 'pat',
    ...settings,
    inputs: { patIssuer: issuerConnectionName, scopes: 'vso.code', ...inputs },
  };
}

/** A step `IssuePat@1` without a service connection. */
export function issueStepWithoutConnection(inputs: Inputs, settings: object = {}): object {
  return { task: 'IssuePat@1', name: 'pat', ...settings, inputs: { scopes: 'vso.code', ...inputs } };
}

export interface JobWish extends Partial<Omit<JobOptions, 'pipeline'>> {
  /** The steps of the job; one `issueStep()` by default. */
  readonly steps?: readonly object[];
  /** Fields of the service connection, in place of the ones that fit the emulator. */
  readonly connection?: Readonly<Record<string, string>>;
  /** Its confidential fields. */
  readonly credentials?: Readonly<Record<string, string>>;
}

/** Runs a job of the packaged extension in an organization of the emulator. */
export async function runIssuingJob(emulator: Emulator, wish: JobWish = {}): Promise<JobResult> {
  const { steps = [issueStep()], connection, credentials, variables, timing, ...options } = wish;
  const run = emulatedRun(emulator);
  return runJob({
    vsix: packagedExtension(),
    node: taskNode,
    ...run,
    serviceConnections: { [issuerConnectionName]: issuer(emulator, connection, credentials) },
    ...options,
    pipeline: { steps },
    variables: { ...run.variables, ...variables },
    timing: { ...quickTiming, ...timing },
  });
}

/** The connection to the emulator's service user with some fields replaced. */
export function issuer(
  emulator: Emulator,
  fields: Readonly<Record<string, string>> = {},
  credentials: Readonly<Record<string, string>> = {},
): ServiceConnection {
  const { url, ...data } = fields;
  const connection = issuerConnection(emulator, data);
  return {
    ...connection,
    ...(url === undefined ? {} : { url }),
    parameters: { ...connection.parameters, ...credentials },
  };
}

/** Hands an emulator of its own to a test, and closes it afterwards. */
export async function withEmulator<T>(
  use: (emulator: Emulator) => Promise<T>,
  options: EmulatorOptions = {},
): Promise<T> {
  const emulator = await startEmulator(options);
  try {
    return await use(emulator);
  } finally {
    await emulator.close();
  }
}

/** Gives each test of a suite an emulator of its own. */
export function emulatorForEachTest(options: EmulatorOptions = {}): () => Emulator {
  let current: Emulator | undefined;
  beforeEach(async () => {
    current = await startEmulator(options);
  });
  afterEach(async () => {
    await current?.close();
    current = undefined;
  });
  return () => current ?? assert.fail('The emulator runs within a test only.');
}

/** One stage of a step. Fails when the job has none. */
function stageOf(job: JobResult, stage: Stage, name = 'pat'): StepResult {
  const found = job.steps.find(step => step.stage === stage && step.name === name);
  return found ?? assert.fail(`The job has no ${stage} stage of ${name}.`);
}

export const mainOf = (job: JobResult, name = 'pat'): StepResult => stageOf(job, 'main', name);
export const postOf = (job: JobResult, name = 'pat'): StepResult => stageOf(job, 'post', name);

/** The step of a script, by its reference name. */
export function logOf(step: StepResult): string {
  return step.log.join('\n');
}

/** What the run shows of a step: its errors, or its warnings. */
export function issuesOf(step: StepResult, type: 'error' | 'warning' = 'error'): string {
  return step.issues
    .filter(issue => issue.type === type)
    .map(issue => issue.message)
    .join('\n');
}

/** The operations that were asked for, in their order. */
export function operationsOf(emulator: Emulator): RequestRecord['operation'][] {
  return emulator.requests.map(({ operation }) => operation);
}

/** Waits for promises of which at most `width` are under way: jobs are processes, and cores are few. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** Fails unless the text is this moment in ISO 8601, UTC. The service keeps finer steps than a text tells. */
export function assertMoment(text: string | undefined, moment: Date | undefined): void {
  assert.match(text ?? '', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);
  const apart = Math.abs(Date.parse(text ?? '') - (moment?.getTime() ?? 0));
  assert.ok(apart <= 10, `${String(text)} is ${apart} ms away.`);
}
