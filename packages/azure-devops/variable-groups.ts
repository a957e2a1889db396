import type { VariableGroup } from 'azure-devops-node-api/interfaces/TaskAgentInterfaces.js';
import type { Failure } from '#advice/failure';
import type { RetryPolicy } from '#http/retry';
import { objectsOf, type JsonObject, type Unparsed } from '#text/json';
import type { AzureDevOpsClient } from './client.js';
import { isNotThere, type Refused } from './refusals.js';
import { mixedUp, unwrap, type ApiResponse, type WireList } from './responses.js';

/** Whose variable groups, and what is said of a group in a message. */
export interface GroupAccess {
  /** Name or id. */
  readonly project: string;
  /** For a message: `variable group "deploy"`. */
  readonly place: string;
  /** The failure for a 403 to a read. */
  mayNotRead(reply: Refused): Failure;
}

/** A variable group as the service gives it: everything that is not secret, and `null` for what is. */
export type WireGroup = Unparsed<VariableGroup>;

/** The variable groups of one project (specs/distributedTask 7.1). */
export interface VariableGroups {
  /** Undefined when there is none that the caller may see. @throws Failure */
  byId(id: string, policy: RetryPolicy): Promise<WireGroup | undefined>;
  /** Those that a name finds, whose spelling may differ. @throws Failure */
  byName(name: string, policy: RetryPolicy): Promise<WireGroup[]>;
  /**
   * Replaces a group by `group`: what is not in it is gone. It is sent once, and the caller judges the answer.
   * Reading belongs to a project, updating to the organization: a group may be shared between projects.
   */
  update(id: string, group: WireGroup, policy: RetryPolicy): Promise<ApiResponse>;
}

const API_VERSION = '7.1';
const GROUPS = '_apis/distributedtask/variablegroups';

export function variableGroups(client: AzureDevOpsClient, access: GroupAccess): VariableGroups {
  const ofProject = `${encodeURIComponent(access.project)}/${GROUPS}`;
  const get = (path: string, query: Record<string, string>, policy: RetryPolicy, id?: string) =>
    client.repeat<JsonObject | undefined>({ path, query, version: API_VERSION }, policy, reply => {
      if (reply.kind === 'refused' && isNotThere(reply)) return { done: undefined };
      if (reply.kind === 'refused' && reply.status === 403) throw access.mayNotRead(reply);
      const attempt = unwrap(reply, access.place);
      if ('later' in attempt) return attempt;
      if (attempt.done.kind === 'empty') return { done: undefined };
      const found: WireGroup = attempt.done.value;
      if (id !== undefined && typeof found.id === 'number' && String(found.id) !== id)
        return { later: mixedUp(client.organization.name, access.place) };
      return { done: found };
    });
  return {
    byId: (id, policy) => get(`${ofProject}/${encodeURIComponent(id)}`, {}, policy, id),
    byName: async (name, policy) => {
      const page: WireList | undefined = await get(ofProject, { groupName: name }, policy);
      return objectsOf(page?.value);
    },
    update: (id, group, policy) =>
      client.send(
        { method: 'PUT', path: `${GROUPS}/${encodeURIComponent(id)}`, version: API_VERSION, body: group },
        policy,
      ),
  };
}
