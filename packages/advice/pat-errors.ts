/**
 * What to do about each error that the PAT API names (`SessionTokenError`, tokens 7.2), for whoever reads the log of a
 * pipeline. The service writes the names in more than one case.
 */
export const PAT_ADVICE = {
  displayNameRequired: 'Give the input displayName a value of letters and digits.',
  invalidDisplayName: 'Shorten the input displayName, or leave it empty.',
  invalidValidTo: 'Ask for a shorter validFor; one year is the limit. Check the clock of the agent.',
  invalidScope:
    'A scope is unknown to this organization, or cannot be given to a PAT: check the input scopes.',
  userIdRequired: 'The sign-in carries no user. Store the refresh token of a user in the service connection.',
  invalidUserId:
    'The issuing user is not known here. Let this user sign in to the organization once with a browser.',
  invalidUserType: 'Only a normal user can have PATs: no service principal, no managed identity, no group.',
  accessDenied:
    'The issuing user may not create PATs in this organization. Check access level (Basic) and policies.',
  failedToIssueAccessToken: 'A fault of the service: run again.',
  failedToUpdateAccessToken: 'A fault of the service: run again.',
  invalidClient: 'The Entra application is not accepted. Check clientId in the service connection.',
  invalidClientType: 'The Entra application is not accepted. Check clientId in the service connection.',
  invalidClientId: 'The Entra application is not accepted. Check clientId in the service connection.',
  invalidTargetAccounts:
    'The issuing user is not a member of this organization: add the user, access level Basic.',
  hostAuthorizationNotFound: 'The PAT is unknown to the service: it has been revoked or has expired.',
  authorizationNotFound: 'The PAT is unknown to the service: it has been revoked or has expired.',
  tokenNotFound: 'The PAT is unknown to the service: it has been revoked or has expired.',
  invalidAuthorizationId: 'The PAT is unknown to the service: it has been revoked or has expired.',
  invalidToken: 'The PAT is unknown to the service: it has been revoked or has expired.',
  sourceNotSupported:
    'The network this agent is in is not allowed: ask the administrator of the organization.',
  invalidSource: 'The network this agent is in is not allowed: ask the administrator of the organization.',
  invalidSourceIP: 'The address of this agent is not allowed: ask the administrator of the organization.',
  duplicateHash: 'The service mixed up two tokens: run again.',
  sshPolicyDisabled: 'The organization forbids SSH keys; a PAT should not need one. Ask its administrator.',
  failedToReadTenantPolicy: 'The service could not read the policies of the tenant: run again.',
  globalPatPolicyViolation:
    'The tenant forbids PATs for all organizations; Job PAT never asks for one. Report this.',
  fullScopePatPolicyViolation:
    'The tenant policy "Restrict full-scoped personal access token creation" forbids app_token: name the scopes that the job needs.',
  patLifespanPolicyViolation:
    'The tenant policy "Enforce maximum personal access token lifespan" forbids this lifetime: ask for a shorter validFor.',
  invalidTokenType:
    'The sign-in is not one that can manage PATs. Store the refresh token of a user in the service connection.',
  invalidAudience: 'The Entra token is not meant for Azure DevOps (499b84ac-1321-427f-aa17-267ca6975798).',
  invalidSubject: 'The sign-in carries no user. Store the refresh token of a user in the service connection.',
  deploymentHostNotSupported: 'The URL is not one of an organization: check it in the service connection.',
  disablePatCreationPolicyViolation:
    'The organization policy "Restrict personal access token (PAT) creation" forbids it: let a Project Collection Administrator add the issuing user to its allow list (Organization settings, Policies). New organizations have it on. With "packaging scope only" other scopes fail.',
  failedToReadOrgPolicy: 'The service could not read the policies of the organization: run again.',
  globalPATCreationBlocked:
    'PATs for all organizations no longer exist; Job PAT never asks for one. Report this.',
  expiredPatCannotBeExtended: 'An expired PAT cannot be changed: issue a new one.',
} as const;

export type PatError = keyof typeof PAT_ADVICE;

/** Every documented error but `none`. */
export const patTokenErrors = Object.keys(PAT_ADVICE) as readonly PatError[];

export const UNKNOWN_PAT_ERROR =
  'Job PAT does not know this reason; look it up in the PAT Lifecycle Management API, or ask an administrator of the organization.';
