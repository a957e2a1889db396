import {
  ask,
  azureDevOpsHeaders,
  REQUEST_TIMEOUT,
  saying,
  settled,
  type Refused,
  type Reply,
} from '#azure-devops/client';
import type { ServiceCode } from '#advice/service';
import { advised } from '#advice/situation';
import { isAboutPermission, isNotThere } from '#azure-devops/refusals';
import type { Effects } from '#agent/effects';
import type { HttpRequest } from '#http/http';
import { patiently, remaining, type Patience } from '#http/patience';
import type { Organization } from '#azure-devops/organization';
import { asFailure, Failure, type FailureTopic } from '#advice/failure';
import { asGuid, asObject, asText, objectsOf, type JsonObject } from '#text/json';
import { outsideText } from '#text/outside-text';
import type { PatStore } from './store.js';
import type { StoreSignIn } from './store-sign-in.js';
import { notShown, refused, unwritten } from './unwritten.js';

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
  signIn: StoreSignIn,
  effects: Effects,
): PatStore {
  const { organization, project, group, variableName } = target;
  const api = `${organization.url}/${encodeURIComponent(project)}/_apis/distributedtask/variablegroups`;
  const place = `variable group "${outsideText(group, 80)}", ${variableName}`;
  const record = recordName(variableName);

  const send = async (
    purpose: 'read' | 'write',
    method: HttpRequest['method'],
    url: string,
    patience: Patience,
    body?: JsonObject,
  ): Promise<Reply> => {
    const headers = azureDevOpsHeaders(await signIn.authorization(purpose));
    return ask(
      effects.http,
      () => effects.clock.now(),
      {
        method,
        url: `${url}${url.includes('?') ? '&' : '?'}api-version=${API_VERSION}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        timeout: remaining(patience, REQUEST_TIMEOUT),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      signIn.asker(purpose),
    );
  };
  const getAs = (purpose: 'read' | 'write', url: string, patience: Patience) =>
    patiently(patience, async () => {
      const reply = await send(purpose, 'GET', url, patience);
      if (reply.kind === 'refused' && isNotThere(reply)) return { done: undefined };
      if (reply.kind === 'refused' && reply.status === 403) throw notDone(reply, 'read');
      const attempt = settled(reply, place);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'empty' ? undefined : attempt.done.value };
    });

  /** The job may be kept from a group that the issuing user, who is to write, may read. */
  const get = async (url: string, patience: Patience): Promise<JsonObject | undefined> => {
    const read = await getAs('read', url, patience).catch((error: unknown) => asFailure(error));
    if (!(read instanceof Failure) && !isEmptyPage(read)) return read;
    const isRefusal = !(read instanceof Failure) || REFUSALS.has(read.topic);
    const isOther =
      isRefusal && (await signIn.authorization('write')) !== (await signIn.authorization('read'));
    if (isOther) return getAs('write', url, patience);
    if (read instanceof Failure) throw read;
    return read;
  };

  let known: number | undefined;

  /** By the id that is known; digits are an id, unless no group has it: a name may consist of digits. */
  const readGroup = async (patience: Patience): Promise<JsonObject> => {
    const found = known === undefined ? await findGroup(patience) : await get(`${api}/${known}`, patience);
    if (typeof found?.['id'] !== 'number') throw missing();
    known = found['id'];
    return found;
  };

  const findGroup = async (patience: Patience): Promise<JsonObject | undefined> => {
    const byId = /^[1-9]\d{0,9}$/.test(group) ? await get(`${api}/${group}`, patience) : undefined;
    if (byId?.['variables'] !== undefined) return byId;
    const page = await get(`${api}?groupName=${encodeURIComponent(group)}`, patience);
    return objectsOf(page?.['value']).find(entry => isSame(asText(entry['name']), group));
  };

  /** As the identity that writes, by id: a list never tells which projects share a group. */
  const readWhole = async (patience: Patience): Promise<JsonObject> => {
    known ??= Number((await readGroup(patience))['id']);
    const whole = await getAs('write', `${api}/${known}`, patience);
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
      `The ${place} in project ${outsideText(project, 80)} cannot be ${what === 'read' ? 'read' : 'written'} by ${signIn.who} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, what), asker: reply.asker },
    );

  const refusedWrite = (reply: Refused): Failure => {
    if (isAboutPermission(reply)) return notDone(reply, 'write');
    if (isNotThere(reply)) return refused(missing());
    return advised(
      'store-refused',
      `${organization.name} did not take the new ${place} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, 'write'), asker: reply.asker },
    );
  };

  const missing = (): Failure =>
    new Failure(
      'store-not-usable',
      `There is no variable group "${outsideText(group, 80)}" in project ${outsideText(project, 80)} of ${organization.name} that ${signIn.who} may see.`,
      'Check name and project, and give that identity a role of the group (Pipelines, Library, the group, Security).',
    );

  return {
    place,

    async look(patience) {
      const read = checked(await readGroup(patience));
      const recorded = recordedIn(read);
      const isForeign = recorded === undefined && [variableName, record].some(name => holds(read, name));
      const container = `variablegroup/${organization.name}/${String(read['id'])}`.toLowerCase();
      const at = (name: string) => `${container}/${name}`.toLowerCase();
      const claims = [at(variableName), at(record)];
      return { place: at(variableName), container, claims, recorded, isForeign };
    },

    async recorded(patience) {
      return recordedIn(checked(await readGroup(patience)));
    },

    async write({ value, authorizationId }, patience) {
      const read = await unwritten(async () => checked(await readWhole(patience)));
      const body = {
        ...withoutServerFields(read),
        variables: {
          ...without(asObject(read['variables']) ?? {}, [variableName, record]),
          [keyIn(read, variableName)]: { value, isSecret: true },
          [keyIn(read, record)]: { value: authorizationId },
        },
        variableGroupProjectReferences: await unwritten(() => references(read, patience)),
      };
      const url = `${organization.url}/_apis/distributedtask/variablegroups/${String(read['id'])}`;
      await patiently(patience, async () => {
        const reply = await send('write', 'PUT', url, patience, body);
        switch (reply.kind) {
          case 'json':
            if (recordedIn(reply.value) === authorizationId) return { done: undefined };
            throw notShown(place);
          case 'empty':
            throw notShown(place);
          case 'refused':
            throw refusedWrite(reply);
          case 'denied':
            throw reply.mayBeDone ? reply.failure : refused(reply.failure);
          case 'later':
            return { later: refused(reply.failure), wait: reply.wait };
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
  async function references(read: JsonObject, patience: Patience): Promise<JsonObject[]> {
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
        projectReference: await named(asObject(reference['projectReference']) ?? {}, patience),
      })),
    );
  }

  function projectAsked(): JsonObject {
    return asGuid(project) === undefined ? { name: project } : { id: project };
  }

  async function named(reference: JsonObject, patience: Patience): Promise<JsonObject> {
    const { id, name } = reference;
    if ((asText(name) ?? '') !== '' && asText(id) !== undefined) return reference;
    const wanted = encodeURIComponent(asText(id) ?? asText(name) ?? '');
    const found = await get(`${organization.url}/_apis/projects/${wanted}`, patience).catch(() => undefined);
    const whole = { ...reference, id: id ?? found?.['id'], name: name ?? found?.['name'] };
    if ((asText(whole.name) ?? '') !== '') return whole;
    throw new Failure(
      'store-not-usable',
      `${organization.name} does not tell the name of project ${outsideText(asText(id) ?? '', 40)}, which shares the ${place}.`,
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
export function recordName(variableName: string): string {
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
