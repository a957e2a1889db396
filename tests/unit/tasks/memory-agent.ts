import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Agent, TimelineRecord } from '#agent/agent';
import type { ServiceConnection } from '#agent/service-connection';
import { markFiles } from '#agent/mark-files';
import { OIDC_REQUEST_URI, settle, type StageSettings } from '#agent/stage-settings';
import { asObject, asText, parseJson } from '#text/json';
import { root } from '../../../scripts/paths.js';

export type Level = 'info' | 'debug' | 'warning' | 'error';

/** Everything that happened, in order. Requests and waits are added by the effects. */
export type Event =
  | { readonly kind: 'line'; readonly level: Level; readonly text: string }
  | { readonly kind: 'mask'; readonly secret: string }
  | {
      readonly kind: 'task variable';
      readonly name: string;
      readonly value: string;
      readonly secret: boolean;
    }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'job variable';
      readonly name: string;
      readonly value: string;
      readonly keepsCase: boolean;
    }
  | { readonly kind: 'output'; readonly name: string; readonly value: string }
  | { readonly kind: 'attachment'; readonly type: string; readonly name: string; readonly path: string }
  | { readonly kind: 'timeline record'; readonly record: TimelineRecord }
  | { readonly kind: 'progress'; readonly percent: number; readonly text: string }
  | { readonly kind: 'request'; readonly method: string; readonly url: string }
  | { readonly kind: 'answer'; readonly status: number | string }
  | { readonly kind: 'wait'; readonly milliseconds: number };

/** A service connection as its fields stand in the portal. */
export interface ConnectionFields {
  readonly url: string;
  readonly scheme?: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface AgentState {
  readonly inputs: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, ConnectionFields>>;
  readonly taskVariables: Readonly<Record<string, string>>;
  /** Of the system connection; unless given, what the variable says. */
  readonly collectionUrl?: string;
  /** Task variables whose names variables of the job bear. */
  readonly forged?: readonly string[];
}

/** The agent, as far as a task can tell: it remembers what it was told, and in which order. */
export class MemoryAgent implements Agent {
  readonly events: Event[] = [];
  readonly marks = markFiles;
  readonly taskVariables: Map<string, string>;
  readonly #state: AgentState;
  #reinstated: StageSettings | undefined;

  constructor(state: AgentState) {
    this.#state = state;
    this.taskVariables = new Map(Object.entries(state.taskVariables));
  }

