import type { ValidationErrors } from '../tasks/common/inputs/validation-errors.js';
import { CLOUD } from '../tasks/common/inputs/issuer.js';
import { DEFAULT_AUTHORITY, mayGoTogether, readAuthority, TENANT } from '#entra/authority';
import {
  ORGANIZATION_EXAMPLE,
  organizationAt,
  parseOrganization,
  type Organization,
} from '#azure-devops/organization';
import { asGuid } from '#text/json';
import { secretFromEnvironment } from './environment.js';
import { typedText } from './typed-text.js';

/** What every command that signs in takes. */
export interface SignInOptions {
  readonly organization?: string;
  readonly tenant?: string;
  readonly clientId?: string;
  readonly authorityUrl?: string;
  /** The application is a confidential client: its secret comes from the environment, a question or standard input. */
  readonly clientSecret?: boolean;
  readonly refreshToken?: boolean;
  readonly entraToken?: boolean;
  /** The sign-in of the Azure CLI counts. */
  readonly az?: boolean;
}

export const GUID_EXAMPLE = '00000000-0000-0000-0000-000000000000';

/** The organization, which every command needs. @returns undefined when there is a fault */
export function readOrganization(
  text: string | undefined,
  faults: ValidationErrors,
): Organization | undefined {
  if (text === undefined || text.trim() === '') {
    faults.option('--organization', `is required. Example: --organization ${ORGANIZATION_EXAMPLE}`);
    return undefined;
  }
  const organization = parseOrganization(text.trim(), CLOUD) ?? organizationAt(text.trim());
  if (organization === undefined)
    faults.option(
      '--organization',
      `"${typedText(text)}" is not an Azure DevOps organization. Example: ${ORGANIZATION_EXAMPLE}`,
    );
  return organization;
}

export interface Application {
  readonly clientId: string | undefined;
  /** Where the organization does not say. */
  readonly tenantId: string | undefined;
  readonly authority: string | undefined;
}

/**
 * The Entra application to sign in with. It may be left away only where an Entra token is given, and no two ways of
 * signing in may be named at once.
 *
 * @param takesToken whether the command can do with an Entra token alone
 */
export function readApplication(
  options: SignInOptions,
  organization: Organization | undefined,
  faults: ValidationErrors,
  { takesToken = true }: { readonly takesToken?: boolean } = {},
): Application {
  const { clientId, tenant, authorityUrl } = options;
  if (options.entraToken === true && options.refreshToken === true)
    faults.option('--entra-token', 'give either --entra-token or --refresh-token, not both');
  const others = [
    ...(options.entraToken === true ? ['--entra-token'] : []),
    ...(options.refreshToken === true ? ['--refresh-token'] : []),
    ...(options.clientSecret === true ? ['--client-secret'] : []),
    ...(clientId === undefined ? [] : ['--client-id']),
  ];
  if (options.az === true && others.length > 0)
    faults.option('--az', `signs in with the Azure CLI alone: leave ${others.join(' and ')} away`);
  if (clientId === undefined && needsApplication(options, takesToken))
    faults.option(
      '--client-id',
      `is required: the id of your own Entra application; "job-pat connect --print-app-registration" prints how to make one. Example: ${GUID_EXAMPLE}`,
    );
  if (clientId !== undefined && asGuid(clientId.trim()) === undefined)
    faults.option(
      '--client-id',
      `"${typedText(clientId)}" is not the id of an Entra application. Example: ${GUID_EXAMPLE}`,
    );
  if (tenant !== undefined && !isTenant(tenant.trim()))
    faults.option(
      '--tenant',
      `"${typedText(tenant)}" is neither the id nor a domain of an Entra tenant. Example: ${GUID_EXAMPLE}`,
    );
  const authority = authorityUrl === undefined ? undefined : readAuthority(authorityUrl.trim());
  if (authorityUrl !== undefined && authority === undefined)
    faults.option(
      '--authority-url',
      `"${typedText(authorityUrl)}" is not an Entra authority. Example: ${DEFAULT_AUTHORITY}`,
    );
  if (authority !== undefined && organization !== undefined && !mayGoTogether(organization, authority))
    faults.option(
      '--authority-url',
      `${authority} signs real users in, and ${organization.url} is on this machine: it does not get their tokens. Example: ${new URL(organization.url).origin}`,
    );
  return { clientId: clientId?.trim(), tenantId: tenant?.trim(), authority };
}

/** Whether somebody has to sign in with an application, since no token is given. */
export function needsApplication(options: SignInOptions, takesToken = true): boolean {
  const tokenIsGiven =
    options.az === true ||
    (takesToken && (options.entraToken === true || secretFromEnvironment('entraToken') !== ''));
  return !tokenIsGiven;
}

/** A single word is no domain, so it is a mistake: `contoso` in place of `contoso.com`. */
function isTenant(text: string): boolean {
  return TENANT.test(text);
}

const LONGEST_PROJECT = 64;
/** Characters that no name of a project holds (Azure DevOps, naming restrictions). */
const NOT_IN_PROJECT = /[\p{Cc}\\/:*?"<>|;#${},+=[\]]/u;

/** A project by its name or id. @returns undefined where the option was left away */
export function readProject(text: string | undefined, faults: ValidationErrors): string | undefined {
  const project = text?.trim();
  if (project === undefined) return undefined;
  const dotted = /^\.|\.$/.test(project);
  if (project === '' || project.length > LONGEST_PROJECT || dotted || NOT_IN_PROJECT.test(project))
    faults.option(
      '--project',
      `"${typedText(project, 80)}" cannot be the name of a project. Example: --project Shop`,
    );
  return project;
}

const LONGEST_NAME = 256;

/** The name of a service connection. */
export function readConnectionName(text: string, faults: ValidationErrors): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name))
    faults.option(
      '--name',
      `"${typedText(name, 80)}" cannot be the name of a service connection, which is one line of at most ${LONGEST_NAME} characters. Example: --name "PAT issuer"`,
    );
  return name;
}
