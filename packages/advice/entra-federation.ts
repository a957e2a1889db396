import type { EntraReason } from './entra.js';
import type { FederatedAsker } from './sign-in.js';

/** Where the repair is a federated credential, the message goes on with what the token says and the command that adds one. */
const NO_CREDENTIAL =
  'has no federated credential that fits the OIDC token of this service connection: its issuer, subject and audience have to be in one, letter by letter';
const OTHER_CASE =
  'has a federated credential whose subject differs from that of the OIDC token in upper and lower case only, and Entra tells them apart: a project, a connection or the organization is written otherwise there. Add one that is written as in the token, and remove the other';
const OTHER_AUDIENCE =
  'has a federated credential for this issuer and subject, but for another audience than that of the OIDC token';
const NOT_TAKEN =
  'Entra did not take the OIDC token of the service connection as a proof: something on the way, such as a proxy, may have changed the request, or the issuer could not be asked for its keys. Run again later';
const OUT_OF_TIME =
  'The OIDC token of the service connection is used outside of its few minutes: look for what holds requests up between the agent and Entra, and at the clocks of both.';

/**
 * The issuing user, through an application that proves itself by the OIDC token of the connection: nothing here speaks of a
 * client secret, for there is none. What is not here is said as to any issuing user.
 */
const FEDERATED_USER: Readonly<Partial<Record<EntraReason, string>>> = {
  'no-federated-credential': `The application ${NO_CREDENTIAL}.`,
  'subject-case': `The application ${OTHER_CASE}.`,
  audience: `The application ${OTHER_AUDIENCE}.`,
  'assertion-time': OUT_OF_TIME,
  'assertion-not-good': `${NOT_TAKEN}.`,
  'secret-missing': `${NOT_TAKEN}.`,
  'secret-wrong': `${NOT_TAKEN}.`,
  'secret-expired': `${NOT_TAKEN}.`,
  'public-client':
    'The application is still a public client, which cannot prove itself: in its registration, under Authentication, set "Allow public client flows" to No and give it the platform Web in place of "Mobile and desktop", then sign the issuing user in anew if the refresh token is refused afterwards. Nothing has to be removed from the service connection.',
  client:
    'If it is the application that is not accepted, check clientId, and that it has a federated credential for this service connection.',
  unknown:
    'Job PAT does not know this error, so go by what Entra said; tenantId, clientId, the refresh token and the OIDC token of the service connection are what was sent.',
};

type AgentAsker = Exclude<FederatedAsker, 'federated-user'>;

const PREVIEW = "An agent's user is a preview";

/** Said to each of the three, in whatever it was refused. */
const ALIKE: Readonly<Partial<Record<EntraReason, string>>> = {
  'tenant-unknown': 'The tenant is not known: check tenantId in the service connection.',
  'tenant-id-needed': 'This needs the id of your tenant: check tenantId in the service connection.',
  'other-cloud':
    'The tenant belongs to another cloud: check authorityUrl and tenantId in the service connection.',
  'tenant-restricted':
    'The network of this agent lets sign-ins to listed tenants pass only (tenant restrictions): ask its administrator to add this tenant.',
  'single-tenant':
    'Entra takes a token of its own issuer as the proof of single-tenant applications only: ask the owner of the blueprint to set its supported account types to this organizational directory only.',
  'federation-forbidden':
    'A policy of the tenant forbids federated credentials of this kind: ask an administrator of the tenant.',
  'not-issued':
    'Entra could not make a token and keeps the reason to itself: run again later; if it stays so, open a support ticket with the ids above.',
  throttled: 'Entra slows this agent identity down: issue fewer PATs, for instance one for a job.',
  passing: 'This is a fault of Entra that passes: run again later.',
  request:
    'Entra could not read the request. It may be that the tenant does not know sign-ins of agents yet, or that something on the way, such as a proxy, changed it.',
  'not-entra': 'Check authorityUrl in the service connection, and whether a proxy answers in place of Entra.',
};

const LOOK_AT_BLUEPRINT =
  'Look at the blueprint that clientId names (the application, its principal in the tenant and its federated credentials), and whether agentIdentityId is an agent identity of it.';
const LOOK_AT_IDENTITY =
  'Look at the agent identity that agentIdentityId names: it has to exist in the tenant, be enabled, and be one of the blueprint in clientId.';
const LOOK_AT_USER =
  "Look at the agent's user that agentUser names: it has to be the user of this agent identity (identityParentId), be enabled, and be consented to.";

