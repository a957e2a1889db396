import { callerOf, isMember } from '../devops/caller.js';
import { expiredPat, serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { parameterOf, type Call } from '../http/call.js';
import { emptyReply, type Reply } from '../http/reply.js';
import type { Operation, Route } from '../http/router.js';
import { covers } from '../scopes.js';
import type { Feed, Feeds, Stored } from './feeds.js';

/** A request to a feed by somebody who may do this. */
export interface FeedCall {
  readonly call: Call;
  readonly feed: Feed;
  /** Where the feed is, as the request names it: `http://127.0.0.1:1/contoso/_packaging/sample`. */
  readonly url: string;
}

type Answer = (call: FeedCall) => Reply | Promise<Reply>;

/** One path of a protocol, behind `…/_packaging/{feed}`. */
export interface FeedRoute {
  readonly does: 'read' | 'publish';
  readonly method: string;
  readonly path: string;
  readonly answer: Answer;
}

/**
 * The routes of a protocol below `/{organization}/_packaging/{feed}` and `/{organization}/{project}/_packaging/{feed}`.
 * Reading needs `vso.packaging`, publishing `vso.packaging_write`.
 */
export function feedRoutes(service: Service, feeds: Feeds, routes: readonly FeedRoute[]): Route[] {
  const places = ['/{organization}/_packaging/{feed}', '/{organization}/{project}/_packaging/{feed}'];
  return places.flatMap(place =>
    routes.flatMap(({ does, method, path, answer }): Route[] => {
      const operation: Operation = does === 'read' ? 'packages' : 'packages.publish';
      const handle = guarded(service, feeds, does, answer);
      const route = { operation, path: `${place}${path}`, handle };
      return (method === 'GET' ? ['GET', 'HEAD'] : [method]).map(each => ({ ...route, method: each }));
    }),
  );
}

function guarded(service: Service, feeds: Feeds, does: FeedRoute['does'], answer: Answer): Route['handle'] {
  return call => {
    const organization = service.organizations.get(parameterOf(call, 'organization'));
    const caller = callerOf(call, organization, service);
    // A package manager is never sent to a sign-in page: it gets a challenge.
    if (caller.kind === 'anonymous' || caller.kind === 'servicePrincipal') return challenge(service);
    if (caller.kind === 'expiredPat') return { ...expiredPat(), challenges: challengesOf(service) };
    if (!isMember(caller.user, organization) || !covers(caller.scopes, 'vso.packaging'))
      return challenge(service);
    if (does === 'publish' && !covers(caller.scopes, 'vso.packaging_write'))
      return serviceError({
        status: 403,
        typeKey: 'FeedNeedsPermissionsException',
        message: `User '${caller.user.id}' lacks permission to complete this action. You need to have 'AddPackage'.`,
      });
    const { project } = call.parameters;
    const inProject = project === undefined || service.projects.find(organization, project) !== undefined;
    const feed = inProject ? feeds.find(organization, parameterOf(call, 'feed')) : undefined;
    if (!feed) return feedNotFound(parameterOf(call, 'feed'));
    const place = [organization.name, ...(project === undefined ? [] : [project]), '_packaging', feed.name];
    return answer({ call, feed, url: `${service.origin()}/${place.map(encodeURIComponent).join('/')}` });
  };
}

/** Each way to authenticate is a header line of its own: Maven reads no more than the first of a line. */
function challengesOf({ origin, directory }: Service): readonly string[] {
  return [
    `Bearer authorization_uri=${origin()}/${directory.tenantId}`,
    `Basic realm="${origin()}/"`,
    'TFS-Federated',
  ];
}

function challenge(service: Service): Reply {
  return { ...emptyReply(401), challenges: challengesOf(service) };
}

function feedNotFound(feed: string): Reply {
  return serviceError({
    status: 404,
    typeKey: 'FeedIdNotFoundException',
    message: `The feed with ID '${feed}' doesn't exist.`,
  });
}

export function packageNotFound(name: string, feed: Feed): Reply {
  return serviceError({
    status: 404,
    typeKey: 'PackageNotFoundException',
    message: `The package '${name}' cannot be found in feed '${feed.name}'.`,
  });
}

/** @param conflict the status of a file that is there already, which is not the same for each protocol */
export function published(stored: Stored, file: string, feed: Feed, conflict = 409): Reply {
  switch (stored) {
    case 'stored':
      return emptyReply(202);
    case 'exists':
      return serviceError({
        status: conflict,
        typeKey: 'PackageExistsException',
        message: `The feed '${feed.name}' already contains file '${file}'.`,
      });
    case 'full':
      return serviceError({
        status: 413,
        typeKey: 'PackageLimitExceededException',
        message: `The feed '${feed.name}' holds no more.`,
      });
  }
}

export function badPackage(message: string): Reply {
  return serviceError({ status: 400, typeKey: 'InvalidPackageException', message });
}

export function fileReply(content: Buffer): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: content };
}
