import { withScope } from '../devops/access.js';
import { badRequest, serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, refuseVersion, versioned } from '../devops/versions.js';
import { isMember } from '../devops/caller.js';
import type { User } from '../entra/principals.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { Organization } from '../organizations.js';
import { buildService } from '../runs/job-tokens.js';
import { subjectDescriptorOf, subjectTypeOf } from './subject.js';

/** The subjects of an organization, `/{organization}/_apis/graph`, which need `vso.graph`. */
export function graphRoutes(service: Service): Route[] {
  return [
    {
      operation: 'graph.users',
      method: 'GET',
      path: '/{organization}/_apis/graph/users',
      handle: withScope(
        service,
        'vso.graph',
        (call, { organization }) =>
          refuseVersion(call, ['6.1', '7.0', '7.1', '7.2']) ?? listUsers(call, organization, service),
      ),
    },
    {
      operation: 'graph.descriptor',
      method: 'GET',
      path: '/{organization}/_apis/graph/descriptors/{storageKey}',
      handle: withScope(
        service,
        'vso.graph',
        (call, { organization }) => refuseReleasedVersion(call) ?? descriptor(call, organization, service),
      ),
    },
    {
      operation: 'graph.membershipState',
      method: 'GET',
      path: '/{organization}/_apis/graph/membershipstates/{subjectDescriptor}',
      handle: withScope(
        service,
        'vso.graph',
        (call, { organization }) =>
          refuseVersion(call, ['6.1', '7.0', '7.1', '7.2']) ?? membershipState(call, organization, service),
      ),
    },
  ];
}

/** Whether a subject is an active member (GraphMembershipState). */
function membershipState(call: Call, organization: Organization, service: Service): Reply {
  const asked = parameterOf(call, 'subjectDescriptor');
  const user = subjectsOf(organization, service).find(user => subjectDescriptorOf(user) === asked);
  if (!user) {
    const message = `The subject '${asked}' was not found.`;
    return serviceError({ status: 404, typeKey: 'GraphSubjectNotFoundException', message });
  }
  const url = `${graphUrl(organization, service)}/MembershipStates/${asked}`;
  return versioned(call, { active: user.active, _links: { self: { href: url } } });
}

/** The members of an organization, in a fixed order, and the identity of its builds. */
export function subjectsOf(organization: Organization, { directory }: Service): readonly User[] {
  return [...directory.users.filter(user => isMember(user, organization)), buildService(organization)];
}

/** The token of the next page is in a header, and there is none after the last. */
function listUsers(call: Call, organization: Organization, service: Service): Reply {
  const types = queryOf(call, 'subjectTypes')?.toLowerCase().split(',') ?? [];
  const users = subjectsOf(organization, service);
  const token = queryOf(call, 'continuationToken') ?? '';
  const last = users.findIndex(user => token === tokenOf(user));
  if (token !== '' && last < 0) return badRequest('The continuation token is not valid.');
  const asked = users
    .slice(last + 1)
    .filter(user => types.length === 0 || types.includes(subjectTypeOf(user)));
  const page = asked.slice(0, service.manners.usersPerPage);
  const next = page.length < asked.length ? page.at(-1) : undefined;
  return versioned(
    call,
    { count: page.length, value: page.map(user => wireUser(user, organization, service)) },
    next ? { 'X-MS-ContinuationToken': tokenOf(next) } : {},
  );
}

function tokenOf(user: User): string {
  return Buffer.from(`after ${user.id}`).toString('base64url');
}

function wireUser(user: User, organization: Organization, service: Service): Record<string, unknown> {
  const { id, displayName, principalName, mailAddress, origin } = user;
  const graph = graphUrl(organization, service);
  const descriptor = subjectDescriptorOf(user);
  return {
    subjectKind: 'user',
    ...(origin === 'vsts' ? {} : { metaType: 'member', directoryAlias: principalName.split('@')[0] }),
    domain: origin === 'aad' ? service.directory.tenantId : origin === 'msa' ? 'Windows Live ID' : 'Build',
    principalName,
    mailAddress,
    origin,
    originId: id,
    displayName,
    _links: {
      self: { href: `${graph}/Users/${descriptor}` },
      memberships: { href: `${graph}/Memberships/${descriptor}` },
      storageKey: { href: `${graph}/StorageKeys/${descriptor}` },
    },
    url: `${graph}/Users/${descriptor}`,
    descriptor,
  };
}

function descriptor(call: Call, organization: Organization, service: Service): Reply {
  const storageKey = parameterOf(call, 'storageKey').toLowerCase();
  const user = subjectsOf(organization, service).find(({ id }) => id === storageKey);
  if (!user) {
    const message = `The storage key '${storageKey}' belongs to nobody here.`;
    return badRequest(message, 'InvalidGetDescriptorRequestException');
  }
  const value = subjectDescriptorOf(user);
  const graph = graphUrl(organization, service);
  return versioned(call, {
    value,
    _links: {
      self: { href: `${graph}/Descriptors/${storageKey}` },
      storageKey: { href: `${graph}/StorageKeys/${value}` },
      subject: { href: `${graph}/Users/${value}` },
    },
  });
}

function graphUrl({ name }: Organization, service: Service): string {
  return `${service.origin()}/${name}/_apis/Graph`;
}
