import type { Asker } from './asker.js';

/**
 * Who signs in at Entra, and how:
 * - `federated-user`: the issuing user, through an application that proves itself by the OIDC token of the connection
 * - `agent-blueprint`, `agent-identity`, `agent-user`: one of the three steps by which an agent's user signs in
 */
export const signInAskers = [
  'issuing-user',
  'federated-user',
  'azure-application',
  'agent-blueprint',
  'agent-identity',
  'agent-user',
] as const;

export type SignInAsker = (typeof signInAskers)[number];

/** Those that the table below tells apart; the others have their own words, or share those of one of these. */
type Told = Extract<Asker, 'issuing-user' | 'azure-application'>;

const ANEW = 'sign the issuing user in anew and store the new refresh token in the service connection';
const FEDERATED_APP =
  'copy issuer and subject from the page of the connection into Certificates & secrets, Federated credentials, of the application';
const EDIT = 'edit the Azure connection and verify it';

/** Both, where it does not matter who signs in. */
function either(text: string): Readonly<Record<Told, string>> {
  return { 'issuing-user': text, 'azure-application': text };
}

/** What only a user can be told; an application that is told it has an Azure connection that needs a look. */
function user(text: string): Readonly<Record<Told, string>> {
  return {
    'issuing-user': text,
    'azure-application': `Entra asks the application for what is asked of users only: ${EDIT}.`,
  };
}

