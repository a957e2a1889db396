import type { Agent } from '#agent/agent';
import { OIDC_REQUEST_URI } from '#agent/stage-settings';
import { oidcRequestUrl, type OidcRequest } from '#azure-devops/oidc-request';
import { organizationOfRun } from '../run-organization.js';

/**
 * How an application proves itself by the OIDC token of a service connection, whichever kind of connection that is: where
 * to ask for the token, which a variable says and any step could have set, held against the organization of the run.
 *
 * @returns a text: why it cannot
 */
export function readConnectionProof(agent: Agent, connectionId: string): OidcRequest | string {
  const uri = (agent.variable(OIDC_REQUEST_URI) ?? '').trim();
  if (uri === '')
    return `the agent does not say where to get its OIDC token: ${OIDC_REQUEST_URI} is empty. Azure DevOps Services says it; a server has no such tokens, and there is no sign-in without this proof`;
  const url = oidcRequestUrl(uri, organizationOfRun(agent), connectionId);
  if (url === undefined)
    return `${OIDC_REQUEST_URI} is "${uri}", which does not belong to "${agent.collectionUrl()}", the organization of this run, or is not where it gives tokens. Do not overwrite it`;
  const jobToken = agent.jobToken();
  return jobToken === ''
    ? 'the agent did not hand over the token of the job, with which its OIDC token is asked for'
    : { connectionId, url, jobToken };
}
