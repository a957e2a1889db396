import { randomUUID } from 'node:crypto';
import { withScope, type Entry } from '../devops/access.js';
import { badRequest, serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { versioned } from '../devops/versions.js';
import { mediaTypeOf, parameterOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';

type Fields = Record<string, unknown>;

/** The numbers of the work items that every organization has. */
const LAST = 100;

/**
 * `/{organization}/_apis/wit/workItems/{id}` (vsts-rest-api-specs, workItemTracking 7.1): one work item. Reading needs
 * `vso.work`, a change of its fields, which is a JSON Patch, `vso.work_write`.
 */
export function workItemRoutes(service: Service): Route[] {
  const changed = new Map<string, Fields>();
  const fieldsOf = ({ organization }: Entry, id: string): Fields =>
    changed.get(`${organization.id}/${id}`) ?? {
      'System.TeamProject': organization.project.name,
      'System.WorkItemType': 'Task',
      'System.State': 'Active',
      'System.Title': `Task ${id}`,
    };
  const answer = (
    call: Call,
    entry: Entry,
    change?: (fields: Fields, id: string) => Fields | Reply,
  ): Reply => {
    const id = parameterOf(call, 'id');
    if (!/^[1-9]\d{0,2}$/.test(id) || Number(id) > LAST) return notFound(id);
    const fields = fieldsOf(entry, id);
    const after = change?.(fields, id) ?? fields;
    if (isReply(after)) return after;
    changed.set(`${entry.organization.id}/${id}`, after);
    const url = `${service.origin()}/${entry.organization.name}/_apis/wit/workItems/${id}`;
    return versioned(call, { id: Number(id), rev: 1, fields: after, url });
  };
  return ['/{organization}', '/{organization}/{project}'].flatMap((place): Route[] => [
    {
      operation: 'workItems.get',
      method: 'GET',
      path: `${place}/_apis/wit/workItems/{id}`,
      handle: withScope(service, 'vso.work', (call, entry) => answer(call, entry)),
    },
    {
      operation: 'workItems.update',
      method: 'PATCH',
      path: `${place}/_apis/wit/workItems/{id}`,
      handle: withScope(service, 'vso.work_write', (call, entry) =>
        answer(call, entry, fields => patched(call, fields)),
      ),
    },
  ]);
}

function isReply(value: Fields | Reply): value is Reply {
  return 'status' in value && 'headers' in value;
}

/** Operations other than add and replace of a field are not emulated. */
function patched(call: Call, fields: Fields): Fields | Reply {
  if (mediaTypeOf(call) !== 'application/json-patch+json')
    return serviceError({
      status: 415,
      typeKey: 'VssRequestContentTypeNotSupportedException',
      message: `The request indicated a Content-Type of "${mediaTypeOf(call)}" for method type "PATCH" which is not supported.`,
    });
  const operations = parsed(call.body.toString('utf8'));
  const changes = Array.isArray(operations) ? operations.map(changeIn) : [];
  const after = { ...fields };
  for (const change of changes) if (change !== undefined) after[change.field] = change.value;
  return changes.length === 0 || changes.includes(undefined)
    ? badRequest(`TF400898: An Internal Error Occurred. ActivityId: ${randomUUID()}.`)
    : after;
}

function changeIn(operation: unknown): { readonly field: string; readonly value: unknown } | undefined {
  if (typeof operation !== 'object' || operation === null) return undefined;
  if (!('op' in operation && 'path' in operation && 'value' in operation)) return undefined;
  const { op, path, value } = operation;
  const field = /^\/fields\/([\w.]+)$/.exec(typeof path === 'string' ? path : '')?.[1];
  return field !== undefined && (op === 'add' || op === 'replace') ? { field, value } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function notFound(id: string): Reply {
  return serviceError({
    status: 404,
    typeKey: 'WorkItemUnauthorizedAccessException',
    message: `TF401232: Work item ${id} does not exist, or you do not have permissions to read it.`,
  });
}
