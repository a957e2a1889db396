import { withScope, type Entry } from '../devops/access.js';
import { readJson } from '../devops/json-body.js';
import { inProject, wireProject, type ProjectEntry } from '../devops/project-access.js';
import { badRequest, notAuthorized, serviceError } from '../devops/refusals.js';
import { roleOf } from '../devops/role.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, versioned } from '../devops/versions.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import { emptyReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { wireTime } from '../pats/instant.js';
import type { GroupChange, GroupReference, Variable, VariableGroup } from './store.js';

const path = '/_apis/distributedtask/variablegroups';

/** Variable groups: read in a project, written in the organization (specs/distributedTask/7.1). */
export function variableGroupRoutes(service: Service): Route[] {
  const reading = (answer: (call: Call, entry: ProjectEntry) => Reply): Route['handle'] =>
    inProject(
      service,
      'vso.variablegroups_read',
      (call, entry) => refuseReleasedVersion(call) ?? answer(call, entry),
    );
  const writing = (answer: (call: Call, entry: Entry, service: Service) => Reply): Route['handle'] =>
    withScope(
      service,
      'vso.variablegroups_manage',
      (call, entry) => refuseReleasedVersion(call) ?? answer(call, entry, service),
    );
  return [
    {
      operation: 'variablegroups.list',
      method: 'GET',
      path: `/{organization}/{project}${path}`,
      handle: reading((call, entry) => {
        const asked = visibleGroups(entry, service).filter(group => isAsked(group, call));
        // A list never tells which projects share a group.
        const value = page(asked, call).map(group => ({
          ...wireGroup(group, service),
          variableGroupProjectReferences: null,
        }));
        return versioned(call, { count: value.length, value });
      }),
    },
    {
      operation: 'variablegroups.get',
      method: 'GET',
      path: `/{organization}/{project}${path}/{id}`,
      handle: reading((call, entry) => {
        const id = Number(parameterOf(call, 'id'));
        const group = visibleGroups(entry, service).find(group => group.id === id);
        // Asked for an unknown id, the service says nothing, with 200.
        return versioned(call, group === undefined ? null : wireGroup(group, service));
      }),
    },
    {
      operation: 'variablegroups.create',
      method: 'POST',
      path: `/{organization}${path}`,
      handle: writing(create),
    },
    {
      operation: 'variablegroups.update',
      method: 'PUT',
      path: `/{organization}${path}/{id}`,
      handle: writing(update),
    },
    {
      operation: 'variablegroups.delete',
      method: 'DELETE',
      path: `/{organization}${path}/{id}`,
      handle: writing(remove),
    },
  ];
}

function visibleGroups(entry: ProjectEntry, { variableGroups }: Service): VariableGroup[] {
  return variableGroups
    .in(entry.organization)
    .filter(({ references }) => references.some(({ project }) => project.id === entry.project.id))
    .filter(group => roleOf(entry, group.roles) !== 'none');
}

/** `groupName` may have stars; `groupIds` is a list. */
function isAsked({ id, name }: VariableGroup, call: Call): boolean {
  const names = queryOf(call, 'groupName');
  const ids = queryOf(call, 'groupIds');
  if (ids !== undefined && !ids.split(',').includes(String(id))) return false;
  if (names === undefined) return true;
  const pattern = names.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 'i').test(name);
}

/** The order, which may be told by the number of its enum, and the number of groups. */
function page(groups: readonly VariableGroup[], call: Call): VariableGroup[] {
  const ascending = /^(idAscending|0)$/i.test(queryOf(call, 'queryOrder') ?? '');
  const ordered = [...groups].sort((one, other) => (ascending ? one.id - other.id : other.id - one.id));
  return ordered.slice(0, Number(queryOf(call, '$top') ?? ordered.length));
}

function create(call: Call, entry: Entry, service: Service): Reply {
  const change = readChange(call, entry, service);
  if ('status' in change) return change;
  const { name, references } = change;
  const taken = service.variableGroups
    .in(entry.organization)
    .filter(group => group.name.toLowerCase() === name.toLowerCase())
    .some(group => group.references.some(one => references.some(({ project }) => project === one.project)));
  if (taken) {
    return serviceError({
      status: 409,
      typeKey: 'VariableGroupExistsException',
      message: `Variable group with name ${name} already exists.`,
    });
  }
  return versioned(call, wireGroup(service.variableGroups.create(entry.organization, change), service));
}

