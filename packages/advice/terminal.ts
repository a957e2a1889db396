import type { Asker } from './asker.js';
import type { EntraReason } from './entra.js';
import type { RequestCode } from './request.js';
import type { PatError } from './pat-errors.js';
import type { ServiceCode } from './service.js';
import { entraAdvice } from './pipeline.js';
import type { Situation } from './situation.js';

/**
 * What to do, for the person at a terminal who asked: options and environment variables in place of inputs, this
 * machine in place of an agent. A sign-in is that of the person, or of a PAT of some minutes in the person's name.
 */
export function terminalAdvice(situation: Situation): string {
  switch (situation.about) {
    case 'service': {
      const advice = SERVICE[situation.code];
      return typeof advice === 'string' ? advice : advice(WHO[situation.asker], situation.asker);
    }
    case 'request':
      return REQUEST[situation.code];
    case 'entra':
      return entraAdvice(ENTRA[situation.code], situation.unknown);
    case 'pat':
      return situation.code === undefined ? UNKNOWN_PAT_ERROR : PAT[situation.code];
    case 'left-alive':
      return situation.code === 'known'
        ? `Revoke it at ${situation.page}, or with "job-pat revoke".`
        : `Look for this name at ${situation.page} in some minutes and revoke it there, or with "job-pat revoke".`;
  }
}

const WHO: Readonly<Record<Asker, string>> = {
  'issuing-user': 'the user who signed in',
  pat: 'the user who signed in',
  administrator: 'the administrator who signed in',
  job: 'the build service',
  'azure-application': 'the application',
};

const IN_BETWEEN =
  'Something between this machine and the service answers in its place; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.';

const REQUEST: Readonly<Record<RequestCode, string>> = {
  certificate:
    'Name a file with your CA in NODE_EXTRA_CA_CERTS. Job PAT never skips this check, also not with NODE_TLS_REJECT_UNAUTHORIZED.',
  proxy: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.',
  'proxy-settings': 'Check HTTPS_PROXY, HTTP_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS.',
  unreachable: 'Check the network of this machine: name resolution, firewall, and the proxy in HTTPS_PROXY.',
  'answer-too-large': IN_BETWEEN,
  'not-json': IN_BETWEEN,
  'answer-not-usable': `${IN_BETWEEN} Otherwise report this.`,
  'list-without-end': 'Report this with the number of PATs that the user who signed in has.',
  'not-revoked': 'Revoke it by hand in the user settings of the user who signed in, Personal access tokens.',
  'pat-not-accepted':
    'Job PAT revokes it again. Check the policies of the organization, such as Conditional Access by address.',
  'lifetime-shortened':
    'The policy "Enforce maximum personal access token lifespan" of the tenant does that: ask its administrator.',
  'scopes-missing': 'A policy of the organization or the rights of the user who signed in forbid it.',
  'out-of-time': 'Look at the lines above for what took so long, and run again.',
  unexpected: 'Run again with --debug and report what it prints.',
};

type ForWhom = (who: string, asker: Asker) => string;

/** It was made a moment ago, by somebody whose sign-in was accepted. */
const OWN_PAT =
  'The PAT of some minutes that the command made for itself is not accepted: a policy of the organization can keep PATs out, for instance by the address of this machine. Ask its administrator.';

const SIGN_IN_AGAIN =
  'Sign in again as a user of the tenant of this organization, with an application that has vso.pats and vso.pats_manage.';

