import { type Address, checkoutScript, withAddresses } from './checkout.js';
import { PipelineNode } from './pipeline-node.js';
import { readParameters, readVariables, type VariableGroups } from './pipeline-variables.js';
import type { CommandRestriction } from './restrictions.js';

export interface Pipeline {
  readonly name: string;
  /** A file without stages has one, called `__default`. */
  readonly stages: readonly PipelineStage[];
}

export interface PipelineStage {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly jobs: readonly PipelineJob[];
}

export interface PipelineJob {
  readonly name: string;
  readonly displayName: string;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly continueOnError: boolean;
  readonly timeoutInMinutes: number | undefined;
  readonly cancelTimeoutInMinutes: number | undefined;
  readonly variables: ReadonlyMap<string, string>;
  readonly steps: readonly PipelineStep[];
}

interface StepSettings {
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  readonly condition: string | undefined;
  readonly enabled: boolean;
  readonly continueOnError: boolean;
  readonly timeoutInMinutes: number | undefined;
  readonly retryCountOnTaskFailure: number;
  readonly env: ReadonlyMap<string, string>;
  readonly restriction: CommandRestriction;
}

export interface TaskStep extends StepSettings {
  readonly kind: 'task';
  readonly task: { readonly name: string; readonly major: number };
  readonly inputs: ReadonlyMap<string, string>;
}

export interface ScriptStep extends StepSettings {
  readonly kind: 'script';
  readonly shell: 'bash' | 'pwsh';
  readonly script: string;
  readonly workingDirectory: string;
  /** Of the agent, not of the pipeline's author: `checkout` and `publish`. */
  readonly isOwn: boolean;
}

export type PipelineStep = TaskStep | ScriptStep;

/** A pipeline written as an object, in the words of the YAML schema. */
export interface PipelineObject {
  readonly steps: readonly object[];
  readonly variables?: object;
}

export interface PipelineSettings {
  /** Template parameters; they win over the file's defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Variable groups that the file may name, by their name. */
  readonly variableGroups?: VariableGroups;
  /** Addresses in the file, and in what lies beside it, that another one stands in for. */
  readonly addresses?: readonly Address[];
}

const jobKeys = [
  'job',
  'displayName',
  'dependsOn',
  'condition',
  'continueOnError',
  'timeoutInMinutes',
  'cancelTimeoutInMinutes',
  'variables',
  'pool',
  'workspace',
  'steps',
];
const stageKeys = ['stage', 'displayName', 'dependsOn', 'condition', 'variables', 'pool', 'jobs'];
const fileKeys = ['name', 'appendCommitMessageToRunName', 'trigger', 'pr', 'schedules', 'pool', 'parameters'];
const settingKeys = [
  'name',
  'displayName',
  'condition',
  'enabled',
  'continueOnError',
  'timeoutInMinutes',
  'retryCountOnTaskFailure',
  'env',
  'target',
];

/** Reads a pipeline file or object. Throws PipelineError, with the line, about anything it does not know. */
export function readPipeline(pipeline: string | PipelineObject, settings: PipelineSettings = {}): Pipeline {
  const root =
    typeof pipeline === 'string'
      ? PipelineNode.fromFile(pipeline, text => withAddresses(text, settings.addresses ?? []))
      : PipelineNode.fromObject(pipeline);
  const fields = root.fields([
    ...fileKeys,
    'variables',
    'stages',
    'jobs',
    ...jobKeys.filter(key => key !== 'pool'),
  ]);
  readParameters(root, fields.get('parameters'), settings.parameters ?? {});
  const shared = readVariables(fields.get('variables'), settings.variableGroups);
  const name = fields.get('name')?.text() ?? '';

  const kinds = ['stages', 'jobs', 'steps'].filter(kind => fields.has(kind));
  if (kinds.length > 1) root.fail(`The pipeline has both ${kinds.join(' and ')}.`);
  const stages = fields.get('stages');
  if (stages !== undefined) return { name, stages: readStages(stages, shared, settings) };
  const jobs = fields.get('jobs');
  if (jobs === undefined && !fields.has('steps'))
    root.fail('The pipeline has neither stages, jobs nor steps.');
  const read =
    jobs === undefined ? [readJob(root, fields, new Map(), settings)] : readJobs(jobs, shared, settings);
  return { name, stages: [{ name: defaultStage, dependsOn: [], condition: undefined, jobs: read }] };
}

