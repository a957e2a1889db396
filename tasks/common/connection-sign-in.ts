import type { Agent } from '#agent/agent';
import { maskToken } from '#azure-devops/oidc-token';
import { AZURE_DEVOPS, redeem, requestToken, type EntraToken } from '#entra/entra';
import type { Federation } from '#entra/federation';
import { openFederation } from '#entra/open-federation';
import type { Http } from '#http/http';
import type { RetryPolicy } from '#http/retry';
import type { ConnectionSignIn } from './inputs/issuer-connection.js';

export type RefreshTokenSignIn = Extract<ConnectionSignIn, { kind: 'refresh-token' }>;
type AgentUserSignIn = Extract<ConnectionSignIn, { kind: 'agent-user' }>;

/** The user behind a service connection. Nothing is sent before somebody signs in. */
export interface ConnectionUser {
  /** @throws Failure */
  signIn(policy: RetryPolicy): Promise<EntraToken>;
}

export function connectionUser(signIn: ConnectionSignIn, agent: Agent, http: Http): ConnectionUser {
  return signIn.kind === 'refresh-token'
    ? new RefreshTokenUser(signIn, agent, http)
    : new AgentsUser(signIn, agent, http);
}

/** Signs in with a refresh token. The proof of the application, where it needs one, serves every time. */
export class RefreshTokenUser implements ConnectionUser {
  readonly #signIn: RefreshTokenSignIn;
  readonly #agent: Agent;
  readonly #http: Http;
  #federation: Promise<Federation> | undefined;

  constructor(signIn: RefreshTokenSignIn, agent: Agent, http: Http) {
    this.#signIn = signIn;
    this.#agent = agent;
    this.#http = http;
  }

  signIn(policy: RetryPolicy): Promise<EntraToken> {
    return this.redeem(this.#signIn.entra.refreshToken, policy);
  }

  /** The same with another refresh token than the stored one. @throws Failure */
  async redeem(refreshToken: string, policy: RetryPolicy): Promise<EntraToken> {
    const { entra, proof } = this.#signIn;
    if (proof === undefined) return this.#redeem({ ...entra, refreshToken }, policy);
    const application = { clientId: entra.clientId, kind: 'application' } as const;
    this.#federation ??= openFederation(proof, application, { agent: this.#agent, http: this.#http });
    const federation = await this.#federation;
    return federation.prove(policy, clientAssertion =>
      this.#redeem({ ...entra, refreshToken, clientAssertion }, policy),
    );
  }

  #redeem(client: Parameters<typeof redeem>[1], policy: RetryPolicy): Promise<EntraToken> {
    const mask = (secret: string) => {
      this.#agent.mask(secret);
    };
    return redeem(this.#http, client, mask, policy);
  }
}

/** Signs an agent's user in, for whom nothing is stored: through its blueprint, which always proves itself. */
class AgentsUser implements ConnectionUser {
  readonly #signIn: AgentUserSignIn;
  readonly #agent: Agent;
  readonly #http: Http;

  constructor(signIn: AgentUserSignIn, agent: Agent, http: Http) {
    this.#signIn = signIn;
    this.#agent = agent;
    this.#http = http;
  }

  async signIn(policy: RetryPolicy): Promise<EntraToken> {
    const { agentUser, proof } = this.#signIn;
    const [agent, http] = [this.#agent, this.#http];
    const application = { clientId: agentUser.blueprintId, kind: 'blueprint' } as const;
    const federation = await openFederation(proof, application, { agent, http });
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
}
