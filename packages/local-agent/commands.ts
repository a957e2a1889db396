import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { systemConnectionCanBeSet } from './agent-version.js';
import type { HostType } from './job-folders.js';
import type { Upload } from './job-result.js';
import { escapeCommandData, type LoggingCommand } from './logging-command.js';
import type { SecretMasker } from './masker.js';
import { type CommandRestriction, maySetVariable } from './restrictions.js';
import { parseTaskResult } from './results.js';
import { type Endpoint, systemConnectionId } from './service-connections.js';
import type { DetailTimeline } from './detail-timeline.js';
import type { StageLog } from './stage-log.js';
import type { VariableStore } from './variables.js';

/** What the commands of a stage act upon. */
export interface CommandTarget {
  readonly log: StageLog;
  readonly hostType: HostType;
  readonly restrictions: readonly CommandRestriction[];
  readonly masker: SecretMasker;
  readonly variables: VariableStore;
  readonly taskVariables: VariableStore;
  readonly refName: string;
  /** Names that the task declares as outputs, lower case. */
  readonly declaredOutputs: ReadonlySet<string>;
  /** The names of the job's outputs, `<reference name>.<variable>`. */
  readonly outputs: Set<string>;
  readonly endpoints: readonly Endpoint[];
  /** The last prepended first. */
  readonly prependedPath: string[];
  readonly buildTags: string[];
  readonly timeline: DetailTimeline;
  readonly agentVersion: string;
  /** What the step's record shows, unmasked. */
  progress(percent: number, currentOperation: string): void;
  upload(upload: Omit<Upload, 'secrets' | 'step'>): void;
  /** `done=true`: the step ends soon, whether its process does or not. */
  complete(): void;
}

type CommandHandler = (target: CommandTarget, command: LoggingCommand) => void;

interface CommandArea {
  readonly hosts: readonly HostType[];
  readonly events: Readonly<Record<string, CommandHandler>>;
}

const everywhere: readonly HostType[] = ['build', 'release', 'deployment'];
const nothing: CommandHandler = () => undefined;

/** The commands by area and event, both lower case. A handler throws if the command cannot be processed. */
export const commandHandlers: Readonly<Record<string, CommandArea>> = {
  task: {
    hosts: everywhere,
    events: {
      setvariable: setVariable,
      settaskvariable: setTaskVariable,
      setsecret: ({ masker }, { data }) => {
        masker.add(data);
      },
      logissue: logIssue,
      issue: logIssue,
      complete: completeTask,
      debug: ({ log }, { data }) => {
        log.debug(data);
      },
      setprogress: (target, { properties, data }) => {
        const value = Number.parseInt(properties.get('value') ?? '0', 10);
        target.progress(Math.min(Math.max(Number.isNaN(value) ? 0 : value, 0), 100), data);
      },
      logdetail: ({ timeline }, { properties, data }) => {
        timeline.update(properties, data);
      },
      prependpath: prependPath,
      uploadsummary: uploadSummary,
      uploadfile: (target, { data }) => {
        upload(target, 'file', 'DistributedTask.Core.FileAttachment', basename(data), data);
      },
      addattachment: (target, command) => {
        const [type, name] = [required(command, 'type'), required(command, 'name')];
        for (const text of [type, name]) {
          if (/[/\0]/.test(text))
            throw new Error(`'${text}' contains characters that a file name cannot have.`);
        }
        upload(target, 'attachment', type, name, command.data);
      },
      setendpoint: setEndpoint,
    },
  },
  telemetry: { hosts: everywhere, events: { publish: nothing } },
  results: { hosts: everywhere, events: { publish: nothing } },
  codecoverage: { hosts: everywhere, events: { publish: nothing } },
  build: {
    hosts: everywhere,
    events: {
      addbuildtag: ({ buildTags }, { data }) => {
        const tag = data.trim();
        if (tag === '' || tag.includes(':')) throw new Error(`'${tag}' cannot be a build tag.`);
        buildTags.push(tag);
      },
      updatebuildnumber: ({ variables }, { data }) => {
        if (data === '') throw new Error('A build number is required.');
        variables.set('Build.BuildNumber', data);
      },
      uploadlog: (target, { data }) => {
        upload(target, 'build log', '', basename(data), data);
      },
      uploadsummary: uploadSummary,
    },
  },
  artifact: {
    hosts: everywhere,
    events: {
      upload: (target, command) => {
        if (target.hostType !== 'build')
          throw new Error('artifact.upload is not supported for release flow.');
        const name = required(command, 'artifactname');
        const content = statSync(command.data).isDirectory() ? Buffer.alloc(0) : readFileSync(command.data);
        target.upload({ kind: 'artifact', type: required(command, 'containerfolder'), name, content });
      },
      associate: nothing,
    },
  },
  release: {
    hosts: ['release', 'deployment'],
    events: {
      updatereleasename: ({ variables }, { data }) => {
        if (data === '') throw new Error('A release name is required.');
        variables.set('Release.ReleaseName', data);
      },
    },
  },
};

