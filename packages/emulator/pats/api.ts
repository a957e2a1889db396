import { callerOf, isMember, type Caller } from '../devops/caller.js';
import {
  badRequest,
  expiredPat,
  notAuthorized,
  refuseCredential,
  serviceError,
  servicePrincipalRefused,
} from '../devops/refusals.js';
import { isGuid } from '../devops/guid.js';
import { refuseQuery } from '../devops/query.js';
import type { Service } from '../devops/service.js';
import { refuseVersion, versioned, versionOf } from '../devops/versions.js';
import type { User } from '../entra/principals.js';
import { parameterOf, queryOf, type Call } from '../http/call.js';
import { emptyReply, type Reply } from '../http/reply.js';
import type { Inspection, Route } from '../http/router.js';
import type { Organization } from '../organizations.js';
import { impersonation } from '../scopes.js';
import type { PatTokenError } from './errors.js';
import { wireTime } from './instant.js';
import { displayFilters, Listing, sortOptions } from './listing.js';
import { readPatFields } from './request-body.js';
import { defaultEnd, endOf, refuseByPolicy, refuseName, refuseScope, refuseScopeByPolicy } from './rules.js';
import type { Pat, PatChange } from './store.js';

/** The published versions; each is offered as a preview only. */
const versions = ['6.1', '7.0', '7.1', '7.2'];
const largestPage = 100;
/** Not published; a client that leaves `$top` out should not depend on it. */
const usualPage = 20;

/** A caller who may use the API. */
interface Session {
  readonly user: User;
  readonly organization: Organization;
}

/** The PAT lifecycle API, `/{organization}/_apis/tokens/pats`. */
export function patRoutes(service: Service, inspect: Inspection | undefined): Route[] {
  const listing = new Listing(service.pats, service.clock);
  const path = '/{organization}/_apis/tokens/pats';
  const common = { path, ...(inspect ? { inspect } : {}) };
  const route = (
    operation: Route['operation'],
    method: string,
    permissions: readonly string[],
    parameters: readonly string[],
    answer: (call: Call, session: Session, service: Service) => Reply,
  ): Route => ({
    ...common,
    operation,
    method,
    handle: call => {
      const session = enter(call, permissions, service);
      if ('refusal' in session) return session.refusal;
      return refuseVersion(call, versions) ?? refuseQuery(call, parameters) ?? answer(call, session, service);
    },
  });
  const asksForOne = (query: URLSearchParams): boolean =>
    [...query.keys()].some(name => name.toLowerCase() === 'authorizationid');
  const listParameters = [
    'displayFilterOption',
    'sortByOption',
    'isSortAscending',
    '$top',
    'continuationToken',
  ];
  const read = ['vso.pats'];
  const manage = ['vso.pats', 'vso.pats_manage'];
  return [
    route('pats.create', 'POST', manage, [], create),
    { ...route('pats.get', 'GET', read, ['authorizationId'], get), when: asksForOne },
    route('pats.list', 'GET', read, listParameters, (call, session) => list(call, session, listing)),
    route('pats.update', 'PUT', manage, [], update),
    route('pats.revoke', 'DELETE', manage, ['authorizationId'], revoke),
  ];
}

/** Lets in Entra tokens of a member that carry the permissions, and nobody else. */
function enter(call: Call, permissions: readonly string[], service: Service): Session | { refusal: Reply } {
  const organization = service.organizations.get(parameterOf(call, 'organization'));
  const caller: Caller = callerOf(call, organization, service);
  switch (caller.kind) {
    case 'anonymous':
      return { refusal: refuseCredential(call, service) };
    case 'expiredPat':
      return { refusal: expiredPat() };
    case 'pat':
    case 'job':
      return {
        refusal: serviceError({
          status: 401,
          typeKey: 'InvalidAccessException',
          message: 'The requested operation is not allowed.',
        }),
      };
    case 'servicePrincipal':
      return { refusal: servicePrincipalRefused() };
    case 'user': {
      const permitted =
        caller.scopes.includes(impersonation) || permissions.every(name => caller.scopes.includes(name));
      if (!permitted || !isMember(caller.user, organization))
        return { refusal: notAuthorized(caller.user.id) };
      return { user: caller.user, organization };
    }
  }
}

function create(call: Call, { user, organization }: Session, { pats, policies, clock }: Service): Reply {
  const body = readPatFields(call, ['displayName', 'scope', 'validTo', 'allOrgs']);
  if ('refusal' in body) return body.refusal;
  const { displayName, scope, validTo, allOrgs } = body.fields;
  const rules = policies.of(organization.name);
  const now = clock();
  const end = validTo === undefined ? defaultEnd(now) : endOf(validTo, now, now, rules);
  const refused =
    allOrgs === true ? 'globalPATCreationBlocked' : (refuseName(displayName) ?? refuseScope(scope));
  if (refused !== undefined) return patResult(call, refused);
  if (displayName === undefined || scope === undefined) throw new Error('A name and scopes were checked.');
  if (!end) return patResult(call, 'invalidValidTo');
  const forbidden = refuseByPolicy(scope, rules);
  if (forbidden) return patResult(call, forbidden);
  return patResult(
    call,
    pats.add({ organization, owner: user, displayName, scope, validTo: end }),
    'withValue',
  );
}

