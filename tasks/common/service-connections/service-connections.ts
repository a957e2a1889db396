import type { Clock } from '../agent/clock.js';
import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, settled, type Reply } from '../http/azure-devops.js';
import type { Http, HttpRequest } from '../http/http.js';
import { patiently, remaining, type Attempt, type Patience } from '../http/patience.js';
import type { Organization } from '../inputs/organization.js';
import { Failure } from '../text/failure.js';
import { asGuid, asObject, asText, objectsOf, type JsonObject } from '../text/json.js';
import { outsideText } from '../text/outside-text.js';

/** Of the published resource (specs/serviceEndpoint/7.1). */
const API_VERSION = '7.1';

/** Where service connections are read and written, and in whose name. */
export interface ConnectionAccess {
  readonly organization: Organization;
  /** Name or id. */
  readonly project: string;
  /** For a message: `the issuing user`. */
  readonly who: string;
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
  find(nameOrId: string, patience: Patience): Promise<FoundConnection | undefined>;
  /** By id; the only read in which every secret has its place, as `null`. @throws Failure */
  readonly read: (id: string, patience: Patience) => Promise<FoundConnection | undefined>;
  /** Makes one, for the project that its `serviceEndpointProjectReferences` name. */
  create(raw: JsonObject, patience: Patience): Promise<WriteOutcome>;
  /**
   * Replaces one by `raw`: what was read, with its changes (see `edit-connection.ts`). Whether a
   * secret that is `null` stays as it is, is not published: what is held is sent.
   */
  update(raw: JsonObject, patience: Patience): Promise<WriteOutcome>;
  /** Removes one from a project, and with its last project altogether. */
  remove(id: string, projectId: string, patience: Patience): Promise<WriteOutcome>;
}

/**
 * The service endpoint API of one project. Reads are repeated patiently, writes are sent once. Reading and creating
 * belong to a project, updating to the organization: a connection may be shared between projects.
 */
