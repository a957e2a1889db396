import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '#emulator/runs/run';
import type { Pat } from '#emulator/pats/store';
import { asObject, asText, objectsOf, parseJson } from '#text/json';
import type { StepOfJob } from './agent.js';
import { Issuers } from './issuers.js';
import type { LifePlan, SignIn, StorePlan } from './plan.js';
import type { World } from './world.js';

export const ORGANIZATIONS = ['contoso', 'fabrikam', 'tailspin'] as const;
export const HOME = 'contoso';
const GROUP = 'deploy';
const KEPT = 'Git server';

const DAY = 86_400_000;
export const OVERLAP = DAY;
export const JOB_PAT_LIFE = 3_600_000;
export const ROTATED_LIFE = 30 * DAY;
const FIRST_RUN = 4_711;
export const VAULT = 'contoso.vault.azure.net';

/** A job of a run, while it lives and afterwards. */
export interface RunningJob {
  readonly build: Build;
  readonly jobId: string;
  live: boolean;
}

/** A rotated PAT and where it is kept. */
export interface Entry {
  readonly plan: StorePlan;
  readonly name: string;
  readonly variableName: string;
}

/** What an administrator has set up: the issuer's connection, stores with what is in them, PATs of others. */
export class Cloud {
  readonly entries: readonly Entry[];
  readonly foreign = new Set<string>();
  readonly jobs: RunningJob[] = [];
  readonly #issuers: Issuers;

  constructor(
    readonly world: World,
    plan: LifePlan,
  ) {
    this.#issuers = new Issuers(world, HOME, ORGANIZATIONS);
    this.entries = plan.stores.map((store, index) => ({
      plan: store,
      // One name in two stores: two PATs that have nothing to do with each other.
      name: 'mirror',
      variableName: `PAT_${index}`,
    }));
    this.#stock();
    this.#addForeign(plan.foreignPats);
  }

  get issuer() {
    return this.#issuers.stored;
  }

  get group() {
    return this.world.services.variableGroups.get(GROUP);
  }

  get kept() {
    return this.world.services.connections.get(KEPT);
  }

  get usesGroup(): boolean {
    return this.entries.some(({ plan }) => plan.kind === 'variableGroup');
  }

  get usesConnection(): boolean {
    return this.entries.some(({ plan }) => plan.kind === 'serviceConnection');
  }

  get usesVault(): boolean {
    return this.entries.some(({ plan }) => plan.kind === 'keyVault');
  }

  /** An access token of an administrator of the organizations. */
  get administratorToken(): string {
    return this.#issuers.administratorToken;
  }

  /** The principal name of the issuing user. */
  get issuingUser(): string {
    return this.world.services.entra.user.principalName;
  }

  /** The start of the names of all generations of an entry, as the contract writes them. */
  lineage({ plan, name, variableName }: Entry): string {
    const place = {
      variableGroup: () => `variablegroup/${HOME}/${this.group.id}/${variableName}`,
      serviceConnection: () => `serviceconnection/${HOME}/${this.kept.id}/apitoken`,
      keyVault: () => `keyvault/${VAULT}/${secretNameOf(variableName)}`,
    }[plan.kind]();
    return `${name} job-pat:rotated/${markOf(place.toLowerCase())}/`;
  }

  /** A run with one job, as the pipeline starts it. */
  startJob(): RunningJob {
    const jobId = this.world.random.guid();
    const build = this.world.services.runs.addBuild({
      organization: HOME,
      ...(this.jobs.length === 0 ? { id: FIRST_RUN } : {}),
      jobs: [{ id: jobId }],
    });
    const job = { build, jobId, live: true };
    this.jobs.push(job);
    return job;
  }

  endJob(job: RunningJob): void {
    job.live = false;
    this.world.services.runs.finish(job.build, 'failed');
  }