function get(call: Call, session: Session, service: Service): Reply {
  const id = authorizationIdOf(queryOf(call, 'authorizationId'));
  if (id === undefined) return badRequest('The parameter authorizationId must be a GUID.');
  return patResult(call, ownPat(id, session, service) ?? 'authorizationNotFound');
}

function update(call: Call, session: Session, service: Service): Reply {
  const body = readPatFields(call, ['authorizationId', 'displayName', 'scope', 'validTo', 'allOrgs']);
  if ('refusal' in body) return body.refusal;
  const { authorizationId, displayName, scope, validTo, allOrgs } = body.fields;
  const id = authorizationIdOf(authorizationId);
  const pat = id === undefined ? undefined : ownPat(id, session, service);
  if (id === undefined) return patResult(call, 'invalidAuthorizationId');
  if (!pat || pat.state === 'revoked') return patResult(call, 'authorizationNotFound');
  if (pat.state === 'expired') return patResult(call, 'expiredPatCannotBeExtended');
  if (allOrgs === true) return patResult(call, 'globalPATCreationBlocked');
  const rules = service.policies.of(session.organization.name);
  const refused =
    (displayName === undefined ? undefined : refuseName(displayName)) ??
    (scope === undefined ? undefined : (refuseScope(scope) ?? refuseScopeByPolicy(scope, rules)));
  if (refused !== undefined) return patResult(call, refused);
  const end = validTo === undefined ? pat.validTo : endOf(validTo, pat.validFrom, service.clock(), rules);
  if (!end) return patResult(call, 'invalidValidTo');
  const change: PatChange = {
    ...(displayName === undefined ? {} : { displayName }),
    ...(scope === undefined ? {} : { scope }),
    validTo: end,
  };
  return patResult(call, service.pats.change(id, change));
}

function revoke(call: Call, session: Session, service: Service): Reply {
  const id = authorizationIdOf(queryOf(call, 'authorizationId'));
  if (id === undefined) return badRequest('The parameter authorizationId must be a GUID.');
  const pat = ownPat(id, session, service);
  // How a revoke of an unknown id is refused is not published; the sibling API puts the name of the error here.
  if (!pat && service.manners.unknownRevoked === 'error') {
    return serviceError({
      status: 404,
      typeKey: 'SessionTokenNotFoundException',
      message: 'AuthorizationNotFound',
    });
  }
  if (pat) service.pats.revoke(id);
  return emptyReply(service.manners.revoked);
}

function list(call: Call, { user, organization }: Session, listing: Listing): Reply {
  // What the service takes when these are left out is not published.
  const displayFilterOption = oneOf(displayFilters, queryOf(call, 'displayFilterOption') ?? 'active');
  const sortByOption = oneOf(sortOptions, queryOf(call, 'sortByOption') ?? 'displayDate');
  const ascending = oneOf(['true', 'false'], (queryOf(call, 'isSortAscending') ?? 'true').toLowerCase());
  const top = queryOf(call, '$top') ?? String(usualPage);
  if (displayFilterOption === undefined) return badRequest('The value of displayFilterOption is not valid.');
  if (sortByOption === undefined) return badRequest('The value of sortByOption is not valid.');
  if (ascending === undefined) return badRequest('The value of isSortAscending is not valid.');
  if (!/^\d{1,3}$/.test(top) || Number(top) < 1 || Number(top) > largestPage) {
    return badRequest(`The value of $top must be a number from 1 to ${largestPage}.`);
  }
  const filter = { displayFilterOption, sortByOption, isSortAscending: ascending === 'true' };
  const token = queryOf(call, 'continuationToken') ?? '';
  const page = listing.page(user.id, organization.name, filter, Number(top), token);
  if (!page) return badRequest('The continuationToken does not belong to these filter options.');
  const { continuationToken, pats } = page;
  return versioned(call, { continuationToken, patTokens: pats.map(pat => wirePat(pat, null)) });
}

/** A PAT of this user in this organization; anybody else's does not exist. */
function ownPat(id: string, { user, organization }: Session, { pats }: Service): Pat | undefined {
  const pat = pats.withId(id);
  return pat?.owner.id === user.id && pat.organization.id === organization.id ? pat : undefined;
}

/** 200 in either case: a refusal looks like success until `patTokenError` is read. */
function patResult(
  call: Call,
  outcome: Pat | PatTokenError,
  value: 'withValue' | 'withoutValue' = 'withoutValue',
): Reply {
  if (typeof outcome === 'string') {
    // The message came with the 7.2 contract.
    const message = versionOf(call)?.startsWith('7.2') === true ? { patTokenErrorMessage: outcome } : {};
    return versioned(call, { patToken: null, patTokenError: outcome, ...message });
  }
  const patToken = wirePat(outcome, value === 'withValue' ? outcome.value : null);
  return versioned(call, { patToken, patTokenError: 'none' });
}

function wirePat(pat: Pat, token: string | null): Record<string, unknown> {
  return {
    displayName: pat.displayName,
    validTo: wireTime(pat.validTo),
    scope: pat.scope,
    targetAccounts: pat.allOrganizations ? null : [pat.organization.id],
    validFrom: wireTime(pat.validFrom),
    authorizationId: pat.authorizationId,
    token,
  };
}

function authorizationIdOf(text: string | undefined): string | undefined {
  return text !== undefined && isGuid(text) ? text.toLowerCase() : undefined;
}

function oneOf<Name extends string>(names: readonly Name[], text: string): Name | undefined {
  return names.find(name => name === text);
}
