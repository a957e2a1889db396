import type { ServiceConnection } from './service-connection.js';
import { asObject, asText, type JsonObject } from '#text/json';

/** The name of the secret task variable in which the access token waits for the post-job step. */
export const SAVED_TOKEN = 'JobPat.EntraToken';
/** The task variable through which the main step tells the post-job step what there is to revoke. */
export const RECORD = 'JobPat.Record';

/**
 * What decides where a stage sends what it holds. The main stage runs only where nothing stands in a foreign place, so what
 * it found is what the agent handed over; under the seal of the step it says so to the post-job stage, before which steps of
 * the job have set variables, and perhaps changed the service connection.
 */
export interface StageSettings {
  /** The address of the organization of the job. */
  readonly collection: string;
  /** Empty: none. Undefined: not written down. */
  readonly proxyUrl: string | undefined;
  /** Undefined with `entraToken`. */
  readonly connection: SettledConnection | undefined;
  /** `System.OidcRequestUri`, where the connection signs in with its OIDC token. */
  readonly oidcRequestUri?: string | undefined;
}

/** A service connection without its secrets. */
export interface SettledConnection {
  readonly id: string;
  readonly url: string;
  /** How it signs in, as the agent names it. */
  readonly scheme?: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** Those that say where a sign-in and a revocation go, and as whom. */
export const SETTLED_FIELDS = [
  'tenantId',
  'clientId',
  'authorityUrl',
  'allowedOrganizations',
  'clientProof',
  'agentIdentityId',
  'agentUser',
] as const;

/** Whether a connection is of an agent's user, who has no refresh token: nothing is stored. */
export function isOfAgentUser({ scheme }: { readonly scheme?: string | undefined }): boolean {
  return scheme?.toLowerCase() === 'none';
}

/** The settings of a connection, as they go under the seal. `variable` is how the agent knows one of the job's variables. */
export function settle(
  connection: ServiceConnection,
  variable: (name: string) => string | undefined,
): Pick<StageSettings, 'connection' | 'oidcRequestUri'> {
  const { id, url, scheme } = connection;
  const fields = Object.fromEntries(SETTLED_FIELDS.map(name => [name, connection.field(name)]));
  const isFederated = isOfAgentUser({ scheme }) || fields['clientProof'] !== '';
  return {
    connection: { id, url, scheme, fields },
    ...(isFederated && { oidcRequestUri: variable(OIDC_REQUEST_URI) }),
  };
}

/** The variable that says where Azure Pipelines makes tokens for service connections. */
export const OIDC_REQUEST_URI = 'System.OidcRequestUri';

/** Settings as they stand in a sealed text; undefined when it holds none. */
export function readSettings(value: unknown): StageSettings | undefined {
  const members = asObject(value);
  if (members === undefined) return undefined;
  const connection = asObject(members['connection']);
  const fields = asObject(connection?.['fields']) ?? {};
  return {
    collection: asText(members['collection']) ?? '',
    proxyUrl: asText(members['proxyUrl']),
    oidcRequestUri: asText(members['oidcRequestUri']),
    connection: connection && {
      id: asText(connection['id']) ?? '',
      url: asText(connection['url']) ?? '',
      scheme: asText(connection['scheme']),
      fields: Object.fromEntries(SETTLED_FIELDS.map(name => [name, asText(fields[name]) ?? ''])),
    },
  };
}

export function plainSettings({
  collection,
  proxyUrl,
  connection,
  oidcRequestUri,
}: StageSettings): JsonObject {
  return {
    collection,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(connection === undefined ? {} : { connection: { ...connection } }),
    ...(oidcRequestUri === undefined ? {} : { oidcRequestUri }),
  };
}
