import { withScope, type Entry } from '../devops/access.js';
import { readJson } from '../devops/json-body.js';
import { inProject, type ProjectEntry } from '../devops/project-access.js';
import { badRequest, serviceError } from '../devops/refusals.js';
import { roleOf } from '../devops/role.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, versioned } from '../devops/versions.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import { emptyReply, jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import {
  isSecretParameter,
  type Connection,
  type ConnectionChange,
  type ConnectionReference,
} from './store.js';

const path = '/_apis/serviceendpoint/endpoints';

/** Service connections: read in a project, written in the organization (specs/serviceEndpoint/7.1). */
export function connectionRoutes(service: Service): Route[] {
  const reading = (answer: (call: Call, entry: ProjectEntry) => Reply): Route['handle'] =>
    inProject(
      service,
      'vso.serviceendpoint',
      (call, entry) => refuseReleasedVersion(call) ?? answer(call, entry),
    );
  const writing = (answer: (call: Call, entry: Entry) => Reply): Route['handle'] =>
    withScope(
      service,
      'vso.serviceendpoint_manage',
      (call, entry) => refuseReleasedVersion(call) ?? answer(call, entry),
    );
  return [
    {
      operation: 'serviceendpoint.list',
      method: 'GET',
      path: `/{organization}/{project}${path}`,
      handle: reading((call, entry) => {
        const found = visibleIn(entry, service).filter(connection => isAsked(connection, entry, call));
        const value = found.map(connection => wireConnection(connection, 'list', entry.project.id));
        return versioned(call, { count: value.length, value });
      }),
    },
    {
      operation: 'serviceendpoint.get',
      method: 'GET',
      path: `/{organization}/{project}${path}/{id}`,
      handle: reading((call, entry) => {
        const id = parameterOf(call, 'id').toLowerCase();
        const found = visibleIn(entry, service).find(connection => connection.id === id);
        // Asked for an unknown id, the service says nothing, with 200.
        return found === undefined
          ? jsonReply(200, null)
          : versioned(
              call,
              wireConnection(
                found,
                service.manners.confidentialRead === 'null' ? 'details' : 'list',
                entry.project.id,
              ),
            );
      }),
    },
    {
      operation: 'serviceendpoint.create',
      method: 'POST',
      path: `/{organization}${path}`,
      handle: writing((call, entry) => create(call, entry, service)),
    },
    {
      operation: 'serviceendpoint.update',
      method: 'PUT',
      path: `/{organization}${path}/{id}`,
      handle: writing((call, entry) => update(call, entry, service)),
    },
    {
      operation: 'serviceendpoint.delete',
      method: 'DELETE',
      path: `/{organization}${path}/{id}`,
      handle: writing((call, entry) => remove(call, entry, service)),
    },
  ];
}

function visibleIn(entry: ProjectEntry, { connections }: Service): Connection[] {
  return connections
    .in(entry.organization)
    .filter(({ references }) => references.some(({ project }) => project.id === entry.project.id))
    .filter(({ roles }) => roleOf(entry, roles) !== 'none');
}

/** The filters of the list (specs/serviceEndpoint/7.1), each a list separated by commas; all are from the library. */
function isAsked(connection: Connection, { project }: ProjectEntry, call: Call): boolean {
  const asks = (filter: string, value: string): boolean =>
    queryOf(call, filter)?.toLowerCase().split(',').includes(value.toLowerCase()) ?? true;
  const own = connection.references.find(reference => reference.project.id === project.id);
  return (
    asks('endpointNames', own?.name ?? '') &&
    asks('endpointIds', connection.id) &&
    asks('type', connection.type) &&
    asks('authSchemes', connection.scheme) &&
    asks('owner', 'library')
  );
}

function create(call: Call, entry: Entry, service: Service): Reply {
  const change = readChange(call, entry, service);
  if ('status' in change) return change;
  if (!service.manners.connectionsMayBeCreated) return noPermission('create');
  const { connections } = service;
  const taken = connections
    .in(entry.organization)
    .some(known =>
      known.references.some(({ name, project }) =>
        change.references.some(
          wanted => wanted.name.toLowerCase() === name.toLowerCase() && wanted.project.id === project.id,
        ),
      ),
    );
  if (taken) {
    return serviceError({
      status: 409,
      typeKey: 'DuplicateServiceConnectionException',
      message: `Service connection with name ${change.name} already exists. Only a user having Administrator/User role permissions on service connection ${change.name} can see it.`,
    });
  }
  return versioned(call, wireConnection(connections.create(entry.organization, change), 'details'));
}

function update(call: Call, entry: Entry, service: Service): Reply {
  const connection = service.connections
    .in(entry.organization)
    .find(({ id }) => id === parameterOf(call, 'id').toLowerCase());
  if (connection === undefined || roleOf(entry, connection.roles) === 'none')
    return unknownConnection(parameterOf(call, 'id'));
  if (roleOf(entry, connection.roles) !== 'administrator') return noPermission('update');
  const change = readChange(call, entry, service);
  if ('status' in change) return change;
  service.connections.update(connection, change);
  return versioned(call, wireConnection(connection, 'details'));
}

function remove(call: Call, entry: Entry, service: Service): Reply {
  const connection = service.connections
    .in(entry.organization)
    .find(({ id }) => id === parameterOf(call, 'id').toLowerCase());
  if (connection === undefined || roleOf(entry, connection.roles) === 'none')
    return unknownConnection(parameterOf(call, 'id'));
  if (roleOf(entry, connection.roles) !== 'administrator') return noPermission('delete');
  service.connections.remove(connection, (queryOf(call, 'projectIds') ?? '').toLowerCase().split(','));
  return emptyReply(204);
}

function readChange(call: Call, entry: Entry, service: Service): ConnectionChange | Reply {
  const json = readJson(call);
  if ('refusal' in json) return json.refusal;
  const body = textsOf(json.body);
  const authorization = objectOf(objectOf(json.body)['authorization']);
  const references = referencesOf(objectOf(json.body)['serviceEndpointProjectReferences'], entry, service);
  const { name = '', type = '', url = '', description = '' } = body;
  if (name === '' || type === '' || references.length === 0 || typeof authorization['scheme'] !== 'string')
    return badRequest(
      'The service endpoint is not valid: name, type, authorization and a project are required.',
    );
  return {
    name,
    type,
    url,
    description,
    references,
    scheme: authorization['scheme'],
    data: textsOf(objectOf(json.body)['data']),
    parameters: Object.fromEntries(
      Object.entries(objectOf(authorization['parameters'])).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : null,
      ]),
    ),
  };
}

