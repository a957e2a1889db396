import {
  send,
  azureDevOpsHeaders,
  REQUEST_TIMEOUT,
  saying,
  unwrap,
  type Refused,
  type ApiResponse,
} from '#azure-devops/client';
import type { ServiceCode } from '#advice/service';
import { advised } from '#advice/pipeline';
import { isAboutPermission, isNotThere } from '#azure-devops/refusals';
import type { Effects } from '#agent/effects';
import type { HttpRequest } from '#http/http';
import { retry, timeLeft, type RetryPolicy } from '#http/retry';
import type { Organization } from '#azure-devops/organization';
import { asFailure, Failure, type FailureTopic } from '#advice/failure';
import { asGuid, asObject, asText, objectsOf, type JsonObject } from '#text/json';
import { sanitize } from '#text/sanitize';
import type { PatStore } from './store.js';
import type { StoreIdentity } from './store-identity.js';
import { notShown, storeError, rethrowAsStoreError } from './store-error.js';

/** Of the published resource (specs/distributedTask/7.1). */
const API_VERSION = '7.1';

export interface VariableGroupTarget {
  readonly organization: Organization;
  /** Name or id. */
  readonly project: string;
  /** Name or id. */
  readonly group: string;
  readonly variableName: string;
}

/**
 * A secret variable of a variable group, with the authorization id in the variable `<name>.authorizationId` beside it.
 *
 * An update replaces the whole group (a variable that is not sent is gone), so it is read right before, and sent back
 * as it was but for the two. Secrets of others come as `null`, and a secret sent as `null` stays as it is (spec
 * example UpdateVariableGroup).
 */
