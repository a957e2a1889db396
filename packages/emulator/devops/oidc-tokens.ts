import { azureDevOpsResource } from '../entra/directory.js';
import type { FederatedCredential } from '../entra/federated-credentials.js';
import { randomBytes, randomUUID } from '../randomness.js';
import type { Organizations } from '../organizations.js';
import { entraKey, pipelinesKey, type Claims } from '../signing-key.js';

/** Who signs the tokens of service connections: Azure Pipelines itself, or Entra for it. */
export type OidcProvider = 'vstoken' | 'entra';

/** The audience of every OIDC token of Azure Pipelines; it cannot be chosen. */
export const exchangeAudience = 'api://AzureADTokenExchange';
const VSTOKEN = 'https://vstoken.dev.azure.com';
/** It ends five minutes after it was made, and began ten minutes before (measured with a generic connection). */
const LIFE_SECONDS = 300;
const BEFORE_SECONDS = 600;

export interface OidcToken {
  readonly value: string;
  readonly claims: Claims;
  /** Of the connection that it speaks for; undefined for the token of a pipeline. */
  readonly connectionId: string | undefined;
}

/** What a token is to say. Whatever is left out is as Azure Pipelines would say it. */
export interface OidcTokenSeed {
  /** `contoso` by default. */
  readonly organization?: string;
  /** Name of the project; the first one of the organization by default. */
  readonly project?: string;
  readonly connection?: { readonly id: string; readonly name: string };
  /** Name of the pipeline, for a token that speaks for no connection. */
  readonly pipeline?: string;
  readonly provider?: OidcProvider;
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  /** Negative for a token that is expired already. */
  readonly expiresInSeconds?: number;
  /** With another signature than that of the issuer. */
  readonly forged?: boolean;
}

/** The OIDC tokens of Azure Pipelines. */
export class OidcTokens {
  /** Who signs from now on. */
  provider: OidcProvider = 'vstoken';
  /** Every token so far, in order. */
  readonly issued: OidcToken[] = [];

  constructor(
    private readonly clock: () => Date,
    private readonly organizations: Organizations,
    private readonly tenantId: string,
  ) {}

  /** Throws when there is no such organization. */
  issue(seed: OidcTokenSeed = {}): OidcToken {
    const { connection, provider = this.provider, expiresInSeconds = LIFE_SECONDS } = seed;
    const { issuer, subject } = this.identityOf(seed);
    const now = Math.floor(this.clock().getTime() / 1000);
    const claims = {
      jti: randomUUID(),
      sub: subject,
      aud: seed.audience ?? exchangeAudience,
      iss: issuer,
      nbf: now - BEFORE_SECONDS,
      exp: now + expiresInSeconds,
      iat: now,
      ...(connection === undefined ? this.#claimsOfRun(seed) : {}),
    };
    const signed = (provider === 'entra' ? entraKey : pipelinesKey).sign(claims);
    const value = seed.forged === true ? forged(signed) : signed;
    const token = { value, claims, connectionId: connection?.id.toLowerCase() };
    this.issued.push(token);
    return token;
  }

  /** Issuer and subject of a token, as the federated credential of an application has to name them. */
  identityOf({
    organization: name = 'contoso',
    project,
    connection,
    pipeline = 'pipeline',
    provider = this.provider,
    ...seed
  }: OidcTokenSeed): { readonly issuer: string; readonly subject: string } {
    const organization = this.organizations.get(name);
    const projectName = project ?? organization.project.name;
    const place = `${organization.name}/${projectName}`;
    const issuer =
      provider === 'entra'
        ? `https://login.microsoftonline.com/${this.tenantId}/v2.0`
        : `${VSTOKEN}/${organization.id}`;
    const subject =
      connection === undefined
        ? `p://${place}/${pipeline}`
        : provider === 'entra'
          ? `${subjectPrefix(this.tenantId)}/sc/${organization.id}/${connection.id.toLowerCase()}`
          : `sc://${place}/${connection.name}`;
    return { issuer: seed.issuer ?? issuer, subject: seed.subject ?? subject };
  }

  /** What an application has to trust so that a connection proves it, whoever signs. */
  trustIn(
    connection: NonNullable<OidcTokenSeed['connection']>,
    organization = 'contoso',
  ): FederatedCredential[] {
    return (['vstoken', 'entra'] as const).map(provider => ({
      ...this.identityOf({ organization, connection, provider }),
      audience: exchangeAudience,
    }));
  }

  /** The id of the connection that a token speaks for, if it was issued here for one. */
  connectionOf(value: string): string | undefined {
    return this.issued.find(token => token.value === value)?.connectionId;
  }

  #claimsOfRun({ organization = 'contoso' }: OidcTokenSeed): Claims {
    const { id, project, repository } = this.organizations.get(organization);
    return {
      org_id: id,
      prj_id: project.id,
      def_id: '17',
      rpo_id: repository.id,
      rpo_ref: 'refs/heads/main',
      run_id: '1',
    };
  }
}

/** Entra's own subjects: the tenant, and the application that asks for the token, which is Azure DevOps. */
function subjectPrefix(tenantId: string): string {
  return `/eid1/c/pub/t/${shortGuid(tenantId)}/a/${shortGuid(azureDevOpsResource)}`;
}

/** The bytes of a GUID in the order of .NET, as base64url. */
export function shortGuid(guid: string): string {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const turned = [a, b, c].map(part => (part.match(/../g) ?? []).reverse().join(''));
  return Buffer.from([...turned, d, e].join(''), 'hex').toString('base64url');
}

/** The same token as somebody signs it who does not have the key. */
function forged(token: string): string {
  return `${token.slice(0, token.lastIndexOf('.'))}.${randomBytes(256).toString('base64url')}`;
}
