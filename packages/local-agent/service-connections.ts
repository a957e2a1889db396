import { randomUUID } from 'node:crypto';
import type { PackagedTask } from './task-package.js';
import type { SecretMasker } from './masker.js';
import { replaceMacros } from './variables.js';

/** A service connection as a caller describes it. */
export interface ServiceConnection {
  /** A GUID; a new one if absent. */
  readonly id?: string;
  readonly url: string;
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** A service connection as the job message carries it; `task.setendpoint` may change it. */
export interface Endpoint {
  /** Lower case with hyphens, or `SYSTEMVSSCONNECTION`. */
  readonly id: string;
  readonly name: string;
  url: string;
  readonly scheme: string;
  readonly parameters: Map<string, string>;
  readonly data: Map<string, string>;
}

export const systemConnectionId = 'SYSTEMVSSCONNECTION';

/** Authorization parameters whose values are not secret. */
const harmlessParameters = new Set(
  [
    'Role',
    'Scope',
    'TenantId',
    'IssuedAt',
    'ExpiresAt',
    'Audience',
    'AuthenticationType',
    'AuthorizationType',
    'AccessTokenType',
    'AccessTokenFetchingMethod',
    'UseWindowsSecurity',
    'Unsecured',
    'OAuthAccessTokenIsSupplied',
    'CompleteCallbackPayload',
    'AcceptUntrustedCertificates',
  ].map(name => name.toLowerCase()),
);

export function createEndpoints(connections: Readonly<Record<string, ServiceConnection>>): Endpoint[] {
  return Object.entries(connections).map(([name, connection]) => ({
    id: (connection.id ?? randomUUID()).toLowerCase(),
    name,
    url: connection.url,
    scheme: connection.scheme,
    parameters: new Map(Object.entries(connection.parameters)),
    data: new Map(Object.entries(connection.data ?? {})),
  }));
}

/** The job's own connection to its organization, with the job token. */
export function createSystemConnection(collectionUrl: string, jobToken: string): Endpoint {
  return {
    id: systemConnectionId,
    name: 'SystemVssConnection',
    url: collectionUrl,
    scheme: 'OAuth',
    parameters: new Map([['AccessToken', jobToken]]),
    data: new Map(),
  };
}

export function maskEndpoint(endpoint: Endpoint, masker: SecretMasker): void {
  for (const [name, value] of endpoint.parameters) {
    if (!harmlessParameters.has(name.toLowerCase())) masker.add(value);
  }
}

/** A step names a service connection that does not exist, or that it may not use. */
class ServiceConnectionError extends Error {
  constructor(job: string, step: string, input: string, connection: string) {
    super(
      `The pipeline is not valid. Job ${job}: Step ${step} input ${input} references service connection ${connection} ` +
        'which could not be found. The service connection does not exist, has been disabled or has not been ' +
        'authorized for use. For authorization details, refer to https://aka.ms/yamlauthz.',
    );
  }
}

/**
 * Does with the inputs of a step what the server does before a job starts: aliases become names, and names of
 * service connections become their ids. Throws ServiceConnectionError.
 */
export function resolveInputs(
  step: { readonly inputs: ReadonlyMap<string, string>; readonly refName: string; readonly job: string },
  task: PackagedTask,
  endpoints: readonly Endpoint[],
  variable: (name: string) => string | undefined,
): Map<string, string> {
  const resolved = new Map<string, string>();
  for (const [givenName, givenValue] of step.inputs) {
    const input = task.definition.inputs.find(({ name, aliases }) =>
      [name, ...aliases].some(known => known.toLowerCase() === givenName.trim().toLowerCase()),
    );
    const name = input?.name ?? givenName;
    if (input?.type.startsWith('connectedService:') !== true) {
      resolved.set(name, givenValue);
      continue;
    }
    const references = replaceMacros(givenValue, variable).split(',');
    const ids = references
      .map(reference => reference.trim())
      .filter(reference => reference !== '')
      .map(reference => {
        const wanted = reference.toLowerCase();
        const endpoint = endpoints.find(
          ({ id, name: known }) => wanted === known.toLowerCase() || wanted === id,
        );
        if (endpoint === undefined) throw new ServiceConnectionError(step.job, step.refName, name, reference);
        return endpoint.id;
      });
    resolved.set(name, ids.join(','));
  }
  return resolved;
}
