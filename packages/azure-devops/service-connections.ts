import type { ServiceEndpointApi } from 'azure-devops-node-api/ServiceEndpointApi.js';
import type {
  EndpointAuthorization,
  ProjectReference,
  ServiceEndpoint,
  ServiceEndpointProjectReference,
} from 'azure-devops-node-api/interfaces/ServiceEndpointInterfaces.js';
import type { ServiceCode } from '#advice/service';
import { advised } from '#advice/pipeline';
import { underTopic, type Failure } from '#advice/failure';
import { retry, type RetryPolicy, type RetryResult } from '#http/retry';
import { asGuid, asObject, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import { clause } from '#text/sentence';
import type { AzureDevOpsClient } from './client.js';
import { isAboutPermission, isNotThere, type Refused } from './refusals.js';
import { factsOf, mixedUp, saying, unwrap, type ApiResponse, type WireList } from './responses.js';

/** Where service connections are read and written, and in whose name: reads can be somebody else's. */
export interface ConnectionAccess {
  /** Name or id. */
  readonly project: string;
  /** For a message: `the issuing user`. */
  readonly who: string;
  readonly reader: AzureDevOpsClient;
  readonly writer: AzureDevOpsClient;
}

/** A service connection as the service gives it: everything that is not secret, and `null` for what is. */
export type WireConnection = Unparsed<ServiceEndpoint>;

/** A service connection that was found, with what is asked of it most. */
export interface FoundConnection {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly scheme: string;
  readonly raw: WireConnection;
}

/** What became of a write, which is sent once. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly raw: WireConnection | undefined }
  /** Certainly not carried out, and asking again does not help: Failure `store-refused`. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** Certainly not carried out, but a later attempt may be. */
  | { readonly kind: 'later'; readonly failure: Failure; readonly wait: number | undefined }
  /** May or may not have been carried out. */
  | { readonly kind: 'unclear'; readonly failure: Failure; readonly wait: number | undefined };

/** The service connections of one project. */
export interface ServiceConnections {
  /** By name, whatever its case, or by id; undefined when there is none that the caller may see. @throws Failure */
  find(nameOrId: string, policy: RetryPolicy): Promise<FoundConnection | undefined>;
  /** By id; the only read in which every secret has its place, as `null`. @throws Failure */
  readonly read: (id: string, policy: RetryPolicy) => Promise<FoundConnection | undefined>;
  /** Makes one, for the project that its `serviceEndpointProjectReferences` name. */
  create(raw: WireConnection, policy: RetryPolicy): Promise<WriteOutcome>;
  /**
   * Replaces one by `raw`: what was read, with its changes (see `edit-connection.ts`). Whether a
   * secret that is `null` stays as it is, is not published: what is held is sent.
   */
  update(raw: WireConnection, policy: RetryPolicy): Promise<WriteOutcome>;
  /** Removes one from a project, and with its last project altogether. */
  remove(id: string, projectId: string, policy: RetryPolicy): Promise<WriteOutcome>;
}

/**
 * The service endpoint API of one project. Reads are repeated, writes are sent once. Reading and creating
 * belong to a project, updating to the organization: a connection may be shared between projects.
 */
export function serviceConnections(access: ConnectionAccess): ServiceConnections {
  const { project, reader, writer } = access;
  const get = (policy: RetryPolicy, call: Call, isAsked: (raw: WireConnection) => boolean = () => true) =>
    retry(policy, async within => {
      const attempt = readable(await ask(reader, within, call), access);
      if ('later' in attempt || attempt.done === undefined || isAsked(attempt.done)) return attempt;
      return { later: mixedUp(reader.organization.name, 'a service connection') };
    });
  const write = async (
    verb: Verb,
    connection: string,
    policy: RetryPolicy,
    call: Call,
  ): Promise<WriteOutcome> => written(await ask(writer, policy, call), access, verb, connection);

  const read = async (id: string, policy: RetryPolicy): Promise<FoundConnection | undefined> =>
    found(
      await get(
        policy,
        api => api.getServiceEndpointDetails(project, id),
        raw => asGuid(raw.id) === undefined || isSame(asText(raw.id), id),
      ),
    );

  return {
    read,

    async find(nameOrId, policy) {
      const id = asGuid(nameOrId);
      const byId = id === undefined ? undefined : await read(id, policy);
      if (byId !== undefined) return byId;
      // The service takes a list of names, and splits it at commas.
      const page: WireList | undefined = await get(policy, api =>
        nameOrId.includes(',')
          ? api.getServiceEndpoints(project)
          : api.getServiceEndpointsByNames(project, [nameOrId]),
      );
      const list = objectsOf(page?.value);
      const named = list.filter(raw => namesOf(raw, project).some(name => isSame(name, nameOrId)));
      return found(named.find(raw => namesOf(raw, project).includes(nameOrId)) ?? named[0]);
    },

    create: (raw, policy) =>
      write('create', asText(raw.name) ?? '', policy, api => api.createServiceEndpoint(unparsed(raw))),

    update: (raw, policy) =>
      write('change', asText(raw.name) ?? '', policy, api =>
        api.updateServiceEndpoint(unparsed(raw), asText(raw.id) ?? ''),
      ),

    remove: (id, projectId, policy) =>
      write('remove', id, policy, api => api.deleteServiceEndpoint(id, [projectId])),
  };
}

type Call = (api: ServiceEndpointApi) => Promise<unknown>;

/** Microsoft's client is loaded where a service connection is asked for, and nowhere else. */
async function ask(client: AzureDevOpsClient, policy: RetryPolicy, call: Call): Promise<ApiResponse> {
  const { askServiceEndpoints } = await import('./service-endpoint-api.js');
  return askServiceEndpoints(client, policy, call);
}

/** For a client that wants to know what is in it: it goes back as it came. */
function unparsed(raw: WireConnection): object {
  return raw;
}

/** The entry of a connection for one project: there it has a name and a description of its own. */
export function isReferenceOf(
  reference: Unparsed<ServiceEndpointProjectReference>,
  project: string,
): boolean {
  const named: Unparsed<ProjectReference> | undefined = asObject(reference.projectReference);
  return isSame(asText(named?.id), project) || isSame(asText(named?.name), project);
}

function namesOf(raw: WireConnection, project: string): string[] {
  const references = objectsOf(raw.serviceEndpointProjectReferences);
  const mine = references.filter(reference => isReferenceOf(reference, project));
  return [raw, ...mine].flatMap(
    (entry: Unparsed<ServiceEndpointProjectReference>) => asText(entry.name) ?? [],
  );
}

/** An unknown connection, and one that the caller may not see, is `null`, an object without id, or 404. */
function found(raw: WireConnection | undefined): FoundConnection | undefined {
  const id = asGuid(raw?.id);
  if (raw === undefined || id === undefined) return undefined;
  const authorization: Unparsed<EndpointAuthorization> = asObject(raw.authorization) ?? {};
  return {
    id,
    name: asText(raw.name) ?? '',
    type: asText(raw.type) ?? '',
    scheme: asText(authorization.scheme) ?? '',
    raw,
  };
}

function readable(reply: ApiResponse, access: ConnectionAccess): RetryResult<JsonObject | undefined> {
  const { project, who, reader } = access;
  const { organization } = reader;
  switch (reply.kind) {
    case 'refused':
      if (isProjectUnknown(reply)) {
        throw advised(
          'project-not-found',
          `${organization.name} has no project ${quoted(project)} that ${who} may see.`,
          { about: 'service', code: 'project-unknown', asker: reply.asker },
          factsOf(reply),
        );
      }
      if (isNotThere(reply)) return { done: undefined };
      throw advised(
        'access-denied',
        `${organization.name} did not let ${who} read service connections of project ${quoted(project)} (${saying(reply)}).`,
        {
          about: 'service',
          code: isAboutPermission(reply) ? 'connections-forbidden' : 'refused',
          asker: reply.asker,
        },
        factsOf(reply),
      );
    case 'denied':
      throw deniedTo(access, reply.failure);
    default: {
      const attempt = unwrap(reply, organization.name);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'json' ? attempt.done.value : undefined };
    }
  }
}

