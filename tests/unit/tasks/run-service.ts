import nock from 'nock';
import type { IncomingHttpHeaders } from 'node:http';
import { errorMessage, json, type Answer, type Reply } from './answers.js';

export const PROJECT = 'abababab-1212-4343-8565-787878787878';
export const OTHER_PROJECT = 'cdcdcdcd-3434-4565-8787-909090909090';
export const JOB = '12f1170f-54f2-53f3-20dd-22fc7dff55f9';
export const OTHER_JOB = '33333333-54f2-53f3-20dd-22fc7dff55f9';

interface Place {
  readonly organization?: string;
  readonly projectId?: string;
}

interface Job {
  readonly id?: string;
  readonly state?: string;
  readonly status?: string;
  readonly startTime?: string | undefined;
  readonly finishTime?: string | undefined;
  readonly previousAttempts?: readonly { readonly recordId: string }[];
}

export interface AskedRun {
  readonly url: URL;
  readonly authorization: string;
}

/** The Build and Release APIs of every organization, in memory behind nock. */
export class RunService {
  readonly requests: AskedRun[] = [];
  readonly #runs = new Map<string, unknown>();
  readonly #deleted = new Map<string, { readonly id: number }[]>();
  readonly #projects = new Set<string>();
  readonly #answers = new Map<string, Answer>();

  constructor() {
    this.#addProject('contoso', PROJECT);
    const path = /^\/[^/]+\/[^/]+\/_apis\/(build\/builds|release\/releases)[/?]/;
    const serve = (uri: string, headers: IncomingHttpHeaders) => this.#serve(uri, headers);
    for (const host of ['https://dev.azure.com', 'https://vsrm.dev.azure.com']) {
      nock(host)
        .persist()
        .get(path)
        .reply(function (uri, _body, done) {
          const reply = serve(uri, this.req.headers);
          if (reply instanceof Error) done(reply, [500]);
          else done(null, [reply.status, reply.body, { ...reply.headers }]);
        });
    }
  }

  build(
    id: number,
    status: string,
    { finishTime, jobs = [], ...place }: Place & { finishTime?: string; jobs?: readonly Job[] } = {},
  ): this {
    const project = this.#addProject(place.organization, place.projectId);
    const records = jobs.map(job => ({ id: JOB, type: 'Job', state: 'completed', ...job }));
    const stage = { id: '99999999-0000-4000-8000-000000000000', type: 'Stage', state: 'inProgress' };
    const task = { id: OTHER_JOB, parentId: JOB, type: 'Task', state: 'completed' };
    this.#put(place, `build/builds/${id}`, { id, status, finishTime, project: { id: project } });
    this.#put(place, `build/builds/${id}/timeline`, { records: [stage, ...records, task] });
    return this;
  }

  release(
    id: number,
    stages: readonly { readonly status: string; readonly jobs?: readonly Job[] }[],
    { modifiedOn, status = 'active', ...place }: Place & { modifiedOn?: string; status?: string } = {},
  ): this {
    const project = this.#addProject(place.organization, place.projectId);
    const environments = stages.map(stage => ({
      status: stage.status,
      deploySteps: [
        {
          releaseDeployPhases: [
            {
              deploymentJobs: (stage.jobs ?? []).map(({ id = JOB, ...job }) => ({
                job: { id: 1, timelineRecordId: id, ...job },
              })),
            },
          ],
        },
      ],
    }));
    const release = { id, status, modifiedOn, environments, projectReference: { id: project } };
    this.#put(place, `release/releases/${id}`, release);
    return this;
  }

  /** A run that is among the deleted ones, and nowhere else. */
  deleted(
    host: 'build' | 'release',
    id: number,
    { finishTime, ...place }: Place & { finishTime?: string } = {},
  ): this {
    const { organization = 'contoso', projectId = PROJECT } = place;
    this.#addProject(organization, projectId);
    const area = host === 'build' ? 'build/builds' : 'release/releases';
    const key = `${organization}/${projectId}/${area}`;
    const build = { id, status: 'completed', finishTime, deleted: true, project: { id: projectId } };
    const entry = host === 'build' ? build : { id, status: 'active', projectReference: { id: projectId } };
    this.#deleted.set(key, [...(this.#deleted.get(key) ?? []), entry]);
    return this;
  }

  /** A project in which no run is known. */
  project(projectId: string, organization = 'contoso'): this {
    this.#addProject(organization, projectId);
    return this;
  }

  /** What the service says of a path (from `build` or `release` on), whatever is stored. */
  answers(path: string, answer: Answer, organization = 'contoso'): this {
    this.#answers.set(`${organization} ${path}`, answer);
    return this;
  }

  /** The paths asked for, from the organization on. */
  get asked(): string[] {
    return this.requests.map(({ url }) => url.pathname.replace('/_apis', ''));
  }

  #addProject(organization = 'contoso', projectId = PROJECT): string {
    this.#projects.add(`${organization} ${projectId}`);
    return projectId;
  }

  #put({ organization = 'contoso', projectId = PROJECT }: Place, path: string, value: unknown): void {
    this.#runs.set(`${organization}/${projectId}/${path}`, value);
  }

  #serve(uri: string, headers: IncomingHttpHeaders): Reply | Error {
    const url = new URL(uri, `https://${String(headers.host)}`);
    this.requests.push({ url, authorization: String(headers.authorization) });
    const [, organization = '', projectId = '', , ...rest] = url.pathname.split('/');
    const path = rest.join('/');
    const usual = () => this.#usual(organization, projectId, path, url.searchParams);
    const answer = this.#answers.get(`${organization} ${path}`);
    return answer === undefined ? usual() : answer(usual);
  }

  #usual(organization: string, projectId: string, path: string, query: URLSearchParams): Reply {
    if (!this.#projects.has(`${organization} ${projectId}`)) return reply(projectUnknown);
    if (/^(build\/builds|release\/releases)$/.test(path)) {
      const asksForDeleted =
        query.get('deletedFilter') === 'onlyDeleted' || query.get('isDeleted') === 'true';
      const ids = (query.get('buildIds') ?? query.get('releaseIdFilter') ?? '').split(',').map(Number);
      const deleted = this.#deleted.get(`${organization}/${projectId}/${path}`) ?? [];
      const value = asksForDeleted ? deleted.filter(({ id }) => ids.includes(id)) : [];
      return json(200, { count: value.length, value });
    }
    const run = this.#runs.get(`${organization}/${projectId}/${path}`);
    if (run !== undefined) return json(200, run);
    return reply(path.startsWith('release') ? releaseUnknown : runUnknown);
  }
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
const releaseUnknown = errorMessage(
  404,
  'VS402961: Release with ID 77 does not exist. Specify a valid ID and try again.',
  'ReleaseNotFoundException',
);

function reply(answer: Answer): Reply {
  const given = answer(() => ({ status: 500, body: '' }));
  if (given instanceof Error) throw given;
  return given;
}
