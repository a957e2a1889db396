import type { AgentIdentity } from './agent-identity.js';
import { AzureApplication } from './client-credentials.js';
import { DeviceCodes } from './device-codes.js';
import type {
  AccessToken,
  AccessTokenOptions,
  AgentUserOptions,
  ApplicationOptions,
  Directory,
  RefreshToken,
  UserOptions,
} from './directory.js';
import type { Application, User } from './principals.js';

/** The tenant as its administrator and a test see it: one service user and one application to begin with. */
export class Entra {
  readonly user: User;
  readonly application: Application;
  /** Sign-ins by device code. */
  readonly deviceCodes: DeviceCodes;
  /** Behind Azure Resource Manager connections. */
  readonly azure: AzureApplication;
  readonly #directory: Directory;
  #current: RefreshToken;

  constructor(
    directory: Directory,
    clock: () => Date,
    options: { readonly user?: UserOptions; readonly clientSecret?: string },
    connectionOf: (oidcToken: string) => string | undefined,
  ) {
    this.#directory = directory;
    this.deviceCodes = new DeviceCodes(clock);
    this.azure = new AzureApplication(connectionOf);
    this.user = directory.addUser({
      displayName: 'PAT issuer',
      principalName: 'pat-issuer@contoso.example',
      ...options.user,
    });
    this.application = directory.registerApplication({ clientSecret: options.clientSecret });
    this.#current = directory.issueRefreshToken(this.application, this.user);
  }

  get tenantId(): string {
    return this.#directory.tenantId;
  }

  get clientId(): string {
    return this.application.clientId;
  }

  get clientSecret(): string | undefined {
    return this.application.clientSecret;
  }

  /** A refresh token of the service user for the application that is valid now. */
  get refreshToken(): string {
    if (this.#current.revoked || this.#directory.isExpired(this.#current))
      this.#current = this.issueRefreshToken();
    return this.#current.value;
  }

  /** Every refresh token that was ever issued, also expired and revoked ones. */
  get refreshTokens(): readonly RefreshToken[] {
    return [...this.#directory.refreshTokens.values()];
  }

  /** Every access token that was ever issued. */
  get accessTokens(): readonly AccessToken[] {
    return [...this.#directory.accessTokens.values()];
  }

  get applications(): readonly Application[] {
    return [...this.#directory.applications.values()];
  }

  /** T1 and T2 of every agent's user that has signed in. */
  get exchangeTokens(): readonly string[] {
    return [...this.#directory.exchangeTokens.keys()];
  }

  addUser(options?: UserOptions): User {
    return this.#directory.addUser(options);
  }

  registerApplication(options?: ApplicationOptions): Application {
    return this.#directory.registerApplication(options);
  }

  /** An agent's user that may use the PAT API, with its agent identity and blueprint. */
  addAgentUser(options?: AgentUserOptions): AgentIdentity {
    return this.#directory.addAgentUser(options);
  }

  /** A refresh token as a sign-in at `issuedAt` (now) would have given; it lives for 90 days. */
  issueRefreshToken({
    user = this.user,
    application = this.application,
    issuedAt,
  }: {
    readonly user?: User;
    readonly application?: Application;
    readonly issuedAt?: Date;
  } = {}): RefreshToken {
    return this.#directory.issueRefreshToken(application, user, issuedAt);
  }

  /** An access token without a request: of the service user unless told, or of a service principal. */
  issueAccessToken({
    user = this.user,
    servicePrincipal = false,
    ...options
  }: AccessTokenOptions = {}): AccessToken {
    return this.#directory.issueAccessToken(
      servicePrincipal ? { kind: 'servicePrincipal' } : { kind: 'user', user },
      options,
    );
  }

  /** Ends every refresh token of the user. */
  revokeSessions(user = this.user): void {
    this.#directory.revokeSessions(user);
  }
}
