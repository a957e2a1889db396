import type { Asker } from './asker.js';

/** What Azure DevOps can answer in place of what was asked for. */
export const serviceCodes = [
  'throttled',
  /** Counted by address: the credential was not looked at. */
  'throttled-anonymous',
  'unavailable',
  /** TF24668: nobody used the organization for long, and it was switched off. */
  'deactivated',
  'redirected',
  'organization-unknown',
  /** 401, 203, a web page, TF400813 about nobody: the credential is not taken for anybody's. */
  'not-signed-in',
  /** TF400813 with a name, TF401444. */
  'not-a-member',
  /** VS403463. */
  'conditional-access',
  /** The service takes only a user's Entra token here. */
  'users-only',
  /** TF400898: what arrived could not be read. */
  'malformed',
  /** 403 without a reason that is known here. */
  'forbidden',
  /** Any other 4xx. */
  'refused',
  'connections-forbidden',
  'connection-forbidden',
  /** 401 or a sign-in page in place of service connections: a role that is missing is answered so too. */
  'connections-closed',
  'connection-not-creatable',
  /** The extension that brings the type is not installed. */
  'connection-type-unknown',
  /** The connection itself is not as the service wants it. */
  'connection-not-valid',
  'group-forbidden',
  'group-not-readable',
  'group-not-valid',
  /** Somebody else changed the thing between reading and writing. */
  'changed-meanwhile',
  'project-unknown',
] as const;

export type ServiceCode = (typeof serviceCodes)[number];

type ByAsker = Readonly<Record<Asker, string>>;

/** A repair that does not depend on who asked. */
function anybody(text: string): ByAsker {
  return byName(() => text);
}

/** One that names the one who asked. */
function byName(say: (name: string) => string): ByAsker {
  return {
    'issuing-user': say('the issuing user'),
    job: say('the build service, in whose name this job asks,'),
    administrator: say('the administrator whose token this is'),
    'azure-application': say('the application of the Azure connection'),
    pat: say('the user in whose name this PAT is,'),
  };
}

const JOB_TOKEN =
  'The token of the job ends with it, and is good for the organization of this run alone; "Limit job authorization scope to current project" (Project settings, Pipelines, Settings) keeps it from other projects. Let the step name nothing beyond these.';
const ADMIN_TOKEN =
  'Check adminToken: it has to be an Entra token of a Project Collection Administrator of this organization, or a PAT of one with vso.tokenadministration and vso.graph, and not expired.';
const PAT_REFUSED =
  'The PAT is revoked or expired, lacks the scope that this needs, or a policy of the organization does not let PATs in from the address of this agent. Run again; if it stays, look at the policies for PATs in the organization settings.';
const APPLICATION = 'Azure DevOps is never asked as the application of an Azure connection: report this.';

const CONNECTION_ROLE =
  'role Administrator of this service connection (Project settings, Service connections, the connection, Security)';
const GROUP_PAGE = '(Pipelines, Library, the group, Security)';

