import { Ajv } from 'ajv';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PNG } from 'pngjs';
import { purposes } from '#pat/purposes';
import { portalScopes } from '#pat/scopes';
import { absolute, withAbsoluteLinks, type Product } from './product.js';
import schema from './task.schema.json' with { type: 'json' };

export interface TaskInput {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly defaultValue?: string;
  readonly required?: boolean;
  readonly groupName?: string;
  readonly visibleRule?: string;
  readonly helpMarkDown?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

/** The parts of task.json that the build looks at. */
export interface TaskDefinition extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly version: { readonly Major: number; readonly Minor: number; readonly Patch: number };
  readonly inputs: readonly TaskInput[];
  readonly description: string;
  readonly minimumAgentVersion: string;
  readonly category: string;
  readonly runsOn?: readonly string[];
  readonly groups?: readonly { readonly name: string; readonly displayName: string }[];
  readonly outputVariables?: readonly { readonly name: string; readonly description: string }[];
  readonly restrictions?: {
    readonly commands?: { readonly mode: string };
    readonly settableVariables?: { readonly allowed: readonly string[] };
  };
  readonly execution?: Handlers;
  readonly postjobexecution?: Handlers;
}

type Handlers = Readonly<Record<string, { readonly target: string }>>;

/** A task's task.json as it ships: with links to the product's repository, at the tag of its version. */
export async function readTaskDefinition(folder: string, product: Product): Promise<TaskDefinition> {
  const source = JSON.stringify(await readTaskSource(folder, product));
  const text = withAbsoluteLinks(source, product).replace(
    /"helpUrl":"(?!https:)([^"]+)"/,
    (_, path: string) => `"helpUrl":"${absolute(path, product)}"`,
  );
  return JSON.parse(text) as TaskDefinition;
}

/** A task's task.json with the product's version and the lists of `scopes` (the portal's) and `purpose`. */
export async function readTaskSource(folder: string, { version }: Product): Promise<TaskDefinition> {
  const [major, minor, patch] = version.split('.').map(Number);
  const source = JSON.parse(await readFile(join(folder, 'task.json'), 'utf8')) as TaskDefinition;
  return {
    ...source,
    version: { Major: major ?? 0, Minor: minor ?? 0, Patch: patch ?? 0 },
    inputs: source.inputs.map(input => {
      const options = input.type === 'pickList' ? optionsOf(input.name) : undefined;
      return options === undefined ? input : { ...input, options };
    }),
  };
}

/** The lists that the code holds; a purpose says what its scopes allow beside it. */
function optionsOf(input: string): Record<string, string> | undefined {
  if (input === 'scopes') return Object.fromEntries(portalScopes().map(({ uri, label }) => [uri, label]));
  if (input !== 'purpose') return undefined;
  return Object.fromEntries(
    purposes.map(({ name, title, scopes, warning }) => [
      name,
      `${title} (${scopes.join(' ')})${warning === undefined ? '' : `. Beside it: ${warning}`}`,
    ]),
  );
}

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/**
 * What would make the task fail on an agent or in an editor, and what tfx only warns about or does not see.
 *
 * @param inputsRead names of the inputs that the code reads
 */
export async function taskDefinitionFaults(
  folder: string,
  definition: TaskDefinition,
  inputsRead: ReadonlySet<string>,
): Promise<string[]> {
  if (!validate(definition)) {
    return (validate.errors ?? []).map(
      error => `task.json ${error.instancePath || '/'} ${error.message ?? 'is wrong'}`,
    );
  }
  return [
    ...inputFaults(definition, inputsRead),
    ...handlerFaults(definition),
    ...versionFaults(folder, definition),
    ...(await iconFaults(folder)),
  ];
}

function inputFaults({ inputs, groups }: TaskDefinition, inputsRead: ReadonlySet<string>): string[] {
  const declared = new Set(inputs.map(input => input.name));
  const faults = [...inputsRead]
    .filter(name => !declared.has(name))
    .map(name => `the code reads input ${name}, which task.json lacks`);
  const groupNames = new Set((groups ?? []).map(group => group.name));
  for (const input of inputs) {
    if (!inputsRead.has(input.name))
      faults.push(`task.json has input ${input.name}, which the code never reads`);
    if (input.groupName !== undefined && !groupNames.has(input.groupName)) {
      faults.push(`input ${input.name} is in group ${input.groupName}, which does not exist`);
    }
    if (input.type === 'boolean' && input.defaultValue === undefined) {
      faults.push(
        `input ${input.name} has no default: an agent would hand over an empty text, which is false`,
      );
    }
    const free =
      input.options === undefined || input.defaultValue === undefined || input.defaultValue in input.options;
    if (!free) faults.push(`the default of input ${input.name} is not one of its options`);
    const rule = input.visibleRule;
    if (rule !== undefined) faults.push(...ruleFaults(input.name, rule, declared));
  }
  if (declared.size < inputs.length) faults.push('two inputs have the same name');
  return faults;
}

function ruleFaults(input: string, rule: string, declared: ReadonlySet<string>): string[] {
  return rule.split(/\s*(?:&&|\|\|)\s*/).flatMap(part => {
    const named = /^([A-Za-z][A-Za-z0-9]*) (?:=|==|!=) \S+$/.exec(part)?.[1];
    if (named === undefined) return [`the visibleRule of input ${input} is not of the form "name = value"`];
    return declared.has(named)
      ? []
      : [`the visibleRule of input ${input} names ${named}, which does not exist`];
  });
}

/** Both Node handlers with one target: `Node24` alone would run on Node 20 on most agents anyway. */
function handlerFaults(definition: TaskDefinition): string[] {
  return [definition.execution, definition.postjobexecution]
    .filter(handlers => handlers !== undefined)
    .filter(handlers => handlers['Node20_1']?.target !== handlers['Node24']?.target)
    .map(() => 'Node20_1 and Node24 have different targets');
}

function versionFaults(folder: string, { version }: TaskDefinition): string[] {
  const major = /V(\d+)$/.exec(basename(folder))?.[1];
  return Number(major) === version.Major
    ? []
    : [`the version of package.json is ${version.Major}.x, the folder says ${basename(folder)}`];
}

async function iconFaults(folder: string): Promise<string[]> {
  const bytes = await readFile(join(folder, 'icon.png')).catch(() => undefined);
  if (bytes === undefined) return ['icon.png is missing'];
  const { width, height } = PNG.sync.read(bytes);
  return width === 32 && height === 32
    ? []
    : [`icon.png is ${width}x${height}; the agent's editors want 32x32`];
}
