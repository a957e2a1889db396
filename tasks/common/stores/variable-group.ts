import type {
  ProjectReference,
  VariableGroupProjectReference,
  VariableValue,
} from 'azure-devops-node-api/interfaces/TaskAgentInterfaces.js';
import { asFailure, Failure, type FailureTopic } from '#advice/failure';
import { advised } from '#advice/pipeline';
import type { ServiceCode } from '#advice/service';
import type { AzureDevOpsClient } from '#azure-devops/client';
import { projects } from '#azure-devops/projects';
import { isAboutPermission, isNotThere, type Refused } from '#azure-devops/refusals';
import { factsOf, saying } from '#azure-devops/responses';
import { variableGroups, type WireGroup } from '#azure-devops/variable-groups';
import { retry, type RetryPolicy } from '#http/retry';
import { asGuid, asObject, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import { variableNameFault } from '../inputs/variable-name.js';
import type { PatStore } from './store.js';
import { required, type StoreKind } from './store-kind.js';
import type { StoreIdentity } from './store-identity.js';
import { notShown, storeError, rethrowAsStoreError } from './store-error.js';

/** What an entry says of a variable group. */
export interface VariableGroupChoice {
  readonly kind: 'variableGroup';
  /** Name or id, as of the project. */
  readonly variableGroup: string;
  readonly project: string;
  readonly variableName: string;
}

export const VARIABLE_GROUP_KEYS = ['variableGroup', 'variableName'] as const;

export const variableGroup: StoreKind<VariableGroupChoice, (typeof VARIABLE_GROUP_KEYS)[number]> = {
  keys: VARIABLE_GROUP_KEYS,
  writeScopes: ['vso.variablegroups_manage'],
  read(source) {
    const variableName = required(source, 'variableName', 'GIT_PAT');
    const fault = variableName === '' ? undefined : variableNameFault(variableName);
    if (fault !== undefined) source.fault('variableName', `"${variableName}" ${fault}`);
    const group = required(source, 'variableGroup', 'deploy');
    return { kind: 'variableGroup', variableGroup: group, project: source.text('project'), variableName };
  },
  claims({ project, variableGroup, variableName }) {
    const names = [variableName, authorizationIdVariable(variableName)];
    return names.map(name => `group ${project}/${variableGroup}/${name}`.toLowerCase());
  },
  open: (choice, { project, signIn }) =>
    variableGroupStore({ ...choice, project: choice.project || project }, signIn),
};

/**
 * A secret variable of a variable group, with the authorization id in the variable `<name>.authorizationId` beside it.
 *
 * An update replaces the whole group (a variable that is not sent is gone), so it is read right before, and sent back
 * as it was but for the two. Secrets of others come as `null`, and a secret sent as `null` stays as it is (spec
 * example UpdateVariableGroup).
 */
function variableGroupStore(
  { project, variableGroup: group, variableName }: VariableGroupChoice,
  { who, reader, writer }: StoreIdentity,
): PatStore {
  const { organization } = writer;
  const place = `variable group "${sanitize(group, 80)}", ${variableName}`;
  const record = authorizationIdVariable(variableName);
  const access = { project, place, mayNotRead: (reply: Refused) => notDone(reply, 'read') };
  const asWriter = variableGroups(writer, access);

  /** The job may be kept from what the issuing user, who is to write, may read. */
  const asEither = async <T>(read: (client: AzureDevOpsClient) => Promise<T>): Promise<T> => {
    const found = await read(reader).catch(asFailure);
    if (!(found instanceof Failure) && !isNothing(found)) return found;
    const isRefusal = !(found instanceof Failure) || REFUSALS.has(found.topic);
    if (isRefusal && writer !== reader) return read(writer);
    if (found instanceof Failure) throw found;
    return found;
  };
  const groupsOf = (client: AzureDevOpsClient) => variableGroups(client, access);

  let known: number | undefined;

  /** By the id that is known; digits are an id, unless no group has it: a name may consist of digits. */
  const readGroup = async (policy: RetryPolicy): Promise<WireGroup> => {
    const id = known;
    const found =
      id === undefined
        ? await findGroup(policy)
        : await asEither(client => groupsOf(client).byId(String(id), policy));
    if (typeof found?.id !== 'number') throw missing();
    known = found.id;
    return found;
  };

  const findGroup = async (policy: RetryPolicy): Promise<WireGroup | undefined> => {
    const mayBeId = /^[1-9]\d{0,9}$/.test(group);
    const byId = mayBeId ? await asEither(client => groupsOf(client).byId(group, policy)) : undefined;
    if (byId?.variables !== undefined) return byId;
    const named = await asEither(client => groupsOf(client).byName(group, policy));
    return named.find(({ name }) => isSame(asText(name), group));
  };

  /** As the identity that writes, by id: a list never tells which projects share a group. */
  const readWhole = async (policy: RetryPolicy): Promise<WireGroup> => {
    known ??= Number((await readGroup(policy)).id);
    const whole = await asWriter.byId(String(known), policy);
    if (whole?.variables === undefined) throw missing();
    return whole;
  };

  const checked = (read: WireGroup): WireGroup => {
    if (isSame(asText(read.type), 'AzureKeyVault')) {
      throw new Failure(
        'store-not-usable',
        `The ${place} is linked to an Azure Key Vault, which holds its values.`,
        'Rotate into that vault with store: keyVault, or use a variable group that is not linked.',
      );
    }
    if (variableIn(read, variableName)?.isReadOnly === true) {
      throw new Failure(
        'store-not-usable',
        `The ${place} is read-only.`,
        'Make the variable writable in the library, or choose another one.',
      );
    }
    return read;
  };

  /** A record is no secret: a secret of this name is somebody else's. */
  const recordedIn = (read: WireGroup): string | undefined => {
    const variable = variableIn(read, record);
    return variable?.isSecret === true ? undefined : asGuid(variable?.value);
  };

  const notDone = (reply: Refused, what: 'read' | 'write'): Failure =>
    advised(
      'store-refused',
      `The ${place} in project ${sanitize(project, 80)} cannot be ${what === 'read' ? 'read' : 'written'} by ${who} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, what), asker: reply.asker },
      factsOf(reply),
    );

  const refusedWrite = (reply: Refused): Failure => {
    if (isAboutPermission(reply)) return notDone(reply, 'write');
    if (isNotThere(reply)) return storeError(missing());
    return advised(
      'store-refused',
      `${organization.name} did not take the new ${place} (${saying(reply)}).`,
      { about: 'service', code: whyNot(reply, 'write'), asker: reply.asker },
      factsOf(reply),
    );
  };

  const missing = (): Failure =>
    new Failure(
      'store-not-usable',
      `There is no variable group "${sanitize(group, 80)}" in project ${sanitize(project, 80)} of ${organization.name} that ${who} may see.`,
      'Check name and project, and give that identity a role of the group (Pipelines, Library, the group, Security).',
    );

  return {
    place,

    async look(policy) {
      const read = checked(await readGroup(policy));
      const recorded = recordedIn(read);
      const isForeign = recorded === undefined && [variableName, record].some(name => holds(read, name));
      const container = `variablegroup/${organization.name}/${String(read.id)}`.toLowerCase();
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
          ...without(asObject(read.variables) ?? {}, [variableName, record]),
          [keyIn(read, variableName)]: { value, isSecret: true },
          [keyIn(read, record)]: { value: authorizationId },
        },
        variableGroupProjectReferences: await rethrowAsStoreError(() => references(read, policy)),
      };
      await retry(policy, async within => {
        const reply = await asWriter.update(String(read.id), body, within);
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
  async function references(read: WireGroup, policy: RetryPolicy): Promise<JsonObject[]> {
    const given = objectsOf(read.variableGroupProjectReferences);
    if (given.length === 0 && read.isShared === true) {
      throw new Failure(
        'store-not-usable',
        `${organization.name} does not tell which projects share the ${place}.`,
        'It could only be written so that it is shared no longer. Use a variable group of one project.',
      );
    }
    const own = { name: read.name, description: read.description ?? '' };
    const all: Unparsed<VariableGroupProjectReference>[] =
      given.length === 0 ? [{ ...own, projectReference: projectAsked() }] : given;
    return Promise.all(
      all.map(async reference => ({
        ...reference,
        projectReference: await named(asObject(reference.projectReference) ?? {}, policy),
      })),
    );
  }

  function projectAsked(): Unparsed<ProjectReference> {
    return asGuid(project) === undefined ? { name: project } : { id: project };
  }

  async function named(
    reference: Unparsed<ProjectReference>,
    policy: RetryPolicy,
  ): Promise<Unparsed<ProjectReference>> {
    const [id, name] = [asText(reference.id) ?? '', asText(reference.name) ?? ''];
    if (name !== '' && id !== '') return reference;
    const wanted = id === '' ? name : id;
    const found = await asEither(client => projects(client).read(wanted, policy)).catch(() => undefined);
    const whole = { ...reference, id: id === '' ? found?.id : id, name: name === '' ? found?.name : name };
    if ((whole.name ?? '') !== '') return whole;
    throw new Failure(
      'store-not-usable',
      `${organization.name} does not tell the name of project ${sanitize(id, 40)}, which shares the ${place}.`,
      `Let ${who} see that project, or share the group with projects that it sees.`,
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
function authorizationIdVariable(variableName: string): string {
  return `${variableName}.authorizationId`;
}

/** Names of variables do not mind case; a variable keeps the spelling that it has. */
function keyIn(group: WireGroup, name: string): string {
  return Object.keys(asObject(group.variables) ?? {}).find(key => isSame(key, name)) ?? name;
}

function variableIn(group: WireGroup, name: string): Unparsed<VariableValue> | undefined {
  return asObject(asObject(group.variables)?.[keyIn(group, name)]);
}

/** Whether a variable has a value. That of a secret is never shown. */
function holds(group: WireGroup, name: string): boolean {
  const variable = variableIn(group, name);
  return variable?.isSecret === true || (asText(variable?.value) ?? '') !== '';
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

function isNothing(read: unknown): boolean {
  return read === undefined || (Array.isArray(read) && read.length === 0);
}

function isSame(text: string | undefined, other: string): boolean {
  return text?.toLowerCase() === other.toLowerCase();
}
