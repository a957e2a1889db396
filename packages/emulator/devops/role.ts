import type { User } from '../entra/principals.js';

/** What somebody may do with a variable group or a service connection. */
export type Role = 'administrator' | 'reader' | 'none';

/** The roles of the identities that come here: the build service of the jobs, and people. */
export interface Roles {
  readonly buildService: Role;
  readonly people: Role;
}

export const everybodyAdministers: Roles = { buildService: 'administrator', people: 'administrator' };

export function roleOf({ user }: { readonly user: User }, roles: Roles): Role {
  return user.origin === 'vsts' ? roles.buildService : roles.people;
}
