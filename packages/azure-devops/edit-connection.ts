import type {
  EndpointAuthorization,
  ServiceEndpointProjectReference,
} from 'azure-devops-node-api/interfaces/ServiceEndpointInterfaces.js';
import { asObject, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import { isReferenceOf, type FoundConnection, type WireConnection } from './service-connections.js';

/**
 * Longest description that is safe to send, in characters. The service publishes none; the Terraform provider of
 * Microsoft refuses longer ones.
 */
export const LONGEST_DESCRIPTION = 1024;

function authorizationOf(raw: WireConnection): Unparsed<EndpointAuthorization> {
  return asObject(raw.authorization) ?? {};
}

function parametersOf(raw: WireConnection): JsonObject {
  return asObject(authorizationOf(raw).parameters) ?? {};
}

/** The connection with one authorization parameter set. A parameter keeps the spelling that it has; no case is minded. */
export function withParameter(raw: WireConnection, name: string, value: string | null): WireConnection {
  const authorization = authorizationOf(raw);
  const parameters = parametersOf(raw);
  const key = Object.keys(parameters).find(key => key.toLowerCase() === name.toLowerCase()) ?? name;
  return { ...raw, authorization: { ...authorization, parameters: { ...parameters, [key]: value } } };
}

/** An authorization parameter as it was read: `null` for a secret, undefined where there is none. */
export function parameterOf(raw: WireConnection, name: string): unknown {
  return Object.entries(parametersOf(raw)).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** The parameters whose values the service keeps to itself. */
export function secretParameters(raw: WireConnection): string[] {
  const parameters = parametersOf(raw);
  return Object.keys(parameters).filter(name => parameters[name] === null);
}

/**
 * The descriptions that a project shows for a connection: that of its own entry, and that of the connection. Either
 * may be missing.
 */
export function descriptionsOf(raw: WireConnection, project: string): string[] {
  const references = objectsOf(raw.serviceEndpointProjectReferences);
  const mine = references.filter(reference => isReferenceOf(reference, project));
  return [...mine, raw].flatMap(
    (entry: Unparsed<ServiceEndpointProjectReference>) => asText(entry.description) ?? [],
  );
}

/**
 * The connection with another description, in both places where it stands. Other projects that share it have
 * descriptions of their own, which stay.
 */
export function withDescription(
  raw: WireConnection,
  project: string,
  change: (description: string) => string,
): WireConnection {
  const references = raw.serviceEndpointProjectReferences;
  const own = asText(raw.description) ?? '';
  const changed = { ...raw, description: change(own) };
  if (!Array.isArray(references)) return changed;
  return {
    ...changed,
    serviceEndpointProjectReferences: references.map((entry: unknown) => {
      const reference: Unparsed<ServiceEndpointProjectReference> | undefined = asObject(entry);
      if (reference === undefined || !isReferenceOf(reference, project)) return entry;
      return { ...reference, description: change(asText(reference.description) ?? own) };
    }),
  };
}

/**
 * Whether enough of the connection is shown to send it back whole. One that signs in with a token has nothing but
 * secrets, which some answers leave out together with the member that holds them, and one of scheme None has nothing.
 */
export function isShownWhole({ raw, scheme }: FoundConnection): boolean {
  const parameters = asObject(authorizationOf(raw).parameters);
  return scheme !== '' && (parameters !== undefined || /^(token|none)$/i.test(scheme));
}