  /** A later stage of the same step: it sees the task variables, and nothing else that happened. */
  laterStage(): MemoryAgent {
    return new MemoryAgent({ ...this.#state, taskVariables: Object.fromEntries(this.taskVariables) });
  }

  input(name: string): string {
    return (this.#state.inputs[name] ?? '').trim();
  }

  inputOfSome(name: string): string {
    return this.input(name);
  }

  secretInput(name: string): string {
    return this.#masked(this.input(name));
  }

  variable(name: string): string | undefined {
    const kept = name === OIDC_REQUEST_URI ? this.#reinstated?.oidcRequestUri : undefined;
    return kept ?? this.#state.variables[name];
  }

  settings(): StageSettings {
    const connection = this.connection(this.input('patIssuer'));
    return {
      collection: this.collectionUrl(),
      proxyUrl: '',
      connection: undefined,
      ...(connection !== undefined && settle(connection, name => this.#state.variables[name])),
    };
  }

  reinstate(settings: StageSettings): void {
    this.#reinstated = settings;
  }

  taskVariableMayBeForged(name: string): boolean {
    return this.#state.forged?.includes(name) === true;
  }

  connection(id: string): ServiceConnection | undefined {
    const kept = this.#reinstated?.connection;
    if (kept?.id === id) {
      const secrets = this.#state.connections[id]?.secrets ?? {};
      return {
        id,
        url: kept.url,
        scheme: kept.scheme ?? 'Token',
        field: name => kept.fields[name] ?? '',
        written: name => kept.fields[name] ?? '',
        secret: name => this.#masked(secrets[name] ?? ''),
      };
    }
    const connection = this.#state.connections[id];
    if (connection === undefined) return undefined;
    return {
      id,
      url: connection.url,
      scheme: connection.scheme ?? 'Token',
      field: name => (connection.fields[name] ?? '').trim(),
      written: name => connection.fields[name] ?? '',
      secret: name => this.#masked(connection.secrets[name] ?? ''),
    };
  }

  collectionUrl(): string {
    return this.#state.collectionUrl ?? this.#state.variables['System.TeamFoundationCollectionUri'] ?? '';
  }

  carriesJobToken(authorization: string): boolean {
    const token = this.#state.variables['System.AccessToken'] ?? '';
    return token !== '' && authorization.includes(token);
  }

  jobToken(): string {
    return this.#masked(this.#state.variables['System.AccessToken'] ?? '');
  }

  taskVariable(name: string): string | undefined {
    return this.taskVariables.get(name);
  }

  secretTaskVariable(name: string): string | undefined {
    return this.#masked(this.taskVariables.get(name) ?? '');
  }

  setTaskVariable(name: string, value: string): Promise<void> {
    return this.#remember(name, value, false);
  }

  setSecretTaskVariable(name: string, value: string): Promise<void> {
    return this.#remember(name, value, true);
  }

  mask(secret: string): void {
    this.events.push({ kind: 'mask', secret });
  }

  setSecretVariable(name: string, value: string): void {
    this.events.push({ kind: 'variable', name, value });
  }

  setJobVariable(name: string, value: string, keepsCase = false): void {
    this.events.push({ kind: 'job variable', name, value, keepsCase });
  }

  setOutput(name: string, value: string): void {
    this.events.push({ kind: 'output', name, value });
  }

  attachSummary(path: string): void {
    this.attach('Distributedtask.Core.Summary', basename(path), path);
  }

  attach(type: string, name: string, path: string): void {
    this.events.push({ kind: 'attachment', type, name, path });
  }

  timelineRecord(record: TimelineRecord): void {
    this.events.push({ kind: 'timeline record', record });
  }

  info(text: string): void {
    this.events.push({ kind: 'line', level: 'info', text });
  }

  debug(text: string): void {
    this.events.push({ kind: 'line', level: 'debug', text });
  }

  warning(text: string): void {
    this.events.push({ kind: 'line', level: 'warning', text });
  }

  error(text: string): void {
    this.events.push({ kind: 'line', level: 'error', text });
  }

  progress(percent: number, text: string): void {
    this.events.push({ kind: 'progress', percent, text });
  }

  lines(level?: Level): string[] {
    return this.events.flatMap(event =>
      event.kind === 'line' && (level === undefined || event.level === level) ? [event.text] : [],
    );
  }

  get masks(): string[] {
    return this.events.flatMap(event => (event.kind === 'mask' ? [event.secret] : []));
  }

  get secretVariables(): Record<string, string> {
    return this.#values('variable');
  }

  get timelineRecords(): TimelineRecord[] {
    return this.events.flatMap(event => (event.kind === 'timeline record' ? [event.record] : []));
  }

  get jobVariables(): Record<string, string> {
    return this.#values('job variable');
  }

  get outputs(): Record<string, string> {
    return this.#values('output');
  }

  #values(kind: 'variable' | 'job variable' | 'output'): Record<string, string> {
    return Object.fromEntries(
      this.events.flatMap(event => (event.kind === kind ? [[event.name, event.value]] : [])),
    );
  }

  #masked(secret: string): string {
    if (secret !== '') this.mask(secret);
    return secret;
  }

  #remember(name: string, value: string, secret: boolean): Promise<void> {
    this.taskVariables.set(name, value);
    this.events.push({ kind: 'task variable', name, value, secret });
    return Promise.resolve();
  }
}

/** The inputs of a step that names none: the agent applies the defaults of task.json. */
export function defaultInputs(
  task: 'IssuePat' | 'RevokePat' | 'RotatePat' | 'RenewPatIssuer' | 'AuditPats' = 'IssuePat',
): Record<string, string> {
  const path = `${root}/tasks/${task}/${task}V1/task.json`;
  const inputs = asObject(parseJson(readFileSync(path, 'utf8')))?.['inputs'];
  if (!Array.isArray(inputs)) throw new Error(`${path} has no inputs`);
  return Object.fromEntries(
    inputs.map(entry => {
      const input = asObject(entry);
      return [asText(input?.['name']) ?? '', asText(input?.['defaultValue']) ?? ''];
    }),
  );
}