function referencesOf(
  value: unknown,
  { organization, projects }: Entry,
  service: Service,
): ConnectionReference[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap(given => {
    const { id, name: projectName } = textsOf(objectOf(given)['projectReference']);
    const project = service.projects.find(organization, id ?? projectName ?? '');
    if (project === undefined || !(projects?.includes(project.id) ?? true)) return [];
    const { name = '', description = '' } = textsOf(given);
    return [{ name, description, project }];
  });
}

/** A list leaves secret parameters out; the details show them as null. A project sees its own name and description. */
function wireConnection(
  connection: Connection,
  form: 'list' | 'details',
  projectId?: string,
): Record<string, unknown> {
  const { id, type, url, data, scheme, references, organization } = connection;
  const own = references.find(({ project }) => project.id === projectId);
  const parameters = Object.entries(connection.parameters).flatMap(
    ([name, value]): [string, string | null][] => {
      if (!isSecretParameter(name)) return [[name, value]];
      return form === 'list' ? [] : [[name, null]];
    },
  );
  return {
    data,
    id,
    name: own?.name ?? connection.name,
    type,
    url,
    createdBy: { displayName: 'Somebody', id: organization.id },
    description: own?.description ?? connection.description,
    authorization: {
      // A list that has no parameter to show leaves the member out.
      ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
      scheme,
    },
    isShared: references.length > 1,
    isOutdated: false,
    isReady: true,
    owner: 'Library',
    serviceEndpointProjectReferences: references.map(({ project, name, description }) => ({
      projectReference: { id: project.id, name: project.name },
      name,
      description,
    })),
  };
}

function unknownConnection(id: string): Reply {
  return serviceError({
    status: 404,
    typeKey: 'EndpointNotFoundException',
    message: `Could not find service connection with id ${id}.`,
  });
}

function noPermission(what: string): Reply {
  return serviceError({
    status: 403,
    typeKey: 'EndpointAccessDeniedException',
    message: `You do not have permissions to ${what} this service connection. Ask an administrator to add you to its Administrator role.`,
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
