import { randomBytes, randomUUID } from '../randomness.js';
import { stableGuid } from '../organizations.js';
import type { AgentIdentity, Blueprint, ExchangeToken } from './agent-identity.js';
import type { FederatedCredential } from './federated-credentials.js';
import type { Application, User } from './principals.js';

/** The fixed application id of Azure DevOps in every tenant, and its App ID URI. */
export const azureDevOpsResource = '499b84ac-1321-427f-aa17-267ca6975798';
export const azureDevOpsUri = 'https://app.vssps.visualstudio.com';

export interface UserOptions {
  readonly displayName?: string;
  readonly principalName?: string;
  /** The principal name by default. */
  readonly mailAddress?: string;
  readonly origin?: 'aad' | 'msa';
  readonly organizations?: readonly string[];
  readonly administrator?: boolean;
  readonly active?: boolean;
}

export interface ApplicationOptions {
  readonly clientSecret?: string | undefined;
  readonly federatedCredentials?: readonly FederatedCredential[] | undefined;
  /** Without a secret and without a federated credential by default. */
  readonly isPublic?: boolean;
  readonly signInAudience?: Application['signInAudience'];
  readonly consented?: readonly string[];
}

export interface AgentUserOptions extends UserOptions {
  /** A new one by default. */
  readonly blueprint?: Blueprint;
  readonly federatedCredentials?: readonly FederatedCredential[];
  readonly consented?: readonly string[];
}

export interface RefreshToken {
  readonly value: string;
  readonly clientId: string;
  readonly user: User;
  readonly issuedAt: Date;
  revoked: boolean;
}

/** Who an access token stands for. */
export type Subject = { readonly kind: 'user'; readonly user: User } | { readonly kind: 'servicePrincipal' };

export interface AccessToken {
  readonly value: string;
  readonly subject: Subject;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

export interface AccessTokenOptions {
  readonly user?: User;
  /** Without the resource in front; `vso.pats vso.pats_manage` by default. */
  readonly scopes?: readonly string[];
  /** Negative for a token that is expired already. */
  readonly expiresInSeconds?: number;
  readonly audience?: string;
  readonly servicePrincipal?: boolean;
}

export const accessTokenSeconds = 3599;
const refreshTokenDays = 90;
const patPermissions: readonly string[] = ['vso.pats', 'vso.pats_manage'];

/** One tenant: its users, applications and everything it has issued. */
export class Directory {
  readonly tenantId = stableGuid('tenant');
  readonly users: User[] = [];
  readonly applications = new Map<string, Application>();
  readonly refreshTokens = new Map<string, RefreshToken>();
  readonly accessTokens = new Map<string, AccessToken>();
  readonly blueprints = new Map<string, Blueprint>();
  readonly agentIdentities = new Map<string, AgentIdentity>();
  readonly exchangeTokens = new Map<string, ExchangeToken>();

  constructor(private readonly clock: () => Date) {}

  now(): Date {
    return this.clock();
  }

  addUser(options: UserOptions = {}): User {
    const number = this.users.length + 1;
    const { principalName = `user${number}@contoso.example` } = options;
    const user: User = {
      id: stableGuid('user', String(number), options.principalName ?? ''),
      displayName: options.displayName ?? `User ${number}`,
      principalName,
      mailAddress: options.mailAddress ?? principalName,
      origin: options.origin ?? 'aad',
      organizations: options.organizations,
      administrator: options.administrator ?? false,
      active: options.active ?? true,
    };
    this.users.push(user);
    return user;
  }

  registerApplication(options: ApplicationOptions = {}): Application {
    const clientId = stableGuid('application', String(this.applications.size + 1));
    const application = applicationOf(clientId, options);
    this.applications.set(clientId, application);
    return application;
  }