  /** A step of the task in this job; inputs that are not given have the defaults of task.json. */
  step(
    task: string,
    inputs: Readonly<Record<string, string>>,
    { build, jobId }: RunningJob,
    signIn: SignIn = 'connection',
  ): StepOfJob {
    const { services } = this.world;
    const token = services.jobs.issueToken({ organization: HOME, expiresInSeconds: 2 * 86_400 }).value;
    const issuer = this.#issuers.of(signIn, token, { project: build.project, jobId });
    return {
      inputs: { ...defaultInputs(task), ...issuer.inputs, ...inputs },
      variables: {
        ...issuer.variables,
        'System.HostType': 'build',
        'System.TeamFoundationCollectionUri': `https://dev.azure.com/${HOME}/`,
        'System.TeamProjectId': build.project.id,
        'System.TeamProject': build.project.name,
        'System.JobId': jobId,
        'System.TaskInstanceId': this.world.random.stream('step', build.id).guid(),
        'Agent.TempDirectory': '/agent/_work/_temp',
        'Build.BuildId': String(build.id),
        'Build.BuildNumber': '20260301.1',
        'Build.DefinitionName': 'Nightly',
      },
      connections: { ...issuer.connections, ...(this.usesVault ? this.#issuers.azure : {}) },
      jobToken: this.world.secret(token, "the job's token"),
      taskVariables: new Map(),
    };
  }

  /** What a store holds now: the value, and the authorization id beside it. */
  held({ plan, variableName }: Entry): { value: string | undefined; recorded: string | undefined } {
    if (plan.kind === 'keyVault') {
      const secret = this.world.services.keyVault.current(secretNameOf(variableName));
      return { value: secret?.value, recorded: secret?.tags['jobPatAuthorizationId'] };
    }
    if (plan.kind === 'serviceConnection') {
      const { parameters, description } = this.kept;
      return { value: parameters['apitoken'], recorded: /job-pat:rotated\/(\S+)/.exec(description)?.[1] };
    }
    const { variables } = this.group;
    return {
      value: variables[variableName]?.value ?? undefined,
      recorded: variables[`${variableName}.authorizationId`]?.value ?? undefined,
    };
  }

  /** A person gives each secret a tag more: a new version, as every change is one. */
  tagSecrets(tag: string): void {
    const { keyVault } = this.world.services;
    for (const { variableName } of this.entries) {
      const name = secretNameOf(variableName);
      const secret = keyVault.current(name);
      if (secret !== undefined) keyVault.set(name, { ...secret, tags: { ...secret.tags, [tag]: 'yes' } });
    }
  }

  /** Tags of secrets beside those of ours. */
  get otherTags(): unknown[] {
    return this.entries.map(({ variableName }) => {
      const { tags = {} } = this.world.services.keyVault.current(secretNameOf(variableName)) ?? {};
      return Object.entries(tags).filter(([name]) => name !== 'jobPatAuthorizationId');
    });
  }

  /** Makes the stores, and puts into them what they begin with. */
  #stock(): void {
    const { services } = this.world;
    const [first] = this.entries;
    if (this.usesGroup) {
      const others = {
        URL: { value: 'https://example.com' },
        PASSWORD: { value: 'of others', isSecret: true },
      };
      services.variableGroups.add({ organization: HOME, name: GROUP, variables: others });
      for (const entry of this.entries) {
        const pat = this.#stored(entry);
        if (pat === undefined) continue;
        this.group.variables = {
          ...this.group.variables,
          [entry.variableName]: { value: pat.value, isSecret: true },
          ...(isRecorded(entry) && {
            [`${entry.variableName}.authorizationId`]: { value: pat.authorizationId },
          }),
        };
      }
    }
    if (this.usesVault) {
      for (const entry of this.entries) {
        const pat = this.#stored(entry);
        if (pat === undefined) continue;
        const record = isRecorded(entry) ? { jobPatAuthorizationId: pat.authorizationId } : {};
        const tags = { owner: 'us', ...record };
        services.keyVault.set(secretNameOf(entry.variableName), { value: pat.value, tags });
      }
    }
    if (!this.usesConnection || first === undefined) return;
    services.connections.add({ name: KEPT, type: 'ExternalGit', scheme: 'Token', description: 'Ours.' });
    const pat = this.#stored(first);
    if (pat === undefined) return;
    const { kept } = this;
    kept.parameters = { apitoken: pat.value };
    if (isRecorded(first)) kept.description = `Ours.\njob-pat:rotated/${pat.authorizationId}`;
    kept.references = kept.references.map(reference => ({ ...reference, description: kept.description }));
  }

  /** The generation that an entry begins with. */
  #stored(entry: Entry): Pat | undefined {
    const { before } = entry.plan;
    if (before === 'empty') return undefined;
    const age = before === 'due' ? DAY * 25 : DAY * 3;
    const validFrom = new Date(this.world.time.now - age);
    const [pat] = this.world.services.pats.seed([
      {
        organization: HOME,
        displayName: before === 'foreign' ? 'made by hand' : `${this.lineage(entry)}0123abcd`,
        revoked: before === 'dead',
        scope: 'vso.code',
        validFrom,
        validTo: new Date(validFrom.getTime() + ROTATED_LIFE),
      },
    ]);
    if (pat === undefined) return undefined;
    this.world.secret(pat.value, 'a PAT');
    if (before === 'foreign') this.foreign.add(pat.authorizationId);
    return pat;
  }

  #addForeign(count: number): void {
    const { random, services } = this.world;
    const draw = random.stream('foreign');
    const names = [
      'laptop',
      'Job PAT',
      'mirror',
      `x job-pat:build/${draw.guid()}/1/00000000/00000000`,
      `mirror job-pat:rotated/${draw.bytes(4).toString('hex')}`,
      `mirror job-pat:rotated/${draw.bytes(4).toString('hex')}/0123abcd`,
      'mirror job-pat:rotated/00000000/zzzzzzzz',
      ' job-pat:build/1/2/3/4',
    ];
    const validFrom = new Date(this.world.time.now - DAY);
    const others = services.entra.addUser({ displayName: 'Somebody else' });
    for (const pat of services.pats.seed(
      Array.from({ length: count }, () => ({
        organization: draw.pick(ORGANIZATIONS),
        displayName: draw.pick(names),
        ...(draw.chance(0.2) && { owner: others }),
        validFrom,
      })),
    )) {
      this.foreign.add(pat.authorizationId);
      this.world.secret(pat.value, 'a PAT of somebody else');
    }
  }
}

/** Secrets of a vault have no underscore in their names. */
function secretNameOf(variableName: string): string {
  return variableName.replace('_', '-');
}

function isRecorded({ plan }: Entry): boolean {
  return plan.before !== 'foreign';
}

/** Places are few, and the same in all lives. */
const marks = new Map<string, string>();

function markOf(place: string): string {
  const mark = marks.get(place) ?? createHash('sha256').update(place).digest('hex').slice(0, 8);
  marks.set(place, mark);
  return mark;
}

const inputs = new Map<string, Readonly<Record<string, string>>>();

/** The inputs of a step that names none: the agent applies the defaults of task.json. */
function defaultInputs(task: string): Readonly<Record<string, string>> {
  const known = inputs.get(task);
  if (known !== undefined) return known;
  const definition = asObject(parseJson(readFileSync(join('tasks', task, `${task}V1`, 'task.json'), 'utf8')));
  const read = Object.fromEntries(
    objectsOf(definition?.['inputs']).map(input => [
      asText(input['name']) ?? '',
      asText(input['defaultValue']) ?? '',
    ]),
  );
  inputs.set(task, read);
  return read;
}