export function variableGroupStore(
  target: VariableGroupTarget,
  signIn: StoreIdentity,
  effects: Effects,
): PatStore {
  const { organization, project, group, variableName } = target;
  const api = `${organization.url}/${encodeURIComponent(project)}/_apis/distributedtask/variablegroups`;
  const place = `variable group "${sanitize(group, 80)}", ${variableName}`;
  const record = authorizationIdVariable(variableName);

  const request = async (
    purpose: 'read' | 'write',
    method: HttpRequest['method'],
    url: string,
    policy: RetryPolicy,
    body?: JsonObject,
  ): Promise<ApiResponse> => {
    const headers = azureDevOpsHeaders(await signIn.authorization(purpose));
    return send(
      effects.http,
      () => effects.clock.now(),
      {
        method,
        url: `${url}${url.includes('?') ? '&' : '?'}api-version=${API_VERSION}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        timeout: timeLeft(policy, REQUEST_TIMEOUT),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      signIn.asker(purpose),
    );
  };
  const getAs = (purpose: 'read' | 'write', url: string, policy: RetryPolicy) =>
    retry(policy, async () => {
      const reply = await request(purpose, 'GET', url, policy);
      if (reply.kind === 'refused' && isNotThere(reply)) return { done: undefined };
      if (reply.kind === 'refused' && reply.status === 403) throw notDone(reply, 'read');
      const attempt = unwrap(reply, place);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'empty' ? undefined : attempt.done.value };
    });

  /** The job may be kept from a group that the issuing user, who is to write, may read. */
  const get = async (url: string, policy: RetryPolicy): Promise<JsonObject | undefined> => {
    const read = await getAs('read', url, policy).catch((error: unknown) => asFailure(error));
    if (!(read instanceof Failure) && !isEmptyPage(read)) return read;
    const isRefusal = !(read instanceof Failure) || REFUSALS.has(read.topic);
    const isOther =
      isRefusal && (await signIn.authorization('write')) !== (await signIn.authorization('read'));
    if (isOther) return getAs('write', url, policy);
    if (read instanceof Failure) throw read;
    return read;
  };

  let known: number | undefined;

  /** By the id that is known; digits are an id, unless no group has it: a name may consist of digits. */
  const readGroup = async (policy: RetryPolicy): Promise<JsonObject> => {
    const found = known === undefined ? await findGroup(policy) : await get(`${api}/${known}`, policy);
    if (typeof found?.['id'] !== 'number') throw missing();
    known = found['id'];
    return found;
  };

  const findGroup = async (policy: RetryPolicy): Promise<JsonObject | undefined> => {
    const byId = /^[1-9]\d{0,9}$/.test(group) ? await get(`${api}/${group}`, policy) : undefined;
    if (byId?.['variables'] !== undefined) return byId;
    const page = await get(`${api}?groupName=${encodeURIComponent(group)}`, policy);
    return objectsOf(page?.['value']).find(entry => isSame(asText(entry['name']), group));
  };

  /** As the identity that writes, by id: a list never tells which projects share a group. */
  const readWhole = async (policy: RetryPolicy): Promise<JsonObject> => {
    known ??= Number((await readGroup(policy))['id']);
    const whole = await getAs('write', `${api}/${known}`, policy);
    if (whole?.['variables'] === undefined) throw missing();
    return whole;
  };

  const checked = (read: JsonObject): JsonObject => {
    if (isSame(asText(read['type']), 'AzureKeyVault')) {
      throw new Failure(
        'store-not-usable',
        `The ${place} is linked to an Azure Key Vault, which holds its values.`,
        'Rotate into that vault with store: keyVault, or use a variable group that is not linked.',
      );
    }
    const present = asObject(variableIn(read, variableName));
    if (present?.['isReadOnly'] === true) {
      throw new Failure(
        'store-not-usable',
        `The ${place} is read-only.`,
        'Make the variable writable in the library, or choose another one.',
      );
    }
    return read;
  };

  /** A record is no secret: a secret of this name is somebody else's. */
  const recordedIn = (read: JsonObject): string | undefined => {
    const variable = asObject(variableIn(read, record));
    return variable?.['isSecret'] === true ? undefined : asGuid(variable?.['value']);
  };

  const notDone = (reply: Refused, what: 'read' | 'write'): Failure =>
    advised(
      'store-refused',
      `The ${place} in project ${sanitize(project, 80)} cannot be ${what === 'read' ? 'read' : 'written'} by ${signIn.who} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, what), asker: reply.asker },
    );

  const refusedWrite = (reply: Refused): Failure => {
    if (isAboutPermission(reply)) return notDone(reply, 'write');
    if (isNotThere(reply)) return storeError(missing());
    return advised(
      'store-refused',
      `${organization.name} did not take the new ${place} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, 'write'), asker: reply.asker },
    );
  };

  const missing = (): Failure =>
    new Failure(
      'store-not-usable',
      `There is no variable group "${sanitize(group, 80)}" in project ${sanitize(project, 80)} of ${organization.name} that ${signIn.who} may see.`,
      'Check name and project, and give that identity a role of the group (Pipelines, Library, the group, Security).',
    );

  return {
    place,

    async look(policy) {
      const read = checked(await readGroup(policy));
      const recorded = recordedIn(read);
      const isForeign = recorded === undefined && [variableName, record].some(name => holds(read, name));
      const container = `variablegroup/${organization.name}/${String(read['id'])}`.toLowerCase();
      const at = (name: string) => `${container}/${name}`.toLowerCase();
      const claims = [at(variableName), at(record)];
      return { place: at(variableName), container, claims, recorded, isForeign };
    },

    async recorded(policy) {
      return recordedIn(checked(await readGroup(policy)));
    },

    async write({ value, authorizationId }, policy) {
      const read = await rethrowAsStoreError(async () => checked(await readWhole(policy)));
      const body = {
        ...withoutServerFields(read),
        variables: {
          ...without(asObject(read['variables']) ?? {}, [variableName, record]),
          [keyIn(read, variableName)]: { value, isSecret: true },
          [keyIn(read, record)]: { value: authorizationId },
        },
        variableGroupProjectReferences: await rethrowAsStoreError(() => references(read, policy)),
      };
      const url = `${organization.url}/_apis/distributedtask/variablegroups/${String(read['id'])}`;
      await retry(policy, async () => {
        const reply = await request('write', 'PUT', url, policy, body);
        switch (reply.kind) {
          case 'json':
            if (recordedIn(reply.value) === authorizationId) return { done: undefined };
            throw notShown(place);
          case 'empty':
            throw notShown(place);
          case 'refused':
            throw refusedWrite(reply);
          case 'denied':
            throw reply.mayBeDone ? reply.failure : storeError(reply.failure);
          case 'later':
            return { later: storeError(reply.failure), wait: reply.wait };
          case 'unclear':
            throw reply.failure;
        }
      });
    },
  };

  /**
   * An update names the projects that share the group, each with its own name and description of it, and takes it away
   * from every other. One without the name of the project is refused. A group that tells none belongs to this one.
   */
  async function references(read: JsonObject, policy: RetryPolicy): Promise<JsonObject[]> {
    const given = objectsOf(read['variableGroupProjectReferences']);
    if (given.length === 0 && read['isShared'] === true) {
      throw new Failure(
        'store-not-usable',
        `${organization.name} does not tell which projects share the ${place}.`,
        'It could only be written so that it is shared no longer. Use a variable group of one project.',
      );
    }
    const own = { name: read['name'], description: read['description'] ?? '' };
    const all = given.length === 0 ? [{ ...own, projectReference: projectAsked() }] : given;
    return Promise.all(
      all.map(async reference => ({
        ...reference,
        projectReference: await named(asObject(reference['projectReference']) ?? {}, policy),
      })),
    );
  }

  function projectAsked(): JsonObject {
    return asGuid(project) === undefined ? { name: project } : { id: project };
  }

  async function named(reference: JsonObject, policy: RetryPolicy): Promise<JsonObject> {
    const { id, name } = reference;
    if ((asText(name) ?? '') !== '' && asText(id) !== undefined) return reference;
    const wanted = encodeURIComponent(asText(id) ?? asText(name) ?? '');
    const found = await get(`${organization.url}/_apis/projects/${wanted}`, policy).catch(() => undefined);
    const whole = { ...reference, id: id ?? found?.['id'], name: name ?? found?.['name'] };
    if ((asText(whole.name) ?? '') !== '') return whole;
    throw new Failure(
      'store-not-usable',
      `${organization.name} does not tell the name of project ${sanitize(asText(id) ?? '', 40)}, which shares the ${place}.`,
      `Let ${signIn.who} see that project, or share the group with projects that it sees.`,
    );
  }
}

/** The role is at fault only where the service says so. */
function whyNot(reply: Refused, what: 'read' | 'write'): ServiceCode {
  if (isAboutPermission(reply)) return what === 'read' ? 'group-not-readable' : 'group-forbidden';
  if (reply.status === 409) return 'changed-meanwhile';
  return reply.status === 400 ? 'group-not-valid' : 'refused';
}

/** The variable that holds the authorization id. */
export function authorizationIdVariable(variableName: string): string {
  return `${variableName}.authorizationId`;
}

/** Names of variables do not mind case; a variable keeps the spelling that it has. */
function keyIn(group: JsonObject, name: string): string {
  return Object.keys(asObject(group['variables']) ?? {}).find(key => isSame(key, name)) ?? name;
}

function variableIn(group: JsonObject, name: string): unknown {
  return asObject(group['variables'])?.[keyIn(group, name)];
}

/** Whether a variable has a value. That of a secret is never shown. */
function holds(group: JsonObject, name: string): boolean {
  const variable = asObject(variableIn(group, name));
  return variable?.['isSecret'] === true || (asText(variable?.['value']) ?? '') !== '';
}

function without(variables: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(variables).filter(([key]) => !names.some(name => isSame(key, name))),
  );
}

/** Who made and changed it, and when, is the server's own. */
function withoutServerFields(group: JsonObject): JsonObject {
  return without(group, ['createdBy', 'createdOn', 'modifiedBy', 'modifiedOn', 'isShared']);
}

/** After these another identity may be let in. */
const REFUSALS: ReadonlySet<FailureTopic> = new Set(['store-refused', 'access-denied', 'sign-in-page']);

function isEmptyPage(read: JsonObject | undefined): boolean {
  return read === undefined || (Array.isArray(read['value']) && read['value'].length === 0);
}

function isSame(text: string | undefined, other: string): boolean {
  return text?.toLowerCase() === other.toLowerCase();
}