/** What to do when Entra gives no token, for whoever reads the log of a pipeline. */
export const ENTRA_ADVICE = {
  mfa: user(
    'Multi-factor sign-in is asked for: sign the issuing user in anew with it and store the new refresh token in the service connection.',
  ),
  'conditional-access': {
    'issuing-user':
      'Conditional Access blocked it: ask its administrator to let the issuing user reach Azure DevOps from the address of this agent.',
    'azure-application':
      'Conditional Access for workload identities blocked it: ask its administrator to let the application in from the address of this agent.',
  },
  'approved-app': user(
    'Conditional Access lets approved client applications in only: ask its administrator to exempt the issuing user, or this application.',
  ),
  device: user(
    'Conditional Access asks for a device that the tenant knows: sign the issuing user in anew on one, run on an agent that complies, or let its administrator exempt the issuing user.',
  ),
  'security-policy': {
    'issuing-user':
      'A security policy of the tenant blocked it: run on an agent that complies, or let an administrator exempt the issuing user.',
    'azure-application':
      'A security policy of the tenant blocked it: ask an administrator of the tenant to exempt the application.',
  },
  risk: {
    'issuing-user':
      'Entra takes the issuing user for being at risk: let an administrator of the tenant look into it and dismiss the risk, then sign the user in anew.',
    'azure-application':
      'Entra takes the application for being at risk: let an administrator of the tenant look into it and dismiss the risk.',
  },
  consent: {
    'issuing-user':
      'Consent is missing: let an administrator grant the application vso.pats and vso.pats_manage of Azure DevOps, then sign the issuing user in anew.',
    'azure-application':
      'Consent is missing: let an administrator of the tenant grant the application its permissions.',
  },
  'first-party': either(
    'This is an application of Microsoft that is not allowed here: register one of your own and put its id in clientId.',
  ),
  permissions: {
    'issuing-user':
      'The application does not have vso.pats and vso.pats_manage: add both as delegated permissions of Azure DevOps.',
    'azure-application': 'Check that the environment of the Azure connection is the cloud of the key vault.',
  },
  'resource-unknown': {
    'issuing-user':
      'The tenant does not know Azure DevOps: check tenantId in the service connection; a tenant knows it as soon as one of its users has signed in to an organization.',
    'azure-application':
      'The tenant does not know Azure Key Vault: check that tenant, environment of the connection and vault belong to the same cloud.',
  },
  'token-expired': user(
    'The refresh token has expired, 90 days after it was issued: sign the issuing user in anew and store the new one in the service connection.',
  ),
  'single-page': user(
    'The refresh token was issued to a single-page application and ends after 24 hours for good: give the application the platform "Mobile and desktop" or "Web", then sign the issuing user in anew.',
  ),
  'sign-in-frequency': user(
    'The sign-in frequency of Conditional Access ended the refresh token: sign in anew, or relax it for the issuing user.',
  ),
  'token-revoked': user(
    'The refresh token is not valid any more (revoked, or the password changed): sign the issuing user in anew and store the new one in the service connection.',
  ),
  account: user(
    'The account of the issuing user does not work (password, expired, disabled, locked or blocked): repair it, then sign in anew.',
  ),
  'user-unknown': user(
    'The issuing user is not known in this tenant: check tenantId in the service connection.',
  ),
  'not-assigned': {
    'issuing-user':
      'The issuing user is not assigned to the application: add the user, or a group of the user, in Microsoft Entra under Enterprise applications, the application, Users and groups.',
    'azure-application':
      'The application of the Azure connection is not assigned to the one that it asks for: let an administrator of the tenant assign it under Enterprise applications.',
  },
  'secret-wrong': {
    'issuing-user': 'The client secret is wrong: store its value, not its id, in the service connection.',
    'azure-application':
      'The client secret in the Azure connection is wrong: store its value, not its id, or convert the connection to workload identity federation.',
  },
  'secret-expired': {
    'issuing-user': 'The client secret has expired: make a new one and store it in the service connection.',
    'azure-application':
      'The client secret in the Azure connection has expired: make a new one, or convert the connection to workload identity federation.',
  },
  'secret-missing': {
    'issuing-user':
      'The application wants a client secret: store one in the service connection, or better set clientProof to federation; or switch on "Allow public client flows".',
    'azure-application': `The application wants a secret or a federated credential: ${EDIT}.`,
  },
  'public-client': {
    'issuing-user':
      'This is a public client, which has no secret: clear the client secret in the service connection, or use the Web platform.',
    'azure-application': `The application is a public client, which cannot sign in as itself: ${EDIT}.`,
  },
  'application-unknown': {
    'issuing-user':
      'The application is not known in this tenant: check clientId and tenantId in the service connection.',
    'azure-application':
      'The application is not known in this tenant: check application id and tenant id of the Azure connection.',
  },
  'application-disabled': {
    'issuing-user':
      'The application is disabled: ask an administrator of the tenant to enable it, or put another one in clientId.',
    'azure-application':
      'The application is disabled: ask an administrator of the tenant to enable it, or use another Azure connection.',
  },
  'tenant-unknown': {
    'issuing-user': 'The tenant is not known: check tenantId in the service connection.',
    'azure-application':
      'The tenant is not known: check the tenant id of the Azure connection, and that its environment is the cloud of the tenant.',
  },
  'tenant-id-needed': {
    'issuing-user': 'This needs the id of your tenant: check tenantId in the service connection.',
    'azure-application': 'This needs the id of your tenant: check the tenant id of the Azure connection.',
  },
  'other-cloud': {
    'issuing-user':
      'The tenant belongs to another cloud: check authorityUrl and tenantId in the service connection.',
    'azure-application':
      'The tenant belongs to another cloud: check the environment of the Azure connection.',
  },
  'tenant-restricted': either(
    'The network of this agent lets sign-ins to listed tenants pass only (tenant restrictions): ask its administrator to add this tenant.',
  ),
  'cross-tenant': user(
    'Cross-tenant access of one of the two tenants keeps the issuing user out: ask their administrators, or use a user of this tenant.',
  ),
  'identity-provider': user(
    'The identity provider that signs in users of this domain refused: ask its administrator, then sign the issuing user in anew.',
  ),
  'on-premises': user(
    'The directory on premises that checks passwords of the tenant cannot be asked: ask its administrator.',
  ),
  interaction: user(
    'Entra wants the issuing user to sign in with a browser: do so and store the new refresh token in the service connection.',
  ),
  'code-not-good': user(`The code of a sign-in is not good any more: ${ANEW}.`),
  'no-federated-credential': {
    'issuing-user': `The application has no federated credential for this service connection: ${FEDERATED_APP}.`,
    'azure-application': `The application has no federated credential for this service connection: ${FEDERATED_APP}.`,
  },
  'subject-case': {
    'issuing-user': `The application has a federated credential whose subject differs in upper and lower case only, which Entra tells apart: ${FEDERATED_APP}.`,
    'azure-application': `The application has a federated credential whose subject differs in upper and lower case only, which Entra tells apart: ${FEDERATED_APP}.`,
  },
  audience: {
    'issuing-user': `The federated credential of the application is for another audience: ${FEDERATED_APP}.`,
    'azure-application': `The federated credential of the application is for another audience: ${FEDERATED_APP}.`,
  },
  'single-tenant': either(
    'Entra takes a token of its own issuer as the proof of single-tenant applications only: ask the owner of the application to set its supported account types to this organizational directory only.',
  ),
  'federation-forbidden': either(
    'A policy of the tenant forbids federated credentials of this kind: ask an administrator of the tenant.',
  ),
  'assertion-time': either(
    'The token of Azure Pipelines is used outside of its few minutes: check the clock of the agent, then run again.',
  ),
  'assertion-not-good': {
    'issuing-user':
      'The proof of the application is not accepted: check its federated credentials, or its client secret in the service connection.',
    'azure-application': `The proof of the application is not accepted: ${EDIT}.`,
  },
  'not-issued': either(
    'Entra could not make a token and keeps the reason to itself: run again later; if it stays so, open a support ticket with the ids above.',
  ),
  throttled: {
    'issuing-user': 'Entra slows this application down: issue fewer PATs, for instance one for a job.',
    'azure-application': 'Entra slows this application down: run fewer rotations at once.',
  },
  passing: either('This is a fault of Entra that passes: run again later.'),
  request: either(
    'Entra could not read the request: something on the way, such as a proxy, changed it. Otherwise report this.',
  ),
  /** Something else than Entra answered. */
  'not-entra': {
    'issuing-user':
      'Check authorityUrl in the service connection, and whether a proxy answers in place of Entra.',
    'azure-application':
      'Check the environment of the Azure connection, and whether a proxy answers in place of Entra.',
  },
  /** Only the OAuth error is known: what follows says under which condition it holds. */
  grant: {
    'issuing-user': `If it is the refresh token that is not accepted, ${ANEW}.`,
    'azure-application': `If it is the credential of the application that is not accepted, ${EDIT}.`,
  },
  client: {
    'issuing-user':
      'If it is the application that is not accepted, check clientId and the client secret in the service connection.',
    'azure-application':
      'If it is the application that is not accepted, check secret or federated credential of the application behind the Azure connection.',
  },
  application: {
    'issuing-user':
      'If it is the application that is not accepted, check clientId and tenantId in the service connection.',
    'azure-application':
      'If it is the application that is not accepted, check application id and tenant id of the Azure connection.',
  },
  unknown: {
    'issuing-user':
      'Job PAT does not know this error, so go by what Entra said; tenantId, clientId and the refresh token in the service connection are what was sent.',
    'azure-application':
      'Job PAT does not know this error, so go by what Entra said; tenant, application and proof of the Azure connection are what was sent.',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Told, string>>>>;

export type EntraReason = keyof typeof ENTRA_ADVICE;