const OF: Readonly<Record<AgentAsker, Readonly<Partial<Record<EntraReason, string>>>>> = {
  'agent-blueprint': {
    'no-federated-credential': `The blueprint ${NO_CREDENTIAL}.`,
    'subject-case': `The blueprint ${OTHER_CASE}.`,
    audience: `The blueprint ${OTHER_AUDIENCE}.`,
    'assertion-time': OUT_OF_TIME,
    'assertion-not-good': `${NOT_TAKEN}.`,
    'secret-missing': `${NOT_TAKEN}.`,
    'public-client':
      'The application that clientId names is a public client, which cannot prove itself: put the id of the blueprint there.',
    'application-unknown':
      'The blueprint is not known in this tenant: check clientId and tenantId, and that its principal was made, which does not happen by itself.',
    'application-disabled':
      'The blueprint is disabled: ask an administrator of the tenant to enable it, or put another one in clientId.',
    'conditional-access':
      'Conditional Access blocked the blueprint: ask its administrator to let it in from the address of this agent.',
    risk: 'Entra takes the blueprint for being at risk: let an administrator of the tenant look into it and dismiss the risk.',
    client: `If it is the blueprint that is not accepted, see that it has a federated credential for this service connection. ${LOOK_AT_BLUEPRINT}`,
  },
  'agent-identity': {
    'application-unknown':
      'The agent identity is not known in this tenant: check agentIdentityId and tenantId.',
    'application-disabled':
      'The agent identity is disabled: ask an administrator of the tenant to enable it, or put another one in agentIdentityId.',
    'assertion-time':
      'The token of the blueprint is used outside of its time: look for what holds requests up between the agent and Entra, and at the clocks of both.',
    'conditional-access':
      'Conditional Access blocked the agent identity: ask its administrator to let it in from the address of this agent.',
    risk: 'Entra takes the agent identity for being at risk: let an administrator of the tenant look into it and dismiss the risk.',
  },
  'agent-user': {
    consent:
      "Consent is missing: grant the agent identity vso.pats and vso.pats_manage of Azure DevOps for the agent's user (oauth2PermissionGrants: clientId is the agent identity, principalId the agent's user, consentType Principal). It takes Entra some minutes to know a new one.",
    permissions:
      "The agent identity has no delegated permissions of Azure DevOps: grant it vso.pats and vso.pats_manage for the agent's user (oauth2PermissionGrants), and wait some minutes.",
    'resource-unknown':
      'The tenant does not know Azure DevOps: check tenantId in the service connection; a tenant knows it as soon as one of its users has signed in to an organization.',
    account:
      "The account of the agent's user does not work (disabled, blocked or deleted): let an administrator of the tenant enable it.",
    'user-unknown':
      "The agent's user is not known in this tenant: check agentUser (its UPN or its object id) and tenantId.",
    'not-assigned':
      "The agent's user is not assigned to the application: add it in Microsoft Entra under Enterprise applications, the application, Users and groups.",
    'conditional-access':
      "Conditional Access blocked the agent's user: ask its administrator to let it reach Azure DevOps from the address of this agent.",
    mfa: "Multi-factor sign-in is asked of the agent's user, who has no factor: ask the administrator of Conditional Access to exempt it.",
    device:
      "Conditional Access asks for a device that the tenant knows: ask its administrator to exempt the agent's user, or run on an agent that complies.",
    interaction:
      "Entra wants the agent's user to sign in with a browser, which it cannot: ask an administrator of the tenant what policy does that.",
    risk: "Entra takes the agent's user for being at risk: let an administrator of the tenant look into it and dismiss the risk.",
    'assertion-time':
      'A token of this chain is used outside of its time: look for what holds requests up between the agent and Entra, and at the clocks of both.',
  },
};

const GENERAL: Readonly<Record<AgentAsker, string>> = {
  'agent-blueprint': LOOK_AT_BLUEPRINT,
  'agent-identity': LOOK_AT_IDENTITY,
  'agent-user': LOOK_AT_USER,
};

/**
 * What to do when Entra gives no token to somebody who signs in by an OIDC token. No step of an agent's user is like one of
 * an issuing user: nothing is stored.
 *
 * @param toUser what any issuing user is told
 */
export function federatedAdvice(
  code: EntraReason,
  asker: FederatedAsker,
  toUser: (code: EntraReason) => string,
): string {
  if (asker === 'federated-user') return FEDERATED_USER[code] ?? toUser(code);
  return OF[asker][code] ?? ALIKE[code] ?? `${GENERAL[asker]} ${PREVIEW}: the tenant may not know it yet.`;
}
