import { parameterOf } from '../http/call.js';
import { textReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { covers } from '../scopes.js';
import { callerOf, isMember } from './caller.js';
import type { GitRepositories } from './git-repositories.js';
import type { Service } from './service.js';

/**
 * The smart HTTP protocol of `/{organization}/{project}/_git/{repository}`; a fetch needs `vso.code`, a push
 * `vso.code_write`.
 */
export function gitRoutes(service: Service, repositories: GitRepositories): Route[] {
  const isPush = (query: URLSearchParams, rest: string): boolean =>
    rest === 'git-receive-pack' || (rest === 'info/refs' && query.get('service') === 'git-receive-pack');
  const paths = [
    '/{organization}/{project}/_git/{repository}/{rest*}',
    '/{organization}/_git/{repository}/{rest*}',
  ];
  return paths.flatMap(path =>
    ['GET', 'POST'].flatMap((method): Route[] => [
      {
        operation: 'git.push',
        method,
        path,
        when: isPush,
        handle: serving('vso.code_write', service, repositories),
      },
      { operation: 'git.fetch', method, path, handle: serving('vso.code', service, repositories) },
    ]),
  );
}

function serving(scope: string, service: Service, repositories: GitRepositories): Route['handle'] {
  return call => {
    const organization = service.organizations.get(parameterOf(call, 'organization'));
    const { project, repository } = organization;
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
    const projectName = call.parameters['project'] ?? repository.name;
    const exists =
      isCalled(projectName, project) && isCalled(asked, repository) && isSmartHttp(parameterOf(call, 'rest'));
    if (!exists) return textReply(404, 'text/plain; charset=utf-8', missing(asked));
    return repositories.serve(organization, parameterOf(call, 'rest'), call, caller.user.principalName);
  };
}

/** The dumb protocol would show files of the repository folder; Azure DevOps does not speak it. */
function isSmartHttp(rest: string): boolean {
  return ['info/refs', 'git-upload-pack', 'git-receive-pack'].includes(rest);
}

function isCalled(asked: string, thing: { readonly id: string; readonly name: string }): boolean {
  return [thing.id, thing.name].includes(asked.toLowerCase());
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
