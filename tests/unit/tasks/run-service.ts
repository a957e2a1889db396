import { openServices } from '#emulator/services';
import type { BuildStatus, EnvironmentStatus, JobResult, JobState, ReleaseStatus } from '#emulator/runs/run';
import type { JobSeed } from '#emulator/runs/store';
import { asObject, objectsOf, parseJson, type JsonObject } from '#text/json';
import { errorMessage, json, type Answer } from './answers.js';
import { emulate } from './emulated.js';
import { START } from './world.js';

export const PROJECT = 'abababab-1212-4343-8565-787878787878';
export const OTHER_PROJECT = 'cdcdcdcd-3434-4565-8787-909090909090';
export const JOB = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
export const OTHER_JOB = '33333333-54f2-53f3-20dd-22fc7dff55f9';

interface Place {
  readonly organization?: string;
  readonly projectId?: string;
}

/** A job, completed unless it says otherwise; one of a release says with `status` how it is. */
interface Job {
  readonly id?: string;
  readonly state?: JobState;
  readonly status?: JobResult | 'inProgress' | 'pending';
  readonly startTime?: string | undefined;
  readonly finishTime?: string | undefined;
  readonly previousAttempts?: readonly { readonly recordId: string }[];
}

export interface AskedRun {
  readonly url: URL;
  readonly authorization: string;
}

/** Of a deleted build that tells when it was deleted as little as when it ended; for `says`. */
export const NO_END = { finishTime: undefined, deletedDate: undefined };

const LONG_AGO = new Date(START.getTime() - 700 * 60_000);

/** The Build and Release APIs of contoso and fabrikam, as the emulator has them. */
export class RunService {
  readonly requests: AskedRun[] = [];
  readonly #answers = new Map<string, Answer>();
  #now = START;
  readonly #services = openServices(
    { clock: () => this.#now, organizations: ['contoso', 'fabrikam'] },
    () => 'https://dev.azure.com',
  );

  constructor() {
    this.#project({});
    const { value } = this.#services.entra.issueAccessToken({ scopes: ['user_impersonation'] });
    for (const [host, area] of [
      ['https://dev.azure.com', 'build/builds'],
      ['https://vsrm.dev.azure.com', 'release/releases'],
    ] as const) {
      const path = new RegExp(`^/[^/]+/[^/]+/_apis/${area}[/?]`);
      emulate(
        host,
        path,
        this.#services,
        ({ url, headers }) => {
          this.requests.push({ url, authorization: headers['authorization'] ?? '' });
          const [, organization = '', , , ...rest] = url.pathname.split('/');
          return this.#answers.get(`${organization} ${rest.join('/')}`);
        },
        value,
      );
    }
  }

  build(
    id: number,
    status: BuildStatus,
    { finishTime, jobs = [], ...place }: Place & { finishTime?: string; jobs?: readonly Job[] } = {},
  ): this {
    this.#services.runs.addBuild({
      ...this.#project(place),
      id,
      status,
      ...(finishTime !== undefined && { finishTime: new Date(finishTime) }),
      jobs: jobs.map(jobSeed),
    });
    return this;
  }

  release(
    id: number,
    stages: readonly { readonly status: EnvironmentStatus; readonly jobs?: readonly Job[] }[],
    { modifiedOn, status = 'active', ...place }: Place & { modifiedOn?: string; status?: ReleaseStatus } = {},
  ): this {
    this.#services.runs.addRelease({
      ...this.#project(place),
      id,
      status,
      ...(modifiedOn !== undefined && { modifiedOn: new Date(modifiedOn) }),
      environments: stages.map(({ status, jobs = [] }) => ({ status, jobs: jobs.map(jobSeed) })),
    });
    return this;
  }

  /** A run that is among the deleted ones, and nowhere else: it was deleted long ago. */
  deleted(
    host: 'build' | 'release',
    id: number,
    { finishTime, ...place }: Place & { finishTime?: string } = {},
  ): this {
    const { runs } = this.#services;
    const at = this.#project(place);
    this.#now = LONG_AGO;
    runs.remove(
      host === 'release'
        ? runs.addRelease({ ...at, id })
        : runs.addBuild({
            ...at,
            id,
            status: finishTime === undefined ? 'inProgress' : 'completed',
            ...(finishTime !== undefined && { finishTime: new Date(finishTime) }),
          }),
    );
    this.#now = START;
    return this;
  }

  /** A project in which no run is known. */
  project(projectId: string, organization = 'contoso'): this {
    this.#project({ projectId, organization });
    return this;
  }

  /** What the service says of a path (from `build` or `release` on), whatever is stored. */
  answers(path: string, answer: Answer, organization = 'contoso'): this {
    this.#answers.set(`${organization} ${path}`, answer);
    return this;
  }

  /** The usual answer about a path, with other members; an entry of a list gets them each. */
  says(path: string, members: JsonObject): this {
    return this.answers(path, usual => {
      const told = asObject(parseJson(usual().body)) ?? {};
      const entries = objectsOf(told['value']).map(entry => ({ ...entry, ...members }));
      return json(200, entries.length > 0 ? { ...told, value: entries } : { ...told, ...members });
    });
  }

  /** The paths asked for, from the organization on. */
  get asked(): string[] {
    return this.requests.map(({ url }) => url.pathname.replace('/_apis', ''));
  }

  #project({ organization = 'contoso', projectId = PROJECT }: Place): Required<Place> {
    const { projects, organizations } = this.#services;
    if (projects.find(organizations.get(organization), projectId) === undefined)
      projects.add(organization, { id: projectId });
    return { organization, projectId };
  }
}

function jobSeed({ id = JOB, status, previousAttempts = [], ...job }: Job): JobSeed {
  const isUnderWay = status === 'inProgress' || status === 'pending';
  const state = job.state ?? (isUnderWay ? status : 'completed');
  const { startTime, finishTime } = job;
  return {
    id,
    state,
    ...(status !== undefined && !isUnderWay && { result: status }),
    ...(startTime !== undefined && { startTime: new Date(startTime) }),
    ...(finishTime !== undefined && { finishTime: new Date(finishTime) }),
    previousAttempts: previousAttempts.map(({ recordId }) => ({ id: recordId })),
  };
}

export const projectUnknown = errorMessage(
  404,
  'TF200016: The following project does not exist: x.',
  'ProjectDoesNotExistWithNameException',
);
export const runUnknown = errorMessage(
  404,
  'The requested build could not be found.',
  'BuildNotFoundException',
);