const SERVICE: Readonly<Record<ServiceCode, string | ForWhom>> = {
  throttled: who => `The rate limit of ${who} is used up in Azure DevOps. Run again later.`,
  'throttled-anonymous':
    'Azure DevOps counted this request as one of nobody, by the address it came from, which others may share. Run again later; if it stays, ask who else sends requests from this network.',
  unavailable:
    'This is a fault of the service or of a proxy; run again, and look at https://status.dev.azure.com.',
  deactivated:
    'The organization was deactivated, for instance since nobody used it: running again does not help. An administrator has to sign in to it with a browser and activate it again.',
  redirected: (_, asker) =>
    asker === 'pat'
      ? `Usually it leads to the sign-in page. ${OWN_PAT}`
      : `Usually it leads to the sign-in page. ${SIGN_IN_AGAIN} An organization of Microsoft accounts, which has no tenant, accepts no Entra token at all.`,
  'organization-unknown': 'Check --organization.',
  'not-signed-in': (who, asker) =>
    asker === 'pat'
      ? OWN_PAT
      : `${SIGN_IN_AGAIN} A token that was given may have expired; and ${who} has to be a member of the organization.`,
  'not-a-member': who =>
    `Let an administrator add ${who} to the organization with access level Basic, then open the organization once with a browser as this user.`,
  'conditional-access': who =>
    `Ask the administrator of Conditional Access to let ${who} reach the organization from the address of this machine.`,
  'users-only':
    'Only a user can manage PATs: no service principal, no managed identity, no PAT. Sign in as a user, or give the Entra token of one.',
  malformed:
    'The service tells no reason but its activity id. It answers so to a request that something on the way, such as a proxy, has changed; otherwise report this with what the service said.',
  forbidden: who =>
    `Check that ${who} may do this in the organization: more of the reason than the service said is not known.`,
  refused: who =>
    `Job PAT does not know this reason: go by what the service told ${who} or ask its support, by the activity id where it told one.`,
  'connections-forbidden': who =>
    `Let an administrator of the project give ${who} the role User or Administrator (Project settings, Service connections, Security).`,
  'connection-forbidden': who =>
    `Let an administrator of the project give ${who} the role Administrator of this service connection (Project settings, Service connections, the connection, Security).`,
  'connections-closed': who =>
    `Let an administrator of the project give ${who} the role Administrator of the service connection, or Creator (Project settings, Service connections, Security). A policy of the organization can also keep PATs out.`,
  'connection-not-creatable': who =>
    `Let an administrator of the project give ${who} the role Creator (Project settings, Service connections, Security).`,
  'connection-type-unknown':
    'Install the extension Job PAT in the organization first: it brings this type of service connection.',
  'connection-not-valid':
    'The service says what it does not accept: run again with another value of that option, or put it right in the project settings (Service connections, the connection, Edit).',
  'group-forbidden': who =>
    `Let its administrator give ${who} the role Administrator of this variable group.`,
  'group-not-readable': who => `Let its administrator give ${who} the role Reader of this variable group.`,
  'group-not-valid': 'The service says what it does not accept: change the group in the library.',
  'changed-meanwhile': 'Somebody else changed it at the same time; nothing was overwritten. Run again.',
  'project-unknown': who => `Check --project, and that ${who} is a member of the project.`,
};

const ANEW = 'sign in by code, without --refresh-token; "job-pat connect" stores a new one';