  /** An agent's user, with its agent identity and the blueprint of that. */
  addAgentUser(options: AgentUserOptions = {}): AgentIdentity {
    const { federatedCredentials = [], consented = patPermissions } = options;
    const number = String(this.agentIdentities.size + 1);
    const blueprint = options.blueprint ?? {
      ...applicationOf(stableGuid('blueprint', number), { federatedCredentials, isPublic: false }),
      hasPrincipal: true,
    };
    this.blueprints.set(blueprint.clientId, blueprint);
    const identity: AgentIdentity = {
      id: stableGuid('agent identity', number),
      blueprint,
      enabled: true,
      user: this.addUser({
        displayName: `Agent's user ${number}`,
        principalName: `agent${number}@contoso.example`,
        ...options,
      }),
      userEnabled: true,
      consented,
    };
    this.agentIdentities.set(identity.id, identity);
    return identity;
  }

  /** A refresh token as an interactive sign-in would give; `issuedAt` is now unless told. */
  issueRefreshToken(application: Application, user: User, issuedAt = this.clock()): RefreshToken {
    // The prefix is the one Entra's refresh tokens carry; the rest is opaque.
    const value = `1.AX${randomBytes(66).toString('base64url')}`;
    const token: RefreshToken = { value, clientId: application.clientId, user, issuedAt, revoked: false };
    this.refreshTokens.set(value, token);
    return token;
  }

  /** An access token that looks like a JWT; the services know it by its value alone. */
  issueAccessToken(
    subject: Subject,
    options: Omit<AccessTokenOptions, 'user' | 'servicePrincipal'> = {},
  ): AccessToken {
    const {
      scopes = patPermissions,
      expiresInSeconds = accessTokenSeconds,
      audience = azureDevOpsResource,
    } = options;
    const now = this.clock();
    const expiresAt = new Date(now.getTime() + expiresInSeconds * 1000);
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${this.tenantId}/`,
      iat: seconds(now),
      nbf: seconds(now),
      exp: seconds(expiresAt),
      tid: this.tenantId,
      uti: randomUUID(),
      ...(subject.kind === 'user'
        ? { idtyp: 'user', oid: subject.user.id, upn: subject.user.principalName, scp: scopes.join(' ') }
        : { idtyp: 'app', oid: stableGuid('service principal') }),
    };
    const header = { typ: 'JWT', alg: 'RS256', kid: 'emulator' };
    const value = [encode(header), encode(claims), randomBytes(256).toString('base64url')].join('.');
    const token: AccessToken = { value, subject, audience, scopes, expiresAt };
    this.accessTokens.set(value, token);
    return token;
  }

  /** Who signed in, for the application. */
  idTokenOf(user: User, { clientId }: Application): string {
    const now = seconds(this.clock());
    const claims = {
      aud: clientId,
      iss: `https://login.microsoftonline.com/${this.tenantId}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + accessTokenSeconds,
      name: user.displayName,
      preferred_username: user.principalName,
      oid: user.id,
      sub: user.id,
      tid: this.tenantId,
      ver: '2.0',
    };
    const header = { typ: 'JWT', alg: 'RS256', kid: 'emulator' };
    return [encode(header), encode(claims), randomBytes(256).toString('base64url')].join('.');
  }

  /** Which account this is, as Microsoft's libraries ask for it. */
  clientInfoOf(user: User): string {
    return encode({ uid: user.id, utid: this.tenantId });
  }

  /** Ends every refresh token of the user, as "revoke sessions" in the Entra admin center does. */
  revokeSessions(user: User): void {
    for (const token of this.refreshTokens.values()) if (token.user === user) token.revoked = true;
  }

  /** Whether 90 days have passed since the token was issued. */
  isExpired(token: RefreshToken): boolean {
    return this.clock().getTime() - token.issuedAt.getTime() >= refreshTokenDays * 24 * 60 * 60 * 1000;
  }
}

function applicationOf(clientId: string, options: ApplicationOptions): Application {
  const { clientSecret, consented = patPermissions, federatedCredentials } = options;
  return {
    clientId,
    clientSecret,
    consented,
    isPublic: options.isPublic ?? (clientSecret === undefined && federatedCredentials === undefined),
    federatedCredentials: [...(federatedCredentials ?? [])],
    signInAudience: options.signInAudience ?? 'AzureADMyOrg',
    enabled: true,
  };
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
