import { parameterOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { User } from '../entra/principals.js';
import type { Organization } from '../organizations.js';
import { covers } from '../scopes.js';
import { callerOf, isMember } from './caller.js';
import { expiredPat, notAuthorized, refuseCredential } from './refusals.js';
import type { Service } from './service.js';

/** Who was let in, where. */
export interface Entry {
  readonly user: User;
  readonly organization: Organization;
  /** Ids of the projects that the credential is confined to; undefined: all. */
  readonly projects: readonly string[] | undefined;
}

/**
 * Wraps what an ordinary resource does: only a member of the organization gets there, with a PAT or an Entra
 * token that covers the scope; undefined: any valid credential.
 */
export function withScope(
  service: Service,
  scope: string | undefined,
  answer: (call: Call, entry: Entry) => Reply | Promise<Reply>,
): (call: Call) => Reply | Promise<Reply> {
  return call => {
    const organization = service.organizations.get(parameterOf(call, 'organization'));
    const caller = callerOf(call, organization, service);
    switch (caller.kind) {
      case 'anonymous':
      case 'servicePrincipal': // no service principal is a member of an organization here
        return refuseCredential(call, service);
      case 'expiredPat':
        return expiredPat();
      case 'user':
      case 'pat':
      case 'job':
        if (!isMember(caller.user, organization)) return notAuthorized(caller.user.id);
        if (scope !== undefined && !covers(caller.scopes, scope)) return notAuthorized(caller.user.id);
        return answer(call, {
          user: caller.user,
          organization,
          projects: caller.kind === 'job' ? caller.projects : undefined,
        });
    }
  };
}
