import { CLOUD } from '../tasks/common/inputs/issuer.js';
import {
  CLIENT_ID,
  DEFAULT_AUTHORITY,
  readAuthority,
  TENANT,
} from '../tasks/common/inputs/issuer-connection.js';
import type { InputFaults } from '../tasks/common/inputs/input-faults.js';
import {
  ORGANIZATION_EXAMPLE,
  organizationAt,
  parseOrganization,
  type Organization,
} from '../tasks/common/inputs/organization.js';

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
}

const GUID_EXAMPLE = '00000000-0000-0000-0000-000000000000';

/** The organization, which every command needs. @returns undefined when there is a fault */
export function readOrganization(text: string | undefined, faults: InputFaults): Organization | undefined {
  if (text === undefined || text.trim() === '') {
    faults.option('--organization', `is required. Example: --organization ${ORGANIZATION_EXAMPLE}`);
    return undefined;
  }
  const organization = parseOrganization(text.trim(), CLOUD) ?? organizationAt(text.trim());
  if (organization === undefined)
    faults.option(
      '--organization',
      `"${text}" is not an Azure DevOps organization. Example: ${ORGANIZATION_EXAMPLE}`,
    );
  return organization;
}

export interface Application {
  readonly clientId: string | undefined;
  /** Where the organization does not say. */
  readonly tenantId: string | undefined;
  readonly authority: string | undefined;
}

/** The Entra application to sign in with, as far as it was told. */
export function readApplication(options: SignInOptions, faults: InputFaults): Application {
  const { clientId, tenant, authorityUrl } = options;
  if (clientId !== undefined && !CLIENT_ID.test(clientId))
    faults.option(
      '--client-id',
      `"${clientId}" is not the id of an Entra application. Example: ${GUID_EXAMPLE}`,
    );
  if (tenant !== undefined && !TENANT.test(tenant))
    faults.option('--tenant', `"${tenant}" is not the id of an Entra tenant. Example: ${GUID_EXAMPLE}`);
  const authority = authorityUrl === undefined ? undefined : readAuthority(authorityUrl);
  if (authorityUrl !== undefined && authority === undefined)
    faults.option(
      '--authority-url',
      `"${authorityUrl}" is not an Entra authority. Example: ${DEFAULT_AUTHORITY}`,
    );
  return { clientId, tenantId: tenant, authority };
}