/** What to do, for whoever reads the log of a pipeline. */
export const SERVICE_ADVICE: Readonly<Record<ServiceCode, ByAsker>> = {
  throttled: {
    'issuing-user':
      'The issuing user has used up the rate limit of Azure DevOps. Spread the runs, or issue one PAT for a job instead of one for each step.',
    job: 'The build service, in whose name this job asks, has used up its rate limit of Azure DevOps. Spread the runs of this project.',
    administrator:
      'The administrator whose token this is has used up the rate limit of Azure DevOps. Run again later, and fewer of these at once.',
    'azure-application': APPLICATION,
    pat: 'The user of this PAT has used up the rate limit of Azure DevOps. Spread what is done in the name of this user.',
  },
  'throttled-anonymous': anybody(
    'Azure DevOps counted this request as one of nobody, by the address it came from, which others may share. Run again later; if it stays, ask who else sends requests from this network.',
  ),
  unavailable: anybody(
    'This is a fault of the service or of a proxy; run again, and look at https://status.dev.azure.com.',
  ),
  deactivated: anybody(
    'The organization was deactivated, for instance since nobody used it: running again does not help. An administrator has to sign in to it with a browser and activate it again.',
  ),
  redirected: {
    'issuing-user':
      'Usually it leads to the sign-in page: the Entra token is not accepted here. Check that the service connection, or the entraToken in its place, belongs to the tenant of this organization; an organization of Microsoft accounts, which has no tenant, accepts no Entra token at all.',
    job: `Usually it leads to the sign-in page: the token of the job is not accepted here. ${JOB_TOKEN}`,
    administrator: `Usually it leads to the sign-in page. ${ADMIN_TOKEN}`,
    'azure-application': APPLICATION,
    pat: `Usually it leads to the sign-in page. ${PAT_REFUSED}`,
  },
  'organization-unknown': {
    'issuing-user': 'Check its name in the service connection and in the input organization.',
    job: 'Check the organization that the step names: the token of the job is good for that of this run alone.',
    administrator: 'Check its name in the input organization.',
    'azure-application': APPLICATION,
    pat: 'Check its name in the service connection and in the input organization.',
  },
  'not-signed-in': {
    'issuing-user':
      'Check the sign-in of the issuing user: the Entra token is expired, of another tenant, not of a user, or lacks vso.pats and vso.pats_manage; or the user is not a member of the organization.',
    job: JOB_TOKEN,
    administrator: ADMIN_TOKEN,
    'azure-application': APPLICATION,
    pat: PAT_REFUSED,
  },
  'not-a-member': {
    'issuing-user':
      "Add the issuing user to the organization with access level Basic, and let this user sign in there once with a browser. An agent's user, which cannot, needs that licence too.",
    job: 'The build service, in whose name this job asks, has no access here. Give the identity that is named a role in that project (Project settings, Permissions), or run in a project where it has one.',
    administrator: ADMIN_TOKEN,
    'azure-application': APPLICATION,
    pat: 'Check in the organization settings that the user of this PAT is still a member of the organization, with an access level.',
  },
  'conditional-access': byName(
    name => `Ask the administrator of Conditional Access to let ${name} in from the address of this agent.`,
  ),
  'users-only': {
    'issuing-user':
      "Only a user can manage PATs, with the Entra token of a user: no service principal, no managed identity, no PAT, no System.AccessToken. Store the refresh token of a user in the service connection. Whether an agent's user counts as one is not published; it needs a licence of the organization (access level Basic) in any case.",
    job: 'This takes the Entra token of a user: the token of a job is none.',
    administrator: ADMIN_TOKEN,
    'azure-application': APPLICATION,
    pat: 'This takes the Entra token of a user: a PAT is none.',
  },
  malformed: anybody(
    'The service tells no reason but its activity id. It answers so to a request that something on the way, such as a proxy, has changed; otherwise report this with what the service said.',
  ),
  forbidden: {
    'issuing-user':
      'Check that the issuing user may do this in the organization: more of the reason than the service said is not known.',
    job: 'Give the build service, in whose name this job asks, the permission that this takes: more of the reason than the service said is not known.',
    administrator: ADMIN_TOKEN,
    'azure-application': APPLICATION,
    pat: 'Check that the user of this PAT may do this, and that the PAT has the scope for it: more of the reason than the service said is not known.',
  },
  refused: byName(
    name =>
      `Job PAT does not know this reason: go by what the service told ${name} or ask its support, by the activity id where it told one.`,
  ),
  'connections-forbidden': byName(
    name => `Give ${name} the role User or Administrator (Project settings, Service connections, Security).`,
  ),
  'connection-forbidden': {
    ...byName(name => `Give ${name} the ${CONNECTION_ROLE}.`),
    job: `Give the build service, in whose name this job asks, the ${CONNECTION_ROLE}; a pipeline that is limited to its own project reaches no other.`,
  },
  'connections-closed': {
    ...byName(name => `Give ${name} the ${CONNECTION_ROLE}.`),
    job: `${JOB_TOKEN} In its own project, give the build service the ${CONNECTION_ROLE}.`,
    pat: `Give the issuing user the ${CONNECTION_ROLE}. If the user has it: ${PAT_REFUSED}`,
  },
  'connection-not-creatable': byName(
    name => `Give ${name} the role Creator (Project settings, Service connections, Security).`,
  ),
  'connection-type-unknown': anybody(
    'Install the extension Job PAT in the organization first: it brings this type of service connection.',
  ),
  'connection-not-valid': anybody(
    'The service says what it does not accept: put that right in the project settings (Service connections, the connection, Edit), save it there, and run again.',
  ),
  'group-forbidden': byName(
    name => `Give ${name} the role Administrator of this variable group ${GROUP_PAGE}.`,
  ),
  'group-not-readable': byName(name => `Give ${name} the role Reader of this variable group ${GROUP_PAGE}.`),
  'group-not-valid': anybody(
    'The group as it would be is not accepted: open it in the library, change it as the service says, and save it there.',
  ),
  'changed-meanwhile': anybody(
    'Somebody else changed it at the same time; nothing was overwritten. Run again.',
  ),
  'project-unknown': {
    ...anybody('Check the name of the project, and that this identity is a member of it.'),
    job: `Check the name of the project. ${JOB_TOKEN}`,
  },
};
