import { delimiter, isAbsolute, normalize, resolve } from 'node:path';
import { refusesNul, variablesWin } from './agent-version.js';
import type { Endpoint } from './service-connections.js';
import { systemConnectionId } from './service-connections.js';
import type { TaskDefinition } from './task-definition.js';
import { replaceMacros, type Variable, type VariableStore } from './variables.js';

export type Environment = Record<string, string>;

/** A name as an environment variable: `.` and space become `_`, the rest upper case; nothing else changes. */
export function environmentName(name: string, preserveCase = false): string {
  const mangled = name.replaceAll('.', '_').replaceAll(' ', '_');
  return preserveCase ? mangled : mangled.toUpperCase();
}

/**
 * The inputs of a stage: defaults, then the step's values, both trimmed; `$(name)` from the variables, then from
 * the agent's own environment, not trimmed any more; file paths rooted, an empty one at the root itself.
 */
export function computeInputs(
  definition: TaskDefinition,
  given: ReadonlyMap<string, string>,
  variables: VariableStore,
  agentEnvironment: Environment,
): Map<string, string> {
  const trim = (text: string) => (variables.isTrue('DISABLE_INPUT_TRIMMING') ? text : text.trim());
  const trimAgain = variables.isTrue('AGENT_ENABLE_VARIABLE_INPUT_TRIMMING');
  const inputs = new Map<string, string>();
  for (const input of definition.inputs) inputs.set(input.name, input.defaultValue.trim());
  for (const [name, value] of given) inputs.set(name.trim(), trim(value));

  for (const [name, value] of inputs) {
    const fromVariables = variables.replaceMacros(value);
    const expanded = replaceMacros(fromVariables, variable => agentEnvironment[variable]);
    inputs.set(name, trimAgain ? expanded.trim() : expanded);
  }
  for (const { name, type } of definition.inputs) {
    if (type.toLowerCase() === 'filepath') inputs.set(name, rootPath(inputs.get(name) ?? '', variables));
  }
  return inputs;
}

function rootPath(path: string, variables: VariableStore): string {
  if (isAbsolute(path)) return normalize(path);
  const release = variables.get('System.HostType') !== 'build';
  const root = variables.get(release ? 'System.ArtifactsDirectory' : 'Build.SourcesDirectory') ?? '';
  return resolve(root, path);
}

/** The endpoints that a task gets: those its `connectedService:` inputs hold, and always the system connection. */
export function endpointsOf(
  definition: TaskDefinition,
  inputs: ReadonlyMap<string, string>,
  endpoints: readonly Endpoint[],
): Endpoint[] {
  const ids = definition.inputs
    .filter(({ type }) => type.startsWith('connectedService:'))
    .flatMap(({ name }) => (inputs.get(name) ?? '').split(','))
    .map(id => id.trim().toLowerCase());
  return endpoints.filter(({ id }) => id === systemConnectionId || ids.includes(id));
}

export interface TaskEnvironmentParts {
  readonly agent: Environment;
  readonly stepEnv: ReadonlyMap<string, string>;
  readonly variables: VariableStore;
  readonly inputs: ReadonlyMap<string, string>;
  readonly endpoints: readonly Endpoint[];
  readonly taskVariables: VariableStore;
  /** The last prepended first. */
  readonly prependedPath: readonly string[];
  readonly agentVersion: string;
}

/**
 * The environment of a task's process, written in the order of the agent's version: what comes later wins. In the
 * older order a variable can stand in for an input or a connection. Throws if a newer agent refuses a value.
 */
export function taskEnvironment(parts: TaskEnvironmentParts): Environment {
  const env: Environment = { ...parts.agent };
  writeStepEnv(env, parts.stepEnv, parts.variables);
  const last = variablesWin(parts.agentVersion);
  if (!last) writeVariables(env, parts.variables.all());
  for (const [name, value] of parts.inputs) env[`INPUT_${environmentName(name)}`] = value;
  for (const endpoint of parts.endpoints) writeEndpoint(env, endpoint);
  if (last) writeVariables(env, parts.variables.all());
  for (const { name, value, preserveCase } of parts.taskVariables.all()) {
    env[`VSTS_TASKVARIABLE_${environmentName(name, preserveCase)}`] = value;
  }
  return withoutNul(finish(env, parts), parts.agentVersion);
}

/** Public variables under their names, secret ones under `SECRET_`, and the true names of both. */
function writeVariables(env: Environment, variables: readonly Variable[]): void {
  writePublicVariables(env, variables);
  const secret = variables.filter(({ isSecret }) => isSecret);
  for (const { name, value } of secret) env[`SECRET_${environmentName(name)}`] = value;
  const names = (list: readonly Variable[]) => JSON.stringify(list.map(({ name }) => name));
  env['VSTS_PUBLIC_VARIABLES'] = names(variables.filter(({ isSecret }) => !isSecret));
  env['VSTS_SECRET_VARIABLES'] = names(secret);
}

function withoutNul(env: Environment, agentVersion: string): Environment {
  for (const [name, value] of Object.entries(env)) {
    if (!`${name}${value}`.includes('\0')) continue;
    if (refusesNul(agentVersion))
      throw new Error(`The environment variable '${name}' contains a null character.`);
    const [before = ''] = value.split('\0');
    env[name] = before;
  }
  return env;
}

/** The environment of a script: public variables and what `env:` maps; no secret, no input, no credential. */
export function scriptEnvironment(
  parts: Pick<TaskEnvironmentParts, 'agent' | 'stepEnv' | 'variables' | 'prependedPath'>,
): Environment {
  const env: Environment = { ...parts.agent };
  writeStepEnv(env, parts.stepEnv, parts.variables);
  writePublicVariables(env, parts.variables.all());
  return finish(env, parts);
}

function writeStepEnv(
  env: Environment,
  stepEnv: ReadonlyMap<string, string>,
  variables: VariableStore,
): void {
  for (const [name, value] of stepEnv) env[name.trim()] = variables.replaceMacros(value.trim());
}

function writePublicVariables(env: Environment, variables: readonly Variable[]): void {
  for (const { name, value, isSecret, preserveCase } of variables) {
    if (isSecret) continue;
    env[environmentName(name, preserveCase)] = value;
    if (name.toLowerCase() === 'agent.jobstatus') env['agent.jobstatus'] = value;
  }
}

function writeEndpoint(env: Environment, { id, url, scheme, parameters, data }: Endpoint): void {
  env[`ENDPOINT_URL_${id}`] = url;
  env[`ENDPOINT_AUTH_${id}`] = JSON.stringify({ parameters: Object.fromEntries(parameters), scheme });
  env[`ENDPOINT_AUTH_SCHEME_${id}`] = scheme;
  for (const [name, value] of parameters)
    env[`ENDPOINT_AUTH_PARAMETER_${id}_${environmentName(name)}`] = value;
  if (id === systemConnectionId) return;
  env[`ENDPOINT_DATA_${id}`] = JSON.stringify(Object.fromEntries(data));
  for (const [name, value] of data) env[`ENDPOINT_DATA_${id}_${environmentName(name)}`] = value;
}

function finish(env: Environment, { prependedPath, variables, stepEnv, agent }: PathParts): Environment {
  if (prependedPath.length > 0) {
    const rest = variables.get('PATH') ?? stepEnv.get('PATH') ?? agent['PATH'] ?? '';
    env['PATH'] = [...prependedPath, rest].join(delimiter);
  }
  env['TF_BUILD'] = 'True';
  return env;
}

type PathParts = Pick<TaskEnvironmentParts, 'prependedPath' | 'variables' | 'stepEnv' | 'agent'>;
