import type { Stage } from './results.js';
import type { CommandRestriction } from './restrictions.js';
import { type JsonObject, objectOf, objectsOf, parseJsonObject, stringsOf, textOf } from './json.js';

/** A handler of one stage; only those that can run here lead to a process. */
export interface Handler {
  readonly kind: HandlerKind;
  /** The script, relative to the task's folder. */
  readonly target: string;
  readonly workingDirectory: string;
  /** Lower case. */
  readonly platforms: readonly string[];
}

/** The handlers that the agent knows, in the order in which it prefers them. */
const handlerKinds = [
  'Node24',
  'Node20_1',
  'Node16',
  'Node10',
  'Node',
  'PowerShell3',
  'PowerShell',
  'AzurePowerShell',
  'PowerShellExe',
  'Process',
] as const;
export type HandlerKind = (typeof handlerKinds)[number];

export interface TaskInput {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: string;
  readonly defaultValue: string;
}

export interface TaskDefinition {
  readonly id: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly description: string;
  readonly author: string;
  readonly helpMarkDown: string;
  readonly version: { readonly major: number; readonly text: string };
  readonly inputs: readonly TaskInput[];
  /** Names declared in `outputVariables`: a plain `setvariable` of one becomes an output. */
  readonly outputVariables: readonly string[];
  readonly stages: Readonly<Record<Stage, readonly Handler[] | undefined>>;
  /** Keys of handlers that the agent drops without a word. */
  readonly unknownHandlers: readonly string[];
  readonly restriction: CommandRestriction;
}

/** Reads a task.json. Throws if the parts that the agent itself needs are missing. */
export function parseTaskDefinition(text: string, path: string): TaskDefinition {
  const json = parseJsonObject(text, path);
  const version = objectOf(json, 'version');
  const [major, minor, patch] = ['Major', 'Minor', 'Patch'].map(part => textOf(version, part));
  if (textOf(json, 'id') === '' || textOf(json, 'name') === '' || !/^\d+$/.test(major ?? '')) {
    throw new Error(`${path} lacks id, name or version.`);
  }
  const unknownHandlers: string[] = [];
  const stage = (member: string) => parseHandlers(json, member, unknownHandlers);
  return {
    id: textOf(json, 'id').toLowerCase(),
    name: textOf(json, 'name'),
    friendlyName: textOf(json, 'friendlyName') || textOf(json, 'name'),
    description: textOf(json, 'description'),
    author: textOf(json, 'author'),
    helpMarkDown: textOf(json, 'helpMarkDown'),
    version: { major: Number(major), text: `${major ?? ''}.${minor ?? ''}.${patch ?? ''}` },
    inputs: objectsOf(json, 'inputs').map(input => ({
      name: textOf(input, 'name').trim(),
      aliases: stringsOf(input, 'aliases') ?? [],
      type: textOf(input, 'type'),
      defaultValue: textOf(input, 'defaultValue'),
    })),
    outputVariables: objectsOf(json, 'outputVariables').map(output => textOf(output, 'name')),
    stages: { pre: stage('prejobexecution'), main: stage('execution'), post: stage('postjobexecution') },
    unknownHandlers,
    restriction: parseRestriction(objectOf(json, 'restrictions')),
  };
}

function parseHandlers(json: JsonObject, member: string, unknown: string[]): Handler[] | undefined {
  if (json[member] === undefined) return undefined;
  const handlers: Handler[] = [];
  for (const [key, value] of Object.entries(objectOf(json, member))) {
    const kind = handlerKinds.find(known => known.toLowerCase() === key.toLowerCase());
    if (kind === undefined) {
      unknown.push(`${member}.${key}`);
      continue;
    }
    const handler = objectOf({ value }, 'value');
    handlers.push({
      kind,
      target: textOf(handler, 'target'),
      workingDirectory: textOf(handler, 'workingDirectory'),
      platforms: (stringsOf(handler, 'platforms') ?? []).map(platform => platform.toLowerCase()),
    });
  }
  return handlers;
}

function parseRestriction(restrictions: JsonObject): CommandRestriction {
  const settable = stringsOf(objectOf(restrictions, 'settableVariables'), 'allowed');
  return {
    commands:
      textOf(objectOf(restrictions, 'commands'), 'mode').toLowerCase() === 'restricted'
        ? 'restricted'
        : 'any',
    ...(settable === undefined ? {} : { settableVariables: settable }),
  };
}

/** The handler that the agent takes on this platform: by its own order, whatever the order in task.json. */
export function chooseHandler(handlers: readonly Handler[], platform: NodeJS.Platform): Handler | undefined {
  const preferred = (handler: Handler) =>
    platform === 'win32' && handler.platforms.includes('windows') ? 0 : handlerKinds.length;
  const rank = (handler: Handler) => preferred(handler) + handlerKinds.indexOf(handler.kind);
  return [...handlers].sort((a, b) => rank(a) - rank(b))[0];
}

export function runsOnNode(handler: Handler): boolean {
  return handler.kind.startsWith('Node');
}
