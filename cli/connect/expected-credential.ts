import { AzureDevOpsClient } from '#azure-devops/client';
import { CONNECTION_DATA, organizationId } from '#azure-devops/connection-data';
import { anonymous, bearer } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import { retryFor } from '#agent/effects';
import type { TerminalEffects } from '../effects.js';
import { REQUEST_BUDGET } from '../sign-in/sign-in.js';

/** What an application has to trust, so that a service connection proves it. */
export interface ExpectedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

const ISSUER = 'https://vstoken.dev.azure.com';
/** Of every OIDC token of Azure Pipelines. */
const AUDIENCE = 'api://AzureADTokenExchange';

/**
 * Issuer and subject that Azure Pipelines is known to write into the OIDC token of a connection (facts 2.4). Only a run
 * shows whether they are those of this organization: Entra may issue the token instead, with ids for names.
 *
 * @param project its name: the token has no id
 */
export function expectedCredential(
  organizationId: string,
  { name: organization }: Organization,
  project: string,
  connection: string,
): ExpectedCredential {
  return {
    issuer: `${ISSUER}/${organizationId}`,
    subject: `sc://${organization}/${project}/${connection}`,
    audience: AUDIENCE,
  };
}

/**
 * The id of an organization: `instanceId` of its `connectionData`, which some organizations tell to nobody without a
 * credential. Asked once.
 *
 * @param accessToken an Entra token of a user, if there is one
 * @returns undefined where it does not tell
 */
export async function readOrganizationId(
  organization: Organization,
  accessToken: string | undefined,
  effects: TerminalEffects,
): Promise<string | undefined> {
  const identity = accessToken === undefined ? anonymous : bearer('issuing-user', accessToken);
  const client = new AzureDevOpsClient(identity, organization, effects);
  const reply = await client.send(CONNECTION_DATA, retryFor(effects, REQUEST_BUDGET));
  return reply.kind === 'json' ? organizationId(reply.value) : undefined;
}
