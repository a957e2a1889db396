import { send, azureDevOpsHeaders, REQUEST_TIMEOUT } from '#azure-devops/client';
import type { Organization } from '#azure-devops/organization';
import { retryFor } from '#agent/effects';
import { timeLeft } from '#http/retry';
import { asGuid } from '#text/json';
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
  const { authorization, ...headers } = azureDevOpsHeaders(`Bearer ${accessToken ?? ''}`);
  const reply = await send(
    effects.http,
    () => effects.clock.now(),
    {
      method: 'GET',
      url: `${organization.url}/_apis/connectionData?api-version=7.1-preview.1`,
      headers: { ...headers, ...(accessToken === undefined ? {} : { authorization }) },
      timeout: timeLeft(retryFor(effects, REQUEST_BUDGET), REQUEST_TIMEOUT),
    },
    'issuing-user',
  );
  return reply.kind === 'json' ? asGuid(reply.value['instanceId']) : undefined;
}
