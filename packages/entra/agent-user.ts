import type { SignInAsker } from '#advice/entra';
import type { RetryPolicy } from '#http/retry';
import type { EntraToken } from './entra.js';
import type { Federation } from './federation.js';
import { assertionFields } from './jwt-bearer.js';

/** An agent's user of Entra, and the identity and the blueprint behind it (facts: agent's user account). */
export interface AgentUser {
  readonly authority: string;
  readonly tenantId: string;
  readonly blueprintId: string;
  readonly agentIdentityId: string;
  readonly user: { readonly user_id: string } | { readonly username: string };
}

/** One form to the token endpoint of the tenant; what it gives is masked. */
export type AskEntra = (
  asker: SignInAsker,
  grant: Readonly<Record<string, string>>,
  policy: RetryPolicy,
) => Promise<EntraToken>;

const EXCHANGE = 'api://AzureADTokenExchange/.default';

/**
 * Signs an agent's user in: the blueprint, proven by the federation, gets a token for the agent identity (T1), with which
 * that gets its own (T2), and both together one of the user. Neither leaves this function.
 *
 * @throws Failure `entra-refused`, which says to whom, and what `federation` throws
 */
export async function signInAgentUser(
  { blueprintId, agentIdentityId, user }: AgentUser,
  resource: string,
  federation: Federation,
  ask: AskEntra,
  policy: RetryPolicy,
): Promise<EntraToken> {
  const forAgent = { grant_type: 'client_credentials', scope: EXCHANGE };
  const blueprint = await federation.prove(policy, assertion =>
    ask(
      'agent-blueprint',
      { ...forAgent, client_id: blueprintId, fmi_path: agentIdentityId, ...assertionFields(assertion) },
      policy,
    ),
  );
  const asAgent = { client_id: agentIdentityId, ...assertionFields(blueprint.value) };
  const agent = await ask('agent-identity', { ...forAgent, ...asAgent }, policy);
  const grant = {
    ...asAgent,
    grant_type: 'user_fic',
    scope: `${resource}/.default`,
    user_federated_identity_credential: agent.value,
    requested_token_use: 'on_behalf_of',
    ...user,
  };
  return ask('agent-user', grant, policy);
}
