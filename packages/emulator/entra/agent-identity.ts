import type { Application, User } from './principals.js';

/** Of an agent: it has no credential of its own, and acts for the one user that belongs to it. */
export interface AgentIdentity {
  /** Its object id and its client id. */
  readonly id: string;
  readonly blueprint: Blueprint;
  enabled: boolean;
  /** The agent's user, and whether its account is enabled. */
  readonly user: User;
  userEnabled: boolean;
  /** Delegated permissions for Azure DevOps that the identity was granted for its user. */
  consented: readonly string[];
}

/** An agent identity blueprint: an application whose credentials are those of its agent identities. */
export interface Blueprint extends Application {
  /** False: nobody made its principal in the tenant, which is not made by itself. */
  hasPrincipal: boolean;
}

/** T1 and T2: what a step of the chain gives to the next. */
export interface ExchangeToken {
  readonly step: 'blueprint' | 'agentIdentity';
  readonly identity: AgentIdentity;
  readonly expiresAt: Date;
}
