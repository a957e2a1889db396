import type { Agent } from '#agent/agent';
import { maskToken } from '#azure-devops/oidc-token';
import { AZURE_DEVOPS, redeem, requestToken, type EntraToken } from '#entra/entra';
import type { Federation } from '#entra/federation';
import { openFederation } from '#entra/open-federation';
import type { Http } from '#http/http';
import type { RetryPolicy } from '#http/retry';
import type { ConnectionSignIn } from './inputs/issuer-connection.js';

/** Redeems refresh tokens for the application of a connection, whose proof, where it needs one, serves all of them. */
export function redeemer(
  { entra, proof }: Extract<ConnectionSignIn, { kind: 'refresh-token' }>,
  agent: Agent,
  http: Http,
): (refreshToken: string, policy: RetryPolicy) => Promise<EntraToken> {
  const mask = (secret: string) => {
    agent.mask(secret);
  };
  if (proof === undefined)
    return (refreshToken, policy) => redeem(http, { ...entra, refreshToken }, mask, policy);
  const application = { clientId: entra.clientId, kind: 'application' } as const;
  let federation: Promise<Federation> | undefined;
  return async (refreshToken, policy) => {
    federation ??= openFederation(proof, application, { agent, http });
    return (await federation).prove(policy, clientAssertion =>
      redeem(http, { ...entra, refreshToken, clientAssertion }, mask, policy),
    );
  };
}

/**
 * Signs an agent's user in. @param isFirst of its step, which says in a line that this is a preview
 * @throws Failure
 */
export async function agentUserToken(
  { agentUser, proof }: Extract<ConnectionSignIn, { kind: 'agent-user' }>,
  agent: Agent,
  http: Http,
  policy: RetryPolicy,
  isFirst: boolean,
): Promise<EntraToken> {
  if (isFirst) {
    agent.info(
      "This connection signs in an agent's user of Entra, which is a preview: nobody has shown yet that Azure DevOps lets such a user manage PATs.",
    );
  }
  const federation = await openFederation(
    proof,
    { clientId: agentUser.blueprintId, kind: 'blueprint' },
    { agent, http },
  );
  const mask = (secret: string) => {
    maskToken(secret, form => {
      agent.mask(form);
    });
  };
  const { signInAgentUser } = await import('#entra/agent-user');
  return signInAgentUser(
    agentUser,
    AZURE_DEVOPS,
    federation,
    (asker, grant, policy) => requestToken(http, agentUser, grant, asker, mask, policy),
    policy,
  );
}
