import type { Agent, TimelineRecord } from '#agent/agent';
import type { ServiceConnection } from '#agent/service-connection';
import type { MarkFiles } from '#agent/mark-files';
import { settle, type StageSettings } from '#agent/stage-settings';
import type { Process } from './process.js';
import type { World } from './world.js';

/** A service connection as the agent hands it over. */
export interface ConnectionOfJob {
  readonly url: string;
  readonly scheme: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** One step of a job: what its stages share. */
export interface StepOfJob {
  readonly inputs: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, ConnectionOfJob>>;
  readonly jobToken: string;
  /** Kept by the agent as long as the job. */
  readonly taskVariables: Map<string, string>;
}

/** What a stage handed to its agent. */
export interface Handed {
  readonly secretVariables: Map<string, string>;
  readonly outputs: Map<string, string>;
  readonly lines: string[];
}

/** The agent, for one stage: it takes what is written as soon as it is written, so a kill loses nothing of that. */
export class SimulatedAgent implements Agent {
  readonly marks: MarkFiles;
  readonly handed: Handed = { secretVariables: new Map(), outputs: new Map(), lines: [] };
  readonly #masked = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly process: Process,
    private readonly step: StepOfJob,
  ) {
    this.marks = world.marksFor(process);
  }

  input(name: string): string {
    return (this.step.inputs[name] ?? '').trim();
  }

  inputOfSome(name: string): string {
    return this.input(name);
  }

  secretInput(name: string): string {
    return this.#hidden(this.input(name));
  }

  variable(name: string): string | undefined {
    return this.step.variables[name];
  }

  connection(id: string): ServiceConnection | undefined {
    const connection = this.step.connections[id];
    if (connection === undefined) return undefined;
    const { url, scheme, fields, secrets } = connection;
    return {
      id,
      url,
      scheme,
      field: name => fields[name] ?? '',
      written: name => fields[name] ?? '',
      secret: name => this.#hidden(secrets[name] ?? ''),
    };
  }

  collectionUrl(): string {
    return this.step.variables['System.TeamFoundationCollectionUri'] ?? '';
  }

  settings(): StageSettings {
    const connection = this.connection(this.input('patIssuer'));
    const settled =
      connection === undefined ? { connection: undefined } : settle(connection, name => this.variable(name));
    return { collection: this.collectionUrl(), proxyUrl: '', ...settled };
  }

  reinstate(): void {
    // No step of a simulated job sets a variable: they are what they were.
  }

  taskVariableMayBeForged(): boolean {
    return false;
  }

  carriesJobToken(authorization: string): boolean {
    return authorization.includes(this.step.jobToken);
  }

  jobToken(): string {
    return this.#hidden(this.step.jobToken);
  }

  taskVariable(name: string): string | undefined {
    return this.step.taskVariables.get(name);
  }

  secretTaskVariable(name: string): string | undefined {
    return this.#hidden(this.step.taskVariables.get(name) ?? '');
  }

  async setTaskVariable(name: string, value: string): Promise<void> {
    this.#mayShow(value, `the task variable ${name}, which is not secret`);
    await this.#write(() => this.step.taskVariables.set(name, value));
  }

  async setSecretTaskVariable(name: string, value: string): Promise<void> {
    this.mask(value);
    await this.#write(() => this.step.taskVariables.set(name, value));
  }

  mask(secret: string): void {
    this.#masked.add(secret);
  }

  setSecretVariable(name: string, value: string): void {
    const isBasic = [...this.#masked].some(secret => value === Buffer.from(`:${secret}`).toString('base64'));
    if (!this.#masked.has(value) && !isBasic)
      this.world.violated(`${this.process.name} hands out ${name} before it is masked`);
    if (this.process.calls().end === undefined) this.handed.secretVariables.set(name, value);
  }

  setJobVariable(): void {
    // No step of a simulated job reads one.
  }

  setOutput(name: string, value: string): void {
    this.#mayShow(value, `the output ${name}`);
    if (this.process.calls().end === undefined) this.handed.outputs.set(name, value);
  }

  attachSummary(): void {
    // Files are no part of a life.
  }

  attach(): void {
    // Likewise.
  }

  timelineRecord({ type, name, detail }: TimelineRecord): void {
    this.#mayShow(`${type} ${name} ${detail}`, 'the timeline');
  }

  info(text: string): void {
    this.#print('', text);
  }

  debug(text: string): void {
    this.#print('debug: ', text);
  }

  warning(text: string): void {
    this.#print('warning: ', text);
  }

  error(text: string): void {
    this.#print('error: ', text);
  }

  progress(_percent: number, text: string): void {
    this.#mayShow(text, 'the progress');
  }

  #print(level: string, text: string): void {
    this.#mayShow(text, 'the log');
    if (!this.process.isAlive()) return;
    this.handed.lines.push(text);
    if (text.includes('Trying again')) this.world.tally.count('retries');
    this.world.tell(this.process.name, `“${level}${text}”`);
  }

  #mayShow(text: string, where: string): void {
    const shown = this.world.shownIn(text);
    if (shown !== undefined) this.world.violated(`${this.process.name} shows ${shown} in ${where}`);
  }

  #hidden(secret: string): string {
    if (secret !== '') this.mask(secret);
    return secret;
  }

  async #write(written: () => void): Promise<void> {
    const call = this.process.calls();
    if (call.end === undefined) {
      written();
      call.sent();
    }
    await this.process.hears(undefined);
  }
}
