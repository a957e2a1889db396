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
}

/** A service connection without its secrets. */
export interface SettledConnection {
  readonly id: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Those that say where a sign-in and a revocation go, and as whom. */
export const SETTLED_FIELDS = ['tenantId', 'clientId', 'authorityUrl', 'allowedOrganizations'] as const;

/** Settings as they stand in a sealed text; undefined when it holds none. */
export function readSettings(value: unknown): StageSettings | undefined {
  const members = asObject(value);
  if (members === undefined) return undefined;
  const connection = asObject(members['connection']);
  const fields = asObject(connection?.['fields']) ?? {};
  return {
    collection: asText(members['collection']) ?? '',
    proxyUrl: asText(members['proxyUrl']),
    connection: connection && {
      id: asText(connection['id']) ?? '',
      url: asText(connection['url']) ?? '',
      fields: Object.fromEntries(SETTLED_FIELDS.map(name => [name, asText(fields[name]) ?? ''])),
    },
  };
}

export function plainSettings({ collection, proxyUrl, connection }: StageSettings): JsonObject {
  return {
    collection,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(connection === undefined ? {} : { connection: { ...connection } }),
  };
}
