import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '#emulator/runs/run';
import type { Pat } from '#emulator/pats/store';
import { asObject, asText, objectsOf, parseJson } from '#text/json';
import type { ConnectionOfJob, StepOfJob } from './agent.js';
import type { LifePlan, StorePlan } from './plan.js';
import type { World } from './world.js';

export const ORGANIZATIONS = ['contoso', 'fabrikam', 'tailspin'] as const;
export const HOME = 'contoso';
const ISSUER = 'PAT issuer';
const GROUP = 'deploy';
const KEPT = 'Git server';

const DAY = 86_400_000;
export const OVERLAP = DAY;
export const JOB_PAT_LIFE = 3_600_000;
export const ROTATED_LIFE = 30 * DAY;
const CEILINGS = { allowedScopes: 'vso.code', maxLifetime: '2h', maxRotatedLifetime: '90d' };

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
  #runs = 4_711;

  constructor(
    readonly world: World,
    plan: LifePlan,
  ) {
    const { services } = world;
    const { entra } = services;
    world.secret(entra.refreshToken, 'the refresh token');
    services.connections.add({
      name: ISSUER,
      type: 'jobPatIssuer',
      url: `https://dev.azure.com/${HOME}`,
      scheme: 'Token',
      description: 'Of the service user.',
      data: {
        tenantId: entra.tenantId,
        clientId: entra.clientId,
        allowedOrganizations: ORGANIZATIONS.join(' '),
        ...CEILINGS,
      },
      parameters: { apitoken: entra.refreshToken },
    });
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
    return this.world.services.connections.get(ISSUER);
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

  /** The start of the names of all generations of an entry, as the contract writes them. */
  lineage({ plan, name, variableName }: Entry): string {
    const place =
      plan.kind === 'variableGroup'
        ? `variablegroup/${HOME}/${this.group.id}/${variableName}`
        : `serviceconnection/${HOME}/${this.kept.id}/apitoken`;
    const mark = createHash('sha256').update(place.toLowerCase()).digest('hex').slice(0, 8);
    return `${name} job-pat:rotated/${mark}/`;
  }

  /** A run with one job, as the pipeline starts it. */
  startJob(): RunningJob {
    const jobId = this.world.random.guid();
    const build = this.world.services.runs.addBuild({
      organization: HOME,
      id: this.#runs++,
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
  step(task: string, inputs: Readonly<Record<string, string>>, { build, jobId }: RunningJob): StepOfJob {
    const { services } = this.world;
    const { url, scheme, data, parameters, id } = this.issuer;
    const issuer: ConnectionOfJob = { url, scheme, fields: data, secrets: parameters };
    const token = services.jobs.issueToken({ organization: HOME, expiresInSeconds: 2 * 86_400 }).value;
    return {
      inputs: { ...defaultInputs(task), patIssuer: id, ...inputs },
      variables: {
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
      connections: { [id]: issuer },
      jobToken: this.world.secret(token, "the job's token"),
      taskVariables: new Map(),
    };
  }

  /** What a store holds now: the value, and the authorization id beside it. */
  held({ plan, variableName }: Entry): { value: string | undefined; recorded: string | undefined } {
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
          [`${entry.variableName}.authorizationId`]: { value: pat.authorizationId },
        };
      }
    }
    if (!this.usesConnection || first === undefined) return;
    services.connections.add({ name: KEPT, type: 'ExternalGit', scheme: 'Token', description: 'Ours.' });
    const pat = this.#stored(first);
    if (pat === undefined) return;
    const { kept } = this;
    kept.parameters = { apitoken: pat.value };
    kept.description = `Ours.\njob-pat:rotated/${pat.authorizationId}`;
    kept.references = kept.references.map(reference => ({ ...reference, description: kept.description }));
  }

  /** The generation that an entry begins with. */
  #stored(entry: Entry): Pat | undefined {
    const { before } = entry.plan;
    if (before === 'empty') return undefined;
    const age = before === 'fresh' ? DAY * 3 : DAY * 25;
    const validFrom = new Date(this.world.time.now - age);
    const [pat] = this.world.services.pats.seed([
      {
        organization: HOME,
        displayName: `${this.lineage(entry)}0123abcd`,
        scope: 'vso.code',
        validFrom,
        validTo: new Date(validFrom.getTime() + ROTATED_LIFE),
      },
    ]);
    if (pat !== undefined) this.world.secret(pat.value, 'a PAT');
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
    for (const pat of services.pats.seed(
      Array.from({ length: count }, () => ({
        organization: draw.pick(ORGANIZATIONS),
        displayName: draw.pick(names),
        validFrom,
      })),
    )) {
      this.foreign.add(pat.authorizationId);
      this.world.secret(pat.value, 'a PAT of somebody else');
    }
  }
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