export function serviceConnections(access: ConnectionAccess, http: Http, clock: Clock): ServiceConnections {
  const { organization, project } = access;
  const ofProject = `${organization.url}/${encodeURIComponent(project)}/_apis/serviceendpoint/endpoints`;
  const ofOrganization = `${organization.url}/_apis/serviceendpoint/endpoints`;

  const send = async (
    method: HttpRequest['method'],
    url: string,
    query: Record<string, string>,
    patience: Patience,
    body?: JsonObject,
  ): Promise<Reply> => {
    const authorization = await access.authorization(method === 'GET' ? 'read' : 'write');
    const headers = azureDevOpsHeaders(authorization);
    return ask(http, () => clock.now(), {
      method,
      url: `${url}?${new URLSearchParams({ ...query, 'api-version': API_VERSION }).toString()}`,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      timeout: remaining(patience, REQUEST_TIMEOUT),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const get = (url: string, query: Record<string, string>, patience: Patience) =>
    patiently(patience, async () => readable(await send('GET', url, query, patience), access));

  const read = async (id: string, patience: Patience): Promise<FoundConnection | undefined> =>
    found(await get(`${ofProject}/${encodeURIComponent(id)}`, {}, patience));

  return {
    read,

    async find(nameOrId, patience) {
      const id = asGuid(nameOrId);
      const byId = id === undefined ? undefined : await read(id, patience);
      if (byId !== undefined) return byId;
      // The service takes a list of names, and splits it at commas.
      const query: Record<string, string> = nameOrId.includes(',') ? {} : { endpointNames: nameOrId };
      const list = objectsOf((await get(ofProject, query, patience))?.['value']);
      const named = list.filter(raw => namesOf(raw, project).some(name => isSame(name, nameOrId)));
      return found(named.find(raw => namesOf(raw, project).includes(nameOrId)) ?? named[0]);
    },

    create: async (raw, patience) =>
      written(await send('POST', ofOrganization, {}, patience, raw), access, asText(raw['name']) ?? ''),

    update: async (raw, patience) => {
      const url = `${ofOrganization}/${encodeURIComponent(asText(raw['id']) ?? '')}`;
      return written(await send('PUT', url, {}, patience, raw), access, asText(raw['name']) ?? '');
    },

    remove: async (id, projectId, patience) => {
      const url = `${ofOrganization}/${encodeURIComponent(id)}`;
      return written(await send('DELETE', url, { projectIds: projectId }, patience), access, id);
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

function readable(reply: Reply, access: ConnectionAccess): Attempt<JsonObject | undefined> {
  const { organization, project, who } = access;
  switch (reply.kind) {
    case 'refused':
      if (isProjectUnknown(reply)) {
        throw new Failure(
          'project-not-found',
          `${organization.name} has no project ${quoted(project)} that ${who} may see.`,
          'Check the name of the project, and that this identity is a member of it.',
        );
      }
      if (reply.status === 404) return { done: undefined };
      throw new Failure(
        'access-denied',
        `${organization.name} did not let ${who} read service connections of project ${quoted(project)} (HTTP ${reply.status}${saying(reply.text)}).`,
        'Give that identity the role User or Administrator (Project settings, Service connections, Security).',
      );
    case 'denied':
      throw deniedTo(access, reply.failure);
    default: {
      const attempt = settled(reply, organization.name);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'json' ? attempt.done.value : undefined };
    }
  }
}

function written(reply: Reply, access: ConnectionAccess, connection: string): WriteOutcome {
  const { organization, project, who } = access;
  switch (reply.kind) {
    case 'json':
      return { kind: 'written', raw: reply.value };
    case 'empty':
      return { kind: 'written', raw: undefined };
    case 'later':
    case 'unclear':
      return reply;
    case 'denied': {
      const { what, repair } = deniedTo(access, reply.failure);
      return { kind: 'refused', failure: new Failure('store-refused', what, repair) };
    }
    case 'refused': {
      const place = `service connection ${quoted(connection)} in project ${quoted(project)}`;
      const what = `${organization.name} did not let ${who} change ${place} (HTTP ${reply.status}${saying(reply.text)}).`;
      const repair = isAboutPermission(reply)
        ? 'Give that identity the role Administrator of this service connection (Project settings, Service connections, the connection, Security).'
        : 'Open the service connection in the project settings and save it there: the form says what it misses.';
      return { kind: 'refused', failure: new Failure('store-refused', what, repair) };
    }
  }
}

/** A missing sign-in, said of whom it is about. */
function deniedTo({ organization, who }: ConnectionAccess, failure: Failure): Failure {
  if (failure.topic !== 'sign-in-page' && failure.topic !== 'redirect-refused') return failure;
  return new Failure(
    'access-denied',
    `${failure.what.replace(/\.$/, '')}: ${organization.name} does not accept ${who} here.`,
    'Give that identity the role Administrator of the service connection (Project settings, Service connections, the connection, Security); a pipeline that is limited to its own project reaches no other.',
  );
}

function isAboutPermission({ status, text }: { readonly status: number; readonly text: string }): boolean {
  // A text can be about the field "authorization" or an "access token" just as well.
  const isSaid = /\b(permissions?|not (?:authorized|allowed)|access (?:is )?denied|administrator)\b/i.test(
    text,
  );
  return status === 403 || status === 404 || isSaid;
}

function isProjectUnknown({ text, typeKey }: { readonly text: string; readonly typeKey: string }): boolean {
  return /^Project(DoesNotExist|NotFound)/i.test(typeKey) || /TF200016|VS800075/.test(text);
}

function saying(text: string): string {
  return text === '' ? '' : `, ${text.replace(/\.$/, '')}`;
}

function quoted(text: string): string {
  return `"${outsideText(text, 80)}"`;
}

function isSame(text: string | undefined, other: string): boolean {
  return text?.toLowerCase() === other.toLowerCase();
}