type Verb = 'create' | 'change' | 'remove';

function written(reply: ApiResponse, access: ConnectionAccess, verb: Verb, connection: string): WriteOutcome {
  const { project, who, reader } = access;
  const { organization } = reader;
  switch (reply.kind) {
    case 'json':
      return { kind: 'written', raw: reply.value };
    case 'empty':
      return { kind: 'written', raw: undefined };
    case 'later':
    case 'unclear':
      return reply;
    case 'denied':
      if (reply.mayBeDone) return { kind: 'unclear', failure: reply.failure, wait: undefined };
      return { kind: 'refused', failure: underTopic('store-refused', deniedTo(access, reply.failure)) };
    case 'refused': {
      const place = `service connection ${quoted(connection)} in project ${quoted(project)}`;
      const what = `${organization.name} did not let ${who} ${verb} ${place} (${saying(reply)}).`;
      const code = codeOf(reply, verb);
      return {
        kind: 'refused',
        failure: advised(
          'store-refused',
          what,
          { about: 'service', code, asker: reply.asker },
          factsOf(reply),
        ),
      };
    }
  }
}

/** A missing sign-in, said of whom it is about. */
function deniedTo({ reader, who }: ConnectionAccess, failure: Failure): Failure {
  const { organization } = reader;
  const { topic, what, situation, facts } = failure;
  if (topic !== 'sign-in-page' && topic !== 'redirect-refused') return failure;
  if (situation?.about !== 'service') return failure;
  const said = `${clause(what)}: ${organization.name} does not accept ${who} here.`;
  return advised('access-denied', said, { ...situation, code: 'connections-closed' }, facts);
}

/** A connection that is not found may be one that is not shown. */
function codeOf(reply: Refused, verb: Verb): ServiceCode {
  if (/endpoint ?type|jobpatissuer/i.test(reply.text)) return 'connection-type-unknown';
  if (verb === 'create' && isAboutPermission(reply)) return 'connection-not-creatable';
  if (isNotThere(reply) || isAboutPermission(reply)) return 'connection-forbidden';
  return reply.status === 400 ? 'connection-not-valid' : 'refused';
}

function isProjectUnknown({ text, typeKey }: { readonly text: string; readonly typeKey: string }): boolean {
  return /^Project(DoesNotExist|NotFound)/i.test(typeKey) || /TF200016|VS800075/.test(text);
}

function quoted(text: string): string {
  return `"${sanitize(text, 80)}"`;
}

function isSame(text: string | undefined, other: string): boolean {
  return text?.toLowerCase() === other.toLowerCase();
}
