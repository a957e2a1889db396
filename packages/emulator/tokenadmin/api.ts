import { withScope, type Entry } from '../devops/access.js';
import { badRequest, notAuthorized, serviceError } from '../devops/refusals.js';
import { refuseQuery } from '../devops/query.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, refuseVersion, versioned, versionOf } from '../devops/versions.js';
import type { User } from '../entra/principals.js';
import { subjectsOf } from '../graph/api.js';
import { subjectDescriptorOf } from '../graph/subject.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import { emptyReply, type Reply } from '../http/reply.js';
import type { Inspection, Route } from '../http/router.js';
import type { Organization } from '../organizations.js';
import { wireTime } from '../pats/instant.js';
import type { Pat } from '../pats/store.js';
import { readRevocations } from './revocations.js';

const usualPage = 20;
/** Not published. */
const largestPage = 100;
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Token administration, `/{organization}/_apis/tokenadmin`: for administrators, with an Entra token or a PAT that
 * covers `vso.tokenadministration`.
 */
export function tokenAdministrationRoutes(service: Service, inspect: Inspection | undefined): Route[] {
  const administering = (
    parameters: readonly string[],
    answer: (call: Call, entry: Entry) => Reply,
  ): Route['handle'] =>
    withScope(service, 'vso.tokenadministration', (call, entry) => {
      if (!entry.user.administrator) return notAuthorized(entry.user.id);
      const previewOnly = versionOf(call)?.startsWith('7.2') === true;
      const refusal = previewOnly ? refuseVersion(call, ['7.2']) : refuseReleasedVersion(call);
      return refusal ?? refuseQuery(call, parameters) ?? answer(call, entry);
    });
  const common = inspect ? { inspect } : {};
  return [
    {
      ...common,
      operation: 'tokenadmin.list',
      method: 'GET',
      path: '/{organization}/_apis/tokenadmin/personalaccesstokens/{subjectDescriptor}',
      handle: administering(['pageSize', 'continuationToken', 'isPublic'], (call, { organization }) =>
        listFor(call, organization, service),
      ),
    },
    {
      ...common,
      operation: 'tokenadmin.revoke',
      method: 'POST',
      path: '/{organization}/_apis/tokenadmin/revocations',
      handle: administering(['isPublic'], (call, { organization }) => revoke(call, organization, service)),
    },
  ];
}

/** All PATs of a user that are for this organization, also those that are over; the id of the last one leads on. */
function listFor(call: Call, organization: Organization, service: Service): Reply {
  const asked = parameterOf(call, 'subjectDescriptor');
  if (!/^[a-z]+\.[\w-]+$/i.test(asked)) return badRequest('The subject descriptor is not valid.');
  const user = subjectsOf(organization, service).find(subject => subjectDescriptorOf(subject) === asked);
  if (!user) {
    return serviceError({
      status: 404,
      typeKey: 'IdentityNotFoundException',
      message: `There is no identity with the descriptor ${asked}.`,
    });
  }
  const pageSize = queryOf(call, 'pageSize') ?? String(usualPage);
  if (!/^\d{1,3}$/.test(pageSize) || Number(pageSize) < 1 || Number(pageSize) > largestPage)
    return badRequest('The page size is not valid.');
  const pats = isPublic(call) ? [] : patsOf(user, organization, service);
  const token = queryOf(call, 'continuationToken') ?? '';
  const last = pats.findIndex(({ authorizationId }) => authorizationId === token.toLowerCase());
  if (token !== '' && last < 0) return badRequest('The continuation token is not valid.');
  const end = last + 1 + Number(pageSize);
  const page = pats.slice(last + 1, end);
  return versioned(call, {
    value: page.map(wireSessionToken),
    continuationToken: end < pats.length ? (page.at(-1)?.authorizationId ?? null) : null,
  });
}

/** In order of creation: what is made while somebody reads comes at the end. */
function patsOf(user: User, { name }: Organization, { pats }: Service): Pat[] {
  return pats.list(name).filter(({ owner }) => owner.id === user.id);
}

/** Asked for SSH keys, of which there are none. */
function isPublic(call: Call): boolean {
  return queryOf(call, 'isPublic')?.toLowerCase() === 'true';
}

/** All or none; an id that is no PAT's, or that of one revoked already, is passed over. */
function revoke(call: Call, organization: Organization, { pats }: Service): Reply {
  const body = readRevocations(call);
  if ('refusal' in body) return body.refusal;
  if (isPublic(call)) return emptyReply(204);
  for (const id of body.authorizationIds) {
    if (pats.withId(id)?.organization.id === organization.id) pats.revoke(id);
  }
  return emptyReply(204);
}

function wireSessionToken(pat: Pat): Record<string, unknown> {
  return {
    clientId: nobody,
    accessId: nobody,
    authorizationId: pat.authorizationId,
    hostAuthorizationId: nobody,
    userId: pat.owner.id,
    // Moments of this API have no zone; they are UTC.
    validFrom: wireTime(pat.validFrom).replace(/Z$/, ''),
    validTo: wireTime(pat.validTo).replace(/Z$/, ''),
    displayName: pat.displayName,
    scope: pat.scope,
    targetAccounts: pat.allOrganizations ? null : [pat.organization.id],
    token: null,
    alternateToken: null,
    isValid: pat.state === 'active',
    isPublic: false,
    publicData: null,
    source: null,
  };
}