const ENTRA: Readonly<Record<EntraReason, string>> = {
  mfa: 'Multi-factor sign-in is asked for: sign in by code, without --refresh-token, and go through it.',
  'conditional-access':
    'Conditional Access blocked it: ask its administrator to let this user reach Azure DevOps from the address of this machine.',
  'approved-app':
    'Conditional Access lets approved client applications in only: ask its administrator to exempt this user, or the application of --client-id.',
  device:
    'Conditional Access asks for a device that the tenant knows: sign in with a browser on such a device, or let its administrator exempt this user.',
  'security-policy':
    'A security policy of the tenant blocked it: sign in from a machine that complies, or let an administrator exempt this user.',
  risk: 'Entra takes this user for being at risk: let an administrator of the tenant look into it and dismiss the risk, then sign in again.',
  consent:
    'Consent is missing: let an administrator of the tenant grant the application vso.pats and vso.pats_manage of Azure DevOps, then sign in again. "job-pat connect --print-app-registration" prints how.',
  'first-party':
    'This is an application of Microsoft that is not allowed here: register one of your own and give its id with --client-id.',
  permissions:
    'The application does not have vso.pats and vso.pats_manage: add both as delegated permissions of Azure DevOps. "job-pat connect --print-app-registration" prints how.',
  'resource-unknown':
    'The tenant does not know Azure DevOps: check --tenant; a tenant knows it as soon as one of its users has signed in to an organization.',
  'token-expired': `The refresh token has expired, 90 days after it was issued: ${ANEW}.`,
  'single-page':
    'The refresh token was issued to a single-page application and ends after 24 hours for good: give the application the platform "Mobile and desktop" or "Web", then run "job-pat connect" again.',
  'sign-in-frequency': `The sign-in frequency of Conditional Access ended the refresh token: ${ANEW}.`,
  'token-revoked': `The refresh token is not valid any more (revoked, or the password changed): ${ANEW}.`,
  account:
    'The account of this user does not work (password, expired, disabled, locked or blocked): repair it, then sign in again.',
  'user-unknown': 'This user is not known in this tenant: check --tenant, or sign in as a user of it.',
  'not-assigned':
    'This user is not assigned to the application: let an administrator add the user, or a group of the user, in Microsoft Entra under Enterprise applications, the application, Users and groups.',
  'secret-wrong': 'The client secret is wrong: give its value, not its id.',
  'secret-expired': 'The client secret has expired: make a new one.',
  'secret-missing':
    'The application wants a proof. Give --client-secret; an application that only its service connection proves has no secret any more: use --entra-token in place of signing in; one that shall be public needs "Allow public client flows".',
  'public-client':
    'This is a public client, which has no secret: leave --client-secret away. One for --federated must not be public: switch "Allow public client flows" off.',
  'application-unknown': 'The application is not known in this tenant: check --client-id and --tenant.',
  'application-disabled':
    'The application is disabled: ask an administrator of the tenant to enable it, or give another one with --client-id.',
  'tenant-unknown': 'The tenant is not known: check --tenant.',
  'tenant-id-needed': 'This needs the id of your tenant: give it with --tenant.',
  'other-cloud': 'The tenant belongs to another cloud: check --tenant and --authority-url.',
  'tenant-restricted':
    'This network lets sign-ins to listed tenants pass only (tenant restrictions): ask its administrator to add this tenant.',
  'cross-tenant':
    'Cross-tenant access of one of the two tenants keeps this user out: ask their administrators, or sign in as a user of this tenant.',
  'identity-provider':
    'The identity provider that signs in users of this domain refused: ask its administrator, then sign in again.',
  'on-premises':
    'The directory on premises that checks passwords of the tenant cannot be asked: ask its administrator.',
  interaction: 'Entra wants a sign-in with a browser: sign in by code, without --refresh-token.',
  'code-not-good': 'The code is not good any more. Run the command again for a new one.',
  'no-federated-credential':
    'The application has no federated credential that fits: look at Certificates & secrets, Federated credentials, of the application of --client-id.',
  'subject-case':
    'The application has a federated credential whose subject differs in upper and lower case only: look at Certificates & secrets, Federated credentials, of the application of --client-id.',
  audience:
    'The federated credential of the application is for another audience: look at Certificates & secrets, Federated credentials, of the application of --client-id.',
  'single-tenant':
    'Entra takes a token of its own issuer as the proof of single-tenant applications only: set the supported account types of the application of --client-id to this organizational directory only.',
  'not-issued':
    'Entra could not make a token and keeps the reason to itself: run again later; if it stays so, open a support ticket with the ids above.',
  'federation-forbidden':
    'A policy of the tenant forbids federated credentials of this kind: ask an administrator of the tenant.',
  'assertion-time':
    'The proof of the application is not good at this time: check the clock of this machine, then run again.',
  'assertion-not-good':
    'The proof of the application is not accepted: check its credentials in the registration of the application.',
  throttled: 'Entra slows this application down: wait some minutes, then run again.',
  passing: 'This is a fault of Entra that passes: run again later.',
  request:
    'Entra could not read the request: something on the way, such as a proxy, changed it. Otherwise report this.',
  'not-entra': 'Check --authority-url, and whether a proxy answers in place of Entra.',
  grant: `If it is the refresh token that is not accepted, ${ANEW}.`,
  client: 'If it is the application that is not accepted, check --client-id and --client-secret.',
  application: 'If it is the application that is not accepted, check --client-id and --tenant.',
  unknown:
    'Job PAT does not know this error, so go by what Entra said; --tenant, --client-id and the refresh token are what was sent.',
};