function update(call: Call, entry: Entry, service: Service): Reply {
  const group = groupIn(call, entry, service);
  if (group === undefined) return unknownGroup(parameterOf(call, 'id'));
  const change = readChange(call, entry, service);
  if ('status' in change) return change;
  if (roleOf(entry, group.roles) !== 'administrator') return noAdministrator();
  service.variableGroups.update(group, change);
  return versioned(call, wireGroup(group, service));
}

/** Takes a group out of the projects that are named, and away with its last one. */
function remove(call: Call, entry: Entry, service: Service): Reply {
  const group = groupIn(call, entry, service);
  if (group === undefined) return unknownGroup(parameterOf(call, 'id'));
  if (roleOf(entry, group.roles) !== 'administrator') return noAdministrator();
  service.variableGroups.remove(group, (queryOf(call, 'projectIds') ?? '').toLowerCase().split(','));
  return emptyReply(204);
}

function groupIn(call: Call, entry: Entry, { variableGroups }: Service): VariableGroup | undefined {
  const id = Number(parameterOf(call, 'id'));
  const group = variableGroups.in(entry.organization).find(group => group.id === id);
  return group === undefined || roleOf(entry, group.roles) === 'none' ? undefined : group;
}

function readChange(call: Call, entry: Entry, service: Service): GroupChange | Reply {
  const json = readJson(call);
  if ('refusal' in json) return json.refusal;
  const body: Record<string, unknown> = { ...json.body };
  // Without the projects the service does not know whose rights count (specs issue 531).
  const references = referencesOf(body['variableGroupProjectReferences'], entry, service);
  if (references.length === 0) return notAuthorized(entry.user.id);
  if (listOf(body['variableGroupProjectReferences']).some(given => projectNameOf(given) === ''))
    return badRequest(
      'Project information name is not valid for variable group.',
      'InvalidProjectReferenceException',
    );
  const variables = variablesOf(body['variables']);
  if (variables === undefined || typeof body['name'] !== 'string')
    return badRequest('Value cannot be null. Parameter name: variables', 'ArgumentNullException');
  return {
    name: body['name'],
    description: textOf(body['description']),
    type: typeof body['type'] === 'string' ? body['type'] : 'Vsts',
    variables,
    references,
  };
}

function referencesOf(value: unknown, { organization, projects }: Entry, service: Service): GroupReference[] {
  return listOf(value).flatMap(given => {
    const named = objectOf(given['projectReference']);
    const project = service.projects.find(organization, textOf(named['id'] ?? named['name']));
    if (project === undefined || !(projects?.includes(project.id) ?? true)) return [];
    return [{ name: textOf(given['name']), description: textOf(given['description']), project }];
  });
}

function projectNameOf(reference: Record<string, unknown>): string {
  return textOf(objectOf(reference['projectReference'])['name']);
}

function variablesOf(value: unknown): Record<string, Variable> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, given]): [string, Variable] => {
      const variable = objectOf(given);
      const text = variable['value'];
      return [
        name,
        {
          value: typeof text === 'string' ? text : null,
          ...(variable['isSecret'] === true && { isSecret: true }),
          ...(variable['isReadOnly'] === true && { isReadOnly: true }),
        },
      ];
    }),
  );
}

function wireGroup(group: VariableGroup, service: Service): Record<string, unknown> {
  const { id, type, name, description, organization } = group;
  const variables = Object.entries(group.variables).map(([key, variable]) => [
    key,
    variable.isSecret === true ? { ...variable, value: null } : variable,
  ]);
  return {
    variables: Object.fromEntries(variables) as unknown,
    id,
    type,
    name,
    description,
    createdBy: { displayName: 'Somebody', id: organization.id },
    createdOn: wireTime(group.createdOn),
    modifiedBy: { displayName: 'Somebody', id: organization.id },
    modifiedOn: wireTime(group.modifiedOn),
    isShared: group.references.length > 1,
    variableGroupProjectReferences: group.references.map(reference => ({
      name: reference.name,
      description: reference.description,
      projectReference: {
        id: reference.project.id,
        name: wireProject(service, organization, reference.project)['name'],
      },
    })),
  };
}

function unknownGroup(id: string): Reply {
  return serviceError({
    status: 404,
    typeKey: 'VariableGroupNotFoundException',
    message: `Variable group with id ${id} could not be found.`,
  });
}

function noAdministrator(): Reply {
  return serviceError({
    status: 403,
    typeKey: 'AccessDeniedException',
    message:
      'You do not have permissions to perform this operation on the variable group. A variable group Administrator ' +
      'should add you to the Administrator role.',
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