/** What Azure DevOps calls the stage of a pipeline without stages. */
export const defaultStage = '__default';

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

type Fields = ReadonlyMap<string, PipelineNode>;

/** A stage that does not say what it depends on depends on the one before it. */
function readStages(
  node: PipelineNode,
  shared: ReadonlyMap<string, string>,
  settings: PipelineSettings,
): PipelineStage[] {
  const stages: PipelineStage[] = [];
  for (const item of node.items()) {
    const fields = item.fields(stageKeys);
    const name = fields.get('stage')?.text() ?? item.fail('A stage needs a name.');
    if (!/^[A-Za-z_]\w*$/.test(name)) item.fail(`'${name}' cannot be the name of a stage.`);
    const jobs = fields.get('jobs') ?? item.fail(`Stage ${name} has no jobs.`);
    const previous = stages.at(-1);
    const dependsOn = fields.get('dependsOn')?.texts() ?? (previous === undefined ? [] : [previous.name]);
    checkOrder('Stage', { name, dependsOn }, stages, item);
    const variables = new Map([
      ...shared,
      ...readVariables(fields.get('variables'), settings.variableGroups),
    ]);
    stages.push({
      name,
      dependsOn,
      condition: fields.get('condition')?.text(),
      jobs: readJobs(jobs, variables, settings),
    });
  }
  return stages;
}

function readJobs(
  node: PipelineNode,
  shared: ReadonlyMap<string, string>,
  settings: PipelineSettings,
): PipelineJob[] {
  const jobs: PipelineJob[] = [];
  for (const item of node.items()) {
    const job = readJob(item, item.fields(jobKeys), shared, settings);
    checkOrder('Job', job, jobs, item);
    jobs.push(job);
  }
  return jobs;
}

/** Names are unique, and what is needed stands before the one that needs it. */
function checkOrder(
  what: 'Stage' | 'Job',
  { name, dependsOn }: Pick<PipelineStage, 'name' | 'dependsOn'>,
  before: readonly { readonly name: string }[],
  node: PipelineNode,
): void {
  const isBefore = (wanted: string) => before.some(other => sameName(other.name, wanted));
  if (isBefore(name)) node.fail(`${what} ${name} is there twice.`);
  const missing = dependsOn.find(needed => !isBefore(needed));
  if (missing !== undefined)
    node.fail(`${what} ${name} depends on ${missing}, which does not stand before it.`);
}

function readJob(
  node: PipelineNode,
  fields: Fields,
  shared: ReadonlyMap<string, string>,
  settings: PipelineSettings,
): PipelineJob {
  const name = fields.get('job')?.text() ?? 'Job';
  if (!/^[A-Za-z_]\w*$/.test(name)) node.fail(`'${name}' cannot be the name of a job.`);
  const steps = fields.get('steps');
  if (steps === undefined) return node.fail(`Job ${name} has no steps.`);
  return {
    name,
    displayName: fields.get('displayName')?.text() ?? name,
    dependsOn: fields.get('dependsOn')?.texts() ?? [],
    condition: fields.get('condition')?.text(),
    continueOnError: fields.get('continueOnError')?.boolean() ?? false,
    timeoutInMinutes: fields.get('timeoutInMinutes')?.number(),
    cancelTimeoutInMinutes: fields.get('cancelTimeoutInMinutes')?.number(),
    variables: new Map([...shared, ...readVariables(fields.get('variables'), settings.variableGroups)]),
    steps: steps.items().flatMap(step => readStep(step, settings)),
  };
}

const stepKinds = ['task', 'script', 'bash', 'pwsh', 'powershell', 'checkout', 'publish'] as const;

