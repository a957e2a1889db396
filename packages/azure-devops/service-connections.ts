import type { Clock } from '#http/clock';
import type { Asker } from '#advice/asker';
import type { ServiceCode } from '#advice/service';
import { advised } from '#advice/pipeline';
import { underTopic, type Failure } from '#advice/failure';
import {
  send,
  azureDevOpsHeaders,
  REQUEST_TIMEOUT,
  saying,
  unwrap,
  type Refused,
  type ApiResponse,
} from './client.js';
import { isAboutPermission, isNotThere } from './refusals.js';
import { clause } from '#text/sentence';
import type { Http, HttpRequest } from '#http/http';
import { retry, timeLeft, type RetryResult, type RetryPolicy } from '#http/retry';
import type { Organization } from './organization.js';
import { asGuid, asObject, asText, objectsOf, type JsonObject } from '#text/json';
import { sanitize } from '#text/sanitize';

/** Of the published resource (specs/serviceEndpoint/7.1). */
const API_VERSION = '7.1';

/** Where service connections are read and written, and in whose name. */
export interface ConnectionAccess {
  readonly organization: Organization;
  /** Name or id. */
  readonly project: string;
  /** For a message: `the issuing user`. */
  readonly who: string;
  /** Whose credential a request carries. */
  asker(purpose: 'read' | 'write'): Asker;
  /** The value of the Authorization header. @throws Failure */
  authorization(purpose: 'read' | 'write'): Promise<string>;
}

/** A service connection as the service gives it: everything that is not secret, and `null` for what is. */
export interface FoundConnection {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly scheme: string;
  readonly raw: JsonObject;
}

/** What became of a write, which is sent once. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly raw: JsonObject | undefined }
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
  create(raw: JsonObject, policy: RetryPolicy): Promise<WriteOutcome>;
  /**
   * Replaces one by `raw`: what was read, with its changes (see `edit-connection.ts`). Whether a
   * secret that is `null` stays as it is, is not published: what is held is sent.
   */
  update(raw: JsonObject, policy: RetryPolicy): Promise<WriteOutcome>;
  /** Removes one from a project, and with its last project altogether. */
  remove(id: string, projectId: string, policy: RetryPolicy): Promise<WriteOutcome>;
}

/**
 * The service endpoint API of one project. Reads are repeated, writes are sent once. Reading and creating
 * belong to a project, updating to the organization: a connection may be shared between projects.
 */
export function serviceConnections(access: ConnectionAccess, http: Http, clock: Clock): ServiceConnections {
  const { organization, project } = access;
  const ofProject = `${organization.url}/${encodeURIComponent(project)}/_apis/serviceendpoint/endpoints`;
  const ofOrganization = `${organization.url}/_apis/serviceendpoint/endpoints`;

  const request = async (
    method: HttpRequest['method'],
    url: string,
    query: Record<string, string>,
    policy: RetryPolicy,
    body?: JsonObject,
  ): Promise<ApiResponse> => {
    const purpose = method === 'GET' ? 'read' : 'write';
    const authorization = await access.authorization(purpose);
    const headers = azureDevOpsHeaders(authorization);
    return send(
      http,
      () => clock.now(),
      {
        method,
        url: `${url}?${new URLSearchParams({ ...query, 'api-version': API_VERSION }).toString()}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        timeout: timeLeft(policy, REQUEST_TIMEOUT),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      access.asker(purpose),
    );
  };
  const get = (url: string, query: Record<string, string>, policy: RetryPolicy) =>
    retry(policy, async () => readable(await request('GET', url, query, policy), access));

  const read = async (id: string, policy: RetryPolicy): Promise<FoundConnection | undefined> =>
    found(await get(`${ofProject}/${encodeURIComponent(id)}`, {}, policy));

  return {
    read,

    async find(nameOrId, policy) {
      const id = asGuid(nameOrId);
      const byId = id === undefined ? undefined : await read(id, policy);
      if (byId !== undefined) return byId;
      // The service takes a list of names, and splits it at commas.
      const query: Record<string, string> = nameOrId.includes(',') ? {} : { endpointNames: nameOrId };
      const list = objectsOf((await get(ofProject, query, policy))?.['value']);
      const named = list.filter(raw => namesOf(raw, project).some(name => isSame(name, nameOrId)));
      return found(named.find(raw => namesOf(raw, project).includes(nameOrId)) ?? named[0]);
    },

    create: async (raw, policy) =>
      written(
        await request('POST', ofOrganization, {}, policy, raw),
        access,
        'create',
        asText(raw['name']) ?? '',
      ),

    update: async (raw, policy) => {
      const url = `${ofOrganization}/${encodeURIComponent(asText(raw['id']) ?? '')}`;
      return written(await request('PUT', url, {}, policy, raw), access, 'change', asText(raw['name']) ?? '');
    },

    remove: async (id, projectId, policy) => {
      const url = `${ofOrganization}/${encodeURIComponent(id)}`;
      return written(await request('DELETE', url, { projectIds: projectId }, policy), access, 'remove', id);
    },
  };
}

/** The entry of a connection for one project: there it has a name and a description of its own. */
export function isReferenceOf(reference: JsonObject, project: string): boolean {
  const named = asObject(reference['projectReference']);
  return isSame(asText(named?.['id']), project) || isSame(asText(named?.['name']), project);
}

function namesOf(raw: JsonObject, project: string): string[] {
  const references = objectsOf(raw['serviceEndpointProjectReferences']);
  const mine = references.filter(reference => isReferenceOf(reference, project));
  return [raw, ...mine].flatMap(entry => asText(entry['name']) ?? []);
}

/** An unknown connection, and one that the caller may not see, is `null`, an object without id, or 404. */
function found(raw: JsonObject | undefined): FoundConnection | undefined {
  const id = asGuid(raw?.['id']);
  if (raw === undefined || id === undefined) return undefined;
  return {
    id,
    name: asText(raw['name']) ?? '',
    type: asText(raw['type']) ?? '',
    scheme: asText(asObject(raw['authorization'])?.['scheme']) ?? '',
    raw,
  };
}

function readable(reply: ApiResponse, access: ConnectionAccess): RetryResult<JsonObject | undefined> {
  const { organization, project, who } = access;
  switch (reply.kind) {
    case 'refused':
      if (isProjectUnknown(reply)) {
        throw advised(
          'project-not-found',
          `${organization.name} has no project ${quoted(project)} that ${who} may see.`,
          { about: 'service', code: 'project-unknown', asker: reply.asker },
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
  const { organization, project, who } = access;
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
        failure: advised('store-refused', what, { about: 'service', code, asker: reply.asker }),
      };
    }
  }
}

/** A missing sign-in, said of whom it is about. */
function deniedTo({ organization, who }: ConnectionAccess, failure: Failure): Failure {
  const { topic, what, situation } = failure;
  if (topic !== 'sign-in-page' && topic !== 'redirect-refused') return failure;
  if (situation?.about !== 'service') return failure;
  const said = `${clause(what)}: ${organization.name} does not accept ${who} here.`;
  return advised('access-denied', said, { ...situation, code: 'connections-closed' });
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
