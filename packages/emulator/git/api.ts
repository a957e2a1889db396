import { parameterOf, type Call } from '../http/call.js';
import { textReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { covers } from '../scopes.js';
import { callerOf, isMember } from '../devops/caller.js';
import type { Service } from '../devops/service.js';
import type { GitBackend } from './backend.js';
import { lfsRoutes } from './lfs.js';
import type { Repositories, Repository } from './repositories.js';

/** What is answered to somebody who may do this in the repository. */
type Answer = (call: Call, repository: Repository, user: string) => Reply | Promise<Reply>;

/**
 * The smart HTTP protocol of `/{organization}/{project}/_git/{repository}`; a fetch needs `vso.code`, a push
 * `vso.code_write`. Large files (LFS) as well.
 */
export function gitRoutes(service: Service, repositories: Repositories, backend: GitBackend): Route[] {
  const isPush = (query: URLSearchParams, rest: string): boolean =>
    rest === 'git-receive-pack' || (rest === 'info/refs' && query.get('service') === 'git-receive-pack');
  const places = ['/{organization}/{project}/_git/{repository}', '/{organization}/_git/{repository}'];
  const serving = (scope: string, answer: Answer): Route['handle'] =>
    guarded(scope, service, repositories, answer);
  const smart: Answer = (call, repository, user) => {
    const path = parameterOf(call, 'rest');
    return isSmartHttp(path)
      ? backend.serve(repository, path, call, user)
      : textReply(404, 'text/plain; charset=utf-8', missing(repository.name));
  };
  return places.flatMap(place => [
    ...lfsRoutes(place, service.origin, serving),
    ...['GET', 'POST'].flatMap((method): Route[] => [
      {
        operation: 'git.push',
        method,
        path: `${place}/{rest*}`,
        when: isPush,
        handle: serving('vso.code_write', smart),
      },
      { operation: 'git.fetch', method, path: `${place}/{rest*}`, handle: serving('vso.code', smart) },
    ]),
  ]);
}

function guarded(
  scope: string,
  service: Service,
  repositories: Repositories,
  answer: Answer,
): Route['handle'] {
  return call => {
    const organization = service.organizations.get(parameterOf(call, 'organization'));
    const asked = parameterOf(call, 'repository');
    const caller = callerOf(call, organization, service);
    // Git is never sent to a sign-in page: it gets a challenge and asks its credential helper.
    if (caller.kind === 'anonymous' || caller.kind === 'servicePrincipal') return challenge(service);
    if (caller.kind === 'expiredPat') {
      return challenge(service, 'Access Denied: The Personal Access Token used has expired.');
    }
    if (!isMember(caller.user, organization) || !covers(caller.scopes, scope)) {
      return challenge(service, missing(asked));
    }
    const repository = repositories.find(organization, call.parameters['project'], asked);
    if (!repository) return textReply(404, 'text/plain; charset=utf-8', missing(asked));
    return answer(call, repository, caller.user.principalName);
  };
}

/** The dumb protocol would show files of the repository folder; Azure DevOps does not speak it. */
function isSmartHttp(rest: string): boolean {
  return ['info/refs', 'git-upload-pack', 'git-receive-pack'].includes(rest);
}

function challenge(service: Service, text = ''): Reply {
  return textReply(401, 'text/plain; charset=utf-8', text, {
    'WWW-Authenticate': `Basic realm="${service.origin()}/"`,
  });
}

function missing(repository: string): string {
  return (
    `TF401019: The Git repository with name or identifier ${repository} does not exist or you do not have ` +
    'permissions for the operation you are attempting.'
  );
}
