/**
 * Every `SessionTokenError` of tokens 7.2 with words that its repair has to say; `none` is success.
 * The issue-refused tests hold this list against the specification where that is at hand.
 */
export const sessionTokenErrors: Readonly<Record<string, RegExp>> = {
  displayNameRequired: /displayName/,
  invalidDisplayName: /displayName/,
  invalidValidTo: /validFor/,
  invalidScope: /scope/i,
  userIdRequired: /user/,
  invalidUserId: /sign in.* once/,
  invalidUserType: /service principal/,
  accessDenied: /Basic|policies/,
  failedToIssueAccessToken: /run again/,
  invalidClient: /clientId/,
  invalidClientType: /clientId/,
  invalidClientId: /clientId/,
  invalidTargetAccounts: /member/,
  hostAuthorizationNotFound: /revoked|expired/,
  authorizationNotFound: /revoked|expired/,
  failedToUpdateAccessToken: /run again/,
  sourceNotSupported: /administrator/,
  invalidSourceIP: /address/,
  invalidSource: /administrator/,
  duplicateHash: /run again/,
  sshPolicyDisabled: /administrator/i,
  invalidToken: /revoked|expired/,
  tokenNotFound: /revoked|expired/,
  invalidAuthorizationId: /revoked|expired/,
  failedToReadTenantPolicy: /run again/,
  globalPatPolicyViolation: /all organizations/,
  fullScopePatPolicyViolation: /app_token/,
  patLifespanPolicyViolation: /validFor/,
  invalidTokenType: /user/,
  invalidAudience: /499b84ac-1321-427f-aa17-267ca6975798/,
  invalidSubject: /user/,
  deploymentHostNotSupported: /organization/,
  disablePatCreationPolicyViolation: /allow list/,
  failedToReadOrgPolicy: /run again/,
  globalPATCreationBlocked: /all organizations/,
  expiredPatCannotBeExtended: /new one/,
};

/** The service's own passing faults: one more attempt is made before the step fails. */
export const passingErrors: ReadonlySet<string> = new Set([
  'failedToIssueAccessToken',
  'failedToReadTenantPolicy',
  'failedToReadOrgPolicy',
]);