const UNKNOWN_PAT_ERROR =
  'Job PAT does not know this reason; look it up in the PAT Lifecycle Management API, or ask an administrator of the organization.';

const NO_USER = 'The sign-in carries no user. Sign in as a user, or give the Entra token of one.';
const APPLICATION = 'The Entra application is not accepted. Check --client-id.';
const GONE = 'The PAT is unknown to the service: it has been revoked or has expired.';
const AGAIN = 'A fault of the service: run again.';

const PAT: Readonly<Record<PatError, string>> = {
  displayNameRequired: 'The name of the PAT did not arrive: report this.',
  invalidDisplayName: 'The service does not accept the name of the PAT: report this.',
  invalidValidTo:
    'The service does not accept the end of the PAT: check the clock of this machine, which says when it is.',
  invalidScope:
    'A scope is unknown to this organization, or cannot be given to a PAT: look at "job-pat scopes".',
  userIdRequired: NO_USER,
  invalidUserId:
    'The user who signed in is not known here. Open the organization once with a browser as this user.',
  invalidUserType: 'Only a normal user can have PATs: no service principal, no managed identity, no group.',
  accessDenied:
    'The user who signed in may not create PATs in this organization. Check access level (Basic) and policies.',
  failedToIssueAccessToken: AGAIN,
  failedToUpdateAccessToken: AGAIN,
  invalidClient: APPLICATION,
  invalidClientType: APPLICATION,
  invalidClientId: APPLICATION,
  invalidTargetAccounts:
    'The user who signed in is not a member of this organization: let an administrator add the user, access level Basic.',
  hostAuthorizationNotFound: GONE,
  authorizationNotFound: GONE,
  tokenNotFound: GONE,
  invalidAuthorizationId: GONE,
  invalidToken: GONE,
  sourceNotSupported:
    'The network this machine is in is not allowed: ask the administrator of the organization.',
  invalidSource: 'The network this machine is in is not allowed: ask the administrator of the organization.',
  invalidSourceIP: 'The address of this machine is not allowed: ask the administrator of the organization.',
  duplicateHash: 'The service mixed up two tokens: run again.',
  sshPolicyDisabled: 'The organization forbids SSH keys; a PAT should not need one. Ask its administrator.',
  failedToReadTenantPolicy: 'The service could not read the policies of the tenant: run again.',
  globalPatPolicyViolation:
    'The tenant forbids PATs for all organizations; Job PAT never asks for one. Report this.',
  fullScopePatPolicyViolation:
    'The tenant policy "Restrict full-scoped personal access token creation" forbids app_token: name single scopes.',
  patLifespanPolicyViolation:
    'The tenant policy "Enforce maximum personal access token lifespan" forbids this lifetime: ask an administrator of the tenant.',
  invalidTokenType:
    'The sign-in is not one that can manage PATs. Sign in as a user, or give the Entra token of one.',
  invalidAudience: 'The Entra token is not meant for Azure DevOps (499b84ac-1321-427f-aa17-267ca6975798).',
  invalidSubject: NO_USER,
  deploymentHostNotSupported: 'The URL is not one of an organization: check --organization.',
  disablePatCreationPolicyViolation:
    'The organization policy "Restrict personal access token (PAT) creation" forbids it: let a Project Collection Administrator add the user who signed in to its allow list (Organization settings, Policies). New organizations have it on. With "packaging scope only" other scopes fail.',
  failedToReadOrgPolicy: 'The service could not read the policies of the organization: run again.',
  globalPATCreationBlocked:
    'PATs for all organizations no longer exist; Job PAT never asks for one. Report this.',
  expiredPatCannotBeExtended: 'An expired PAT cannot be changed: make a new one.',
};
