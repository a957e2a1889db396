/**
 * What was built from documents and could not be asked of the real service. docs/assumptions.md says of each, by the
 * same id, what the product does if it is otherwise, and how one would know.
 */
export const assumptions = {
  'organization-greeting':
    'HEAD of an organization names its tenant in headers without a credential, whatever the status',
  'refusal-status': 'A refused creation is 200 with `patToken: null` and a `patTokenError`',
  'lifetime-clamped': 'A lifetime above the policy is granted shorter',
  'shortest-lifetime': 'A lifetime of five minutes is granted',
  'end-as-asked': 'The end of a PAT is granted to the minute, not to the day',
  'scopes-for-reading':
    'Listing needs `vso.pats`, creating and revoking `vso.pats_manage`; both are asked for',
  'name-length': 'A display name of 128 ASCII characters, with `._:/-` among them, is taken as it is',
  'value-shown-once': 'The value of a PAT is in the answer to its creation, and in no other',
  'list-shows-at-once': 'A PAT that was created is on the list within seconds',
  'list-pages': '`continuationToken` leads to the next page, empty or absent ends it; a page has at most 100',
  'time-until-alive': 'A new PAT can be refused by some servers for seconds',
  'verify-host': '`connectionData` is answered by the host of the PATs as well as by `dev.azure.com`',
  'organization-id': '`instanceId` of `connectionData` is the id of the organization',
  'pat-cannot-manage-pats': 'A PAT cannot list, create or revoke PATs',
  'revoked-twice': 'Revoking a PAT that is gone is a JSON error that names it, or 200 or 204',
  'foreign-id': "An id of somebody else's PAT is told as unknown",
  'time-until-dead': 'A revoked PAT is refused after seconds',
  'global-pat': 'A global PAT has `targetAccounts: null`',
  'data-fields': 'Plain fields of the connection arrive as endpoint data',
  'secret-kept': 'A secret that is sent back as `null` in an update of a connection may be cleared',
  'group-projects': 'An update of a variable group takes it from the projects that it does not name',
  'hidden-run': 'A run that may not be read is answered with 403, or with 404 in a form that names no run',
  'assertion-with-refresh':
    'Entra takes a `client_assertion` with a refresh token, as it takes a client secret',
  'oidc-for-own-type': 'Azure Pipelines gives the OIDC token of a connection of any type',
  'oidc-issuer': 'The issuer of that token is `vstoken.dev.azure.com`, and its subject has names',
  'agent-user': "The PAT API takes the token of an agent's user like that of any user",
  'service-principal-revokes':
    'Token administration takes the token of an administrator, and not that of a service principal',
  'rate-limit-per-user': 'Jobs that share an issuing user share one budget of requests',
  'mail-for-short-pats': 'Azure DevOps mails the owner of each new PAT',
  'tab-of-run': 'The tab shows in every run that has one of the tasks',
} as const;

export type AssumptionId = keyof typeof assumptions;

/** Why `doctor --report` does not ask for these. */
export const notAsked: Partial<Readonly<Record<AssumptionId, string>>> = {
  'scopes-for-reading': 'it takes applications with one permission each',
  'data-fields': 'it takes a job',
  'secret-kept': 'it could destroy a secret',
  'group-projects': 'it could take a variable group from a project',
  'hidden-run': 'it takes a run that this user may not read',
  'assertion-with-refresh': 'it takes a job',
  'oidc-for-own-type': 'it takes a job',
  'oidc-issuer': 'it takes a job',
  'agent-user': 'it takes a job, and such a user',
  'service-principal-revokes': 'it takes a service principal that is an administrator',
  'rate-limit-per-user': 'it would slow the organization down',
  'mail-for-short-pats': 'it takes a look into the mailbox: were there mails of these PATs?',
  'tab-of-run': 'it takes a run',
};

export function isAssumption(id: string): id is AssumptionId {
  return Object.hasOwn(assumptions, id);
}
