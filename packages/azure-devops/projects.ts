import type { CoreApi } from 'azure-devops-node-api/CoreApi.js';
import type { TeamProject } from 'azure-devops-node-api/interfaces/CoreInterfaces.js';
import { retry, type RetryPolicy } from '#http/retry';
import { asGuid, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import type { AzureDevOpsClient } from './client.js';
import { mixedUp, unwrap, type ApiResponse, type WireList } from './responses.js';
import type { Refused } from './refusals.js';

export interface Project {
  readonly id: string;
  readonly name: string;
}

/** The projects of one organization (specs/core 7.1; scope vso.project). */
export interface Projects {
  /** By name, whatever its case, or by id; undefined when there is none that the caller may see. @throws Failure */
  find(nameOrId: string, policy: RetryPolicy): Promise<Project | undefined>;
  /** The same without a look at the list. @throws Failure */
  read(nameOrId: string, policy: RetryPolicy): Promise<Project | undefined>;
}

const MOST_LISTED = 1_000;

export function projects(client: AzureDevOpsClient): Projects {
  const get = (
    policy: RetryPolicy,
    call: Call,
    mayBeUnknown: (reply: Refused) => boolean,
    isAsked: (raw: Unparsed<TeamProject>) => boolean = () => true,
  ) =>
    retry<JsonObject | undefined>(policy, async within => {
      const reply = await ask(client, within, call);
      if (reply.kind === 'refused' && mayBeUnknown(reply)) return { done: undefined };
      const attempt = unwrap(reply, client.organization.name);
      if ('later' in attempt) return attempt;
      if (attempt.done.kind === 'empty') return { done: undefined };
      const { value } = attempt.done;
      return isAsked(value) ? { done: value } : { later: mixedUp(client.organization.name, 'a project') };
    });
  // A name that is no part of a path is answered with 400; the list tells more.
  const read = async (nameOrId: string, policy: RetryPolicy) =>
    projectIn(
      await get(
        policy,
        api => api.getProject(nameOrId),
        ({ status }) => status !== 401,
        // Asked by name, a project that was renamed answers with its new one.
        ({ id }) =>
          asGuid(nameOrId) === undefined || asGuid(id) === undefined || asGuid(id) === asGuid(nameOrId),
      ),
    );

  return {
    read,

    async find(nameOrId, policy) {
      const named = await read(nameOrId, policy);
      if (asGuid(named?.id) !== undefined) return named;
      const page: WireList | undefined = await get(
        policy,
        api => api.getProjects(undefined, MOST_LISTED),
        () => false,
      );
      const all = objectsOf(page?.value).flatMap(raw => projectIn(raw) ?? []);
      const wanted = nameOrId.toLowerCase();
      return all.find(
        ({ id, name }) => asGuid(id) !== undefined && (id === wanted || name.toLowerCase() === wanted),
      );
    },
  };
}

type Call = (api: CoreApi) => Promise<unknown>;

/** Microsoft's client is loaded where a project is asked for, and nowhere else. */
async function ask(client: AzureDevOpsClient, policy: RetryPolicy, call: Call): Promise<ApiResponse> {
  const { askCore } = await import('./core-api.js');
  return askCore(client, policy, call);
}

function projectIn(raw: Unparsed<TeamProject> | undefined): Project | undefined {
  const id = asText(raw?.id)?.toLowerCase();
  const name = asText(raw?.name);
  return id === undefined || name === undefined ? undefined : { id, name };
}