function readStep(node: PipelineNode, settings: PipelineSettings): PipelineStep[] {
  const keys = node.entries().map(([key]) => key);
  const kinds = stepKinds.filter(kind => keys.includes(kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) return node.fail(`A step is one of ${stepKinds.join(', ')}.`);
  switch (kind) {
    case 'checkout':
      return readCheckout(node, settings);
    case 'publish':
      return [readPublish(node)];
    case 'task':
      return [readTaskStep(node)];
    default:
      return [readScriptStep(node, kind)];
  }
}

/** There is no repository: `self` brings what lies beside the pipeline file. */
function readCheckout(node: PipelineNode, { addresses = [] }: PipelineSettings): PipelineStep[] {
  const fields = node.fields(['checkout', ...settingKeys]);
  const value = fields.get('checkout')?.text();
  if (value === 'none') return [];
  const { folder } = node;
  if (value !== 'self' || folder === undefined)
    return node.fail('Only checkout: none is known, and in a file checkout: self.');
  return [ownStep(fields, 'Checkout self', checkoutScript(folder, addresses))];
}

/** The folder becomes an artifact of the run. */
function readPublish(node: PipelineNode): PipelineStep {
  const fields = node.fields(['publish', 'artifact', ...settingKeys]);
  const [folder = '', name = ''] = ['publish', 'artifact'].map(key => fields.get(key)?.text());
  if (!/^[\w .-]+$/.test(name)) return node.fail("publish needs 'artifact': a name for the artifact.");
  const script = [
    `ls -1 "${folder}"`,
    `echo "##vso[artifact.upload containerfolder=${name};artifactname=${name}]${folder}"`,
  ].join('\n');
  return ownStep(fields, `Publish the artifact ${name}`, script);
}

function ownStep(fields: Fields, title: string, script: string): ScriptStep {
  const settings = readSettings(fields);
  return {
    kind: 'script',
    ...settings,
    displayName: settings.displayName ?? title,
    shell: 'bash',
    script,
    workingDirectory: '',
    isOwn: true,
  };
}

function readTaskStep(node: PipelineNode): TaskStep {
  const fields = node.fields(['task', 'inputs', ...settingKeys]);
  const reference = fields.get('task')?.text() ?? '';
  const [, name, major] = /^([\w.-]+)@(\d+)(?:\.\d+\.\d+)?$/.exec(reference) ?? [];
  if (name === undefined) return node.fail(`'${reference}' is no task reference; an example: IssuePat@1.`);
  return {
    kind: 'task',
    ...readSettings(fields),
    task: { name, major: Number(major) },
    inputs: fields.get('inputs')?.textMap() ?? new Map<string, string>(),
  };
}

function readScriptStep(node: PipelineNode, kind: 'script' | 'bash' | 'pwsh' | 'powershell'): ScriptStep {
  const fields = node.fields([kind, 'workingDirectory', 'failOnStderr', ...settingKeys]);
  if (fields.get('failOnStderr')?.boolean() === true) node.fail('failOnStderr: true is not known.');
  return {
    kind: 'script',
    ...readSettings(fields),
    shell: kind === 'pwsh' || kind === 'powershell' ? 'pwsh' : 'bash',
    script: fields.get(kind)?.text() ?? '',
    workingDirectory: fields.get('workingDirectory')?.text() ?? '',
    isOwn: false,
  };
}

function readSettings(fields: Fields): StepSettings {
  const name = fields.get('name');
  if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name.text())) {
    name.fail(`'${name.text()}' cannot be the name of a step: letters, digits and '_' only.`);
  }
  const retries = fields.get('retryCountOnTaskFailure');
  if ((retries?.number() ?? 0) > 10) retries?.fail('retryCountOnTaskFailure is at most 10.');
  return {
    name: name?.text(),
    displayName: fields.get('displayName')?.text(),
    condition: fields.get('condition')?.text(),
    enabled: fields.get('enabled')?.boolean() ?? true,
    continueOnError: fields.get('continueOnError')?.boolean() ?? false,
    timeoutInMinutes: fields.get('timeoutInMinutes')?.number(),
    retryCountOnTaskFailure: retries?.number() ?? 0,
    env: fields.get('env')?.textMap() ?? new Map<string, string>(),
    restriction: readTarget(fields.get('target')),
  };
}

function readTarget(target: PipelineNode | undefined): CommandRestriction {
  if (target === undefined) return {};
  if (!target.isMap()) return target.text() === 'host' ? {} : target.fail('Only target: host is known.');
  const fields = target.fields(['container', 'commands', 'settableVariables']);
  const container = fields.get('container');
  if (container !== undefined && container.text() !== 'host')
    container.fail('Only container: host is known.');
  const commands = fields.get('commands')?.text() ?? 'any';
  if (commands !== 'any' && commands !== 'restricted') return target.fail('commands is any or restricted.');
  const settable = fields.get('settableVariables');
  if (settable === undefined) return { commands };
  if (settable.isList()) return { commands, settableVariables: settable.texts() };
  return settable.text() === 'none'
    ? { commands, settableVariables: [] }
    : settable.fail('settableVariables is none or a list.');
}
