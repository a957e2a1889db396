import { parameterOf } from '#azure-devops/edit-connection';
import type { FoundConnection } from '#azure-devops/service-connections';
import { sanitize } from '#text/sanitize';

/** Why a service connection cannot hold a PAT in a parameter, and what can be done. */
export interface SecretSlotFault {
  readonly what: string;
  readonly repair: string;
}

/** The secret of each of the common schemes, in lower case. */
const SECRET_OF: Readonly<Record<string, string>> = {
  token: 'apitoken',
  usernamepassword: 'password',
  personalaccesstoken: 'accesstoken',
};

/** Schemes in which the service, or somebody else, makes the token. */
const NO_PAT: ReadonlySet<string> = new Set([
  'oauth',
  'oauth2',
  'installationtoken',
  'workloadidentityfederation',
  'managedserviceidentity',
  'serviceprincipal',
  'certificate',
  'jwt',
  'kubernetes',
]);

/** Whether a scheme is known to have this secret: then it is not needed to see the parameter. */
export function isSecretOfScheme({ scheme }: FoundConnection, parameter: string): boolean {
  return SECRET_OF[scheme.toLowerCase()] === parameter.toLowerCase();
}

/**
 * Why this parameter cannot hold a PAT; undefined when it can. A secret is read as `null` (or as asterisks), so a
 * parameter with a value to read is no place for one.
 */
export function secretSlotFault(connection: FoundConnection, parameter: string): SecretSlotFault | undefined {
  const { name, type, scheme, raw } = connection;
  // Whatever its development builds are called.
  if (/jobpatissuer/i.test(type.replace(/[^a-z]/gi, ''))) {
    return {
      what: `Service connection "${sanitize(name, 80)}" is itself a PAT issuer: it holds the refresh token of its user.`,
      repair: 'Choose another service connection; RenewPatIssuer@1 alone replaces what a PAT issuer holds.',
    };
  }
  if (type.trim() === '') {
    return {
      what: `The service does not tell of which type service connection "${sanitize(name, 80)}" is, so it may be a PAT issuer.`,
      repair: 'Choose another service connection, or look for what answers in place of the service.',
    };
  }
  const called = `Service connection "${sanitize(name, 80)}" (${sanitize(type, 40)}, ${sanitize(scheme, 40)})`;
  if (NO_PAT.has(scheme.toLowerCase())) {
    return {
      what: `${called} signs in without a PAT.`,
      repair: 'Choose a service connection that holds a token, or a user name and a password.',
    };
  }
  const present = parameterOf(raw, parameter);
  if (typeof present === 'string' && present !== '' && !/^\*+$/.test(present)) {
    return {
      what: `Parameter ${parameter} of ${called} is not secret: everybody who sees the connection can read it.`,
      repair: otherParameter(scheme),
    };
  }
  if (present !== undefined || isSecretOfScheme(connection, parameter)) return undefined;
  return { what: `${called} has no parameter ${parameter}.`, repair: otherParameter(scheme) };
}

/** Whether a parameter may hold a value: a secret is shown as `null`, or not at all. */
export function holdsValue({ raw }: FoundConnection, parameter: string): boolean {
  return parameterOf(raw, parameter) !== '';
}

function otherParameter(scheme: string): string {
  const secret = SECRET_OF[scheme.toLowerCase()];
  return secret === undefined
    ? 'Set connectionParameter to the one that holds the secret.'
    : `Set connectionParameter: ${secret}.`;
}
