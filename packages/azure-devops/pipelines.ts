import type { RetryPolicy } from '#http/retry';
import { asText, objectsOf, type JsonObject } from '#text/json';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import type { AzureDevOpsClient, ApiRequest } from './client.js';
import { unwrap } from './responses.js';

/** A pipeline of a project. */
export interface Pipeline {
  readonly id: number;
  readonly name: string;
  /** `\nightly`; `\` for none. */
  readonly folder: string;
}

/** The api-version of the API Pipelines, which is 7.1 in its published document. */
const VERSION = '7.1';
const MOST_PAGES = 50;

/** The pipelines of a project, and their runs (REST reference: Pipelines; scopes vso.build, vso.build_execute). */
export class Pipelines {
  readonly #client: AzureDevOpsClient;
  readonly #path: string;

  constructor(client: AzureDevOpsClient, projectId: string) {
    this.#client = client;
    this.#path = `${encodeURIComponent(projectId)}/_apis/pipelines`;
  }

  /**
   * The pipeline that a user means by an id, a name, or a folder and a name (`\nightly\deploy`), whatever its case.
   * @returns all that fit: one, unless there is none, or folders hold several of the name
   * @throws Failure
   */
  async named(nameOrId: string, policy: RetryPolicy): Promise<readonly Pipeline[]> {
    if (/^\d{1,9}$/.test(nameOrId)) return [{ id: Number(nameOrId), name: nameOrId, folder: '\\' }];
    const wanted = nameOrId.replaceAll('/', '\\').replace(/^\\/, '').toLowerCase();
    const found: Pipeline[] = [];
    await this.#client.pages(
      this.#request({}),
      policy,
      reply => {
        const attempt = unwrap(reply, this.#client.organization.name);
        if ('later' in attempt) return attempt;
        const { done } = attempt;
        return {
          done:
            done.kind === 'json'
              ? { value: done.value, continuation: done.continuation }
              : { value: {}, continuation: undefined },
        };
      },
      ({ value }) => {
        const all = objectsOf(value['value']).flatMap(raw => pipelineIn(raw) ?? []);
        found.push(...all.filter(pipeline => isCalled(pipeline, wanted)));
        return false;
      },
      { most: MOST_PAGES },
    );
    return found;
  }

  /**
   * Starts a run on the default branch. It is asked for once: an answer that was lost may have started one.
   * @returns the id of the run
   * @throws Failure
   */
  async run({ id, name }: Pipeline, policy: RetryPolicy): Promise<string> {
    const reply = await this.#client.send(
      this.#request({ method: 'POST', path: `${this.#path}/${id}/runs`, body: {} }),
      policy,
    );
    if (reply.kind === 'unclear') {
      const what = `${reply.failure.what} Whether pipeline "${sanitize(name, 100)}" was started is not known.`;
      throw new Failure(
        reply.failure.topic,
        what,
        'Look at its runs, and start it by hand if there is none.',
        {
          cause: reply.failure,
        },
      );
    }
    const attempt = unwrap(reply, this.#client.organization.name);
    if ('later' in attempt) throw attempt.later;
    const run = attempt.done.kind === 'json' ? attempt.done.value['id'] : undefined;
    return typeof run === 'number' ? String(run) : (asText(run) ?? 'unknown');
  }

  #request(request: Partial<ApiRequest>): ApiRequest {
    return { path: this.#path, version: VERSION, ...request };
  }
}

function pipelineIn(raw: JsonObject): Pipeline | undefined {
  const { id } = raw;
  const name = asText(raw['name']);
  return typeof id !== 'number' || name === undefined
    ? undefined
    : { id, name, folder: asText(raw['folder']) ?? '\\' };
}

function isCalled({ name, folder }: Pipeline, wanted: string): boolean {
  const path = `${folder.replace(/^\\|\\$/g, '')}\\${name}`.replace(/^\\/, '');
  return [name, path].some(text => text.toLowerCase() === wanted);
}