function setVariable(target: CommandTarget, command: LoggingCommand): void {
  const { variables, masker, restrictions, log } = target;
  const name = required(command, 'variable');
  const isSecret = flag(command, 'issecret');
  variables.checkWritable(name, variables.isTrue('agent.readOnlyVariables'));
  if (isSecret) refuseSeveralLines(target, command.data);
  if (!maySetVariable(restrictions, name)) {
    if (isSecret) masker.add(escapeCommandData(command.data));
    log.warning(`Setting variable '${name}' has been disabled by the task or build definition.`);
    return;
  }
  if (isSecret) masker.addVariable(command.data);

  const isMarkedOutput = flag(command, 'isoutput');
  const isOutput = isMarkedOutput || target.declaredOutputs.has(name.toLowerCase());
  const stored = isOutput ? `${target.refName}.${name}` : name;
  variables.set(stored, command.data, {
    isSecret,
    isReadOnly: flag(command, 'isreadonly') || isMarkedOutput,
    preserveCase: flag(command, 'preservecase'),
  });
  if (isOutput) target.outputs.add(stored);
}

function setTaskVariable(target: CommandTarget, command: LoggingCommand): void {
  const name = required(command, 'variable');
  const isSecret = flag(command, 'issecret');
  target.taskVariables.checkWritable(name, target.variables.isTrue('agent.readOnlyVariables'));
  if (isSecret) {
    refuseSeveralLines(target, command.data);
    target.masker.add(command.data);
  }
  target.taskVariables.set(name, command.data, {
    isSecret,
    isReadOnly: flag(command, 'isreadonly'),
    preserveCase: flag(command, 'preservecase'),
  });
}

function refuseSeveralLines({ variables }: CommandTarget, data: string): void {
  const newline = process.platform === 'win32' ? '\r\n' : '\n';
  if (data.includes(newline) && !variables.isTrue('SYSTEM_UNSAFEALLOWMULTILINESECRET')) {
    throw new Error('Secrets cannot contain multiple lines');
  }
}

/** Without a type it is no error, but a warning about the command. */
function logIssue({ log }: CommandTarget, { properties, data }: LoggingCommand): void {
  const type = properties.get('type')?.toLowerCase();
  if (type === undefined) {
    log.warning("Can't create TaskIssue from logging event.");
    return;
  }
  if (type !== 'error' && type !== 'warning')
    throw new Error(`issue type ${type} is not an expected issue type.`);
  const path = properties.get('sourcepath') ?? '';
  const place = `${path}(${properties.get('linenumber') ?? '0'},${properties.get('columnnumber') ?? '0'})`;
  const message = path === '' ? data : `${place}: ${type} ${properties.get('code') ?? ''}: ${data}`;
  log.issue(type, message, Object.fromEntries(properties));
}

function completeTask(target: CommandTarget, command: LoggingCommand): void {
  const result = parseTaskResult(command.properties.get('result') ?? '');
  if (result === undefined) throw new Error("Command doesn't have valid result value.");
  target.log.merge(result);
  target.progress(100, command.data);
  if (flag(command, 'done')) target.complete();
}

function prependPath({ prependedPath, restrictions, log }: CommandTarget, { data }: LoggingCommand): void {
  if (data === '') throw new Error('A path is required.');
  if (!maySetVariable(restrictions, 'PATH')) {
    log.warning("Setting variable 'PATH' has been disabled by the task or build definition.");
    return;
  }
  const known = prependedPath.indexOf(data);
  if (known >= 0) prependedPath.splice(known, 1);
  prependedPath.unshift(data);
}

function uploadSummary(target: CommandTarget, { data }: LoggingCommand): void {
  upload(target, 'summary', 'Distributedtask.Core.Summary', basename(data), data);
}

function upload(target: CommandTarget, kind: Upload['kind'], type: string, name: string, path: string): void {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new Error(`Cannot upload '${path}': the file does not exist.`, { cause: error });
  }
  target.upload({ kind, type, name, content });
}

/** Changes a connection for the rest of the job; of the system connection a newer agent only warns. */
function setEndpoint(target: CommandTarget, command: LoggingCommand): void {
  const { endpoints, masker, log } = target;
  if (command.data === '') throw new Error('Enter a valid value for setendpoint.');
  const field = required(command, 'field').toLowerCase();
  if (field === 'authparameter') masker.add(command.data);
  const id = required(command, 'id').toLowerCase();
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Error('The id of an endpoint is a GUID.');
  const wanted = id === noGuid ? systemConnectionId : id;
  const endpoint = endpoints.find(known => known.id === wanted);
  if (endpoint === undefined) throw new Error(`There is no endpoint '${id}'.`);
  if (endpoint.id === systemConnectionId && !systemConnectionCanBeSet(target.agentVersion)) {
    log.warning(`Modification of system endpoint '${endpoint.name}' is not allowed via setendpoint command.`);
    return;
  }
  switch (field) {
    case 'url':
      if (!URL.canParse(command.data)) throw new Error(`'${command.data}' is not a URL.`);
      endpoint.url = command.data;
      break;
    case 'dataparameter':
      endpoint.data.set(required(command, 'key'), command.data);
      break;
    case 'authparameter':
      endpoint.parameters.set(required(command, 'key'), command.data);
      break;
    default:
      throw new Error(`'${field}' is not a field of an endpoint.`);
  }
}

/** By this id the job message knows the system connection. */
const noGuid = '00000000-0000-0000-0000-000000000000';

function required({ area, event, properties }: LoggingCommand, name: string): string {
  const value = properties.get(name);
  if (value === undefined || value === '') {
    throw new Error(`Required field '${name}' is missing in ##vso[${area}.${event}] command.`);
  }
  return value;
}

function flag({ properties }: LoggingCommand, name: string): boolean {
  return properties.get(name)?.trim().toLowerCase() === 'true';
}
