import type { User } from '../entra/principals.js';
import { azureDevOpsResource, azureDevOpsUri } from '../entra/directory.js';
import { headerOf, type Call } from '../http/call.js';
import type { Organization } from '../organizations.js';
import type { Pat } from '../pats/store.js';
import { buildService, type JobToken } from '../runs/job-tokens.js';
import { fullAccess } from '../scopes.js';
import type { Service } from './service.js';

/** Who sends a request, by the credential it carries. */
export type Caller =
  /** An Entra token of a user. */
  | { readonly kind: 'user'; readonly user: User; readonly scopes: readonly string[] }
  | { readonly kind: 'pat'; readonly user: User; readonly scopes: readonly string[]; readonly pat: Pat }
  /** The token of a job, which stands for the build service; undefined projects: all of the organization. */
  | {
      readonly kind: 'job';
      readonly user: User;
      readonly scopes: readonly string[];
      readonly projects: readonly string[] | undefined;
      readonly token: JobToken;
    }
  | { readonly kind: 'servicePrincipal' }
  | { readonly kind: 'expiredPat' }
  /** No credential, or one that is unknown, revoked, expired, for another resource or another organization. */
  | { readonly kind: 'anonymous' };

const anonymous: Caller = { kind: 'anonymous' };

/** Reads the `Authorization` header of a request to an organization. */
export function callerOf(call: Call, organization: Organization, service: Service): Caller {
  const [scheme = '', credential = '', ...more] = (headerOf(call, 'authorization') ?? '').split(' ');
  if (credential === '' || more.length > 0) return anonymous;
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return bearer(credential, service);
    case 'basic':
      return basic(credential, organization, service);
    default:
      return anonymous;
  }
}

function bearer(value: string, service: Service): Caller {
  const { directory, clock } = service;
  const job = jobCaller(value, service);
  if (job) return job;
  const token = directory.accessTokens.get(value);
  if (!token || token.expiresAt.getTime() <= clock().getTime()) return anonymous;
  if (token.audience !== azureDevOpsResource && token.audience !== azureDevOpsUri) return anonymous;
  if (token.subject.kind === 'servicePrincipal') return { kind: 'servicePrincipal' };
  return { kind: 'user', user: token.subject.user, scopes: token.scopes };
}

/** A job may do all that the build service may; that is not kept apart here. */
function jobCaller(value: string, { jobs }: Service): Caller | undefined {
  const token = jobs.withValue(value);
  if (!token) return undefined;
  return {
    kind: 'job',
    user: buildService(token.organization),
    scopes: [fullAccess],
    projects: token.projects,
    token,
  };
}

/** Any user name will do, also none; the password is the PAT, or a job's token. */
function basic(credential: string, organization: Organization, service: Service): Caller {
  const { pats } = service;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credential)) return anonymous;
  const text = Buffer.from(credential, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return anonymous;
  const password = text.slice(colon + 1);
  const job = jobCaller(password, service);
  if (job) return job;
  const pat = pats.withValue(password);
  if (pat?.organization.id !== organization.id) return anonymous;
  if (pats.isUsable(pat)) return { kind: 'pat', user: pat.owner, scopes: pat.scope.split(' '), pat };
  return pat.state === 'expired' ? { kind: 'expiredPat' } : anonymous;
}

/** Whether the user may enter the organization at all. */
export function isMember(user: User, organization: Organization): boolean {
  const { organizations } = user;
  return (
    organizations === undefined ||
    organizations.some(name => name.toLowerCase() === organization.name.toLowerCase())
  );
}
