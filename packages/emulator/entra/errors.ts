import { randomUUID } from '../randomness.js';
import { jsonReply, type Reply } from '../http/reply.js';

/** An error as the token endpoint words it. */
interface EntraError {
  readonly error: string;
  readonly text: string;
  /** Present where only a person can go on. */
  readonly suberror?: string;
}

const grant = (text: string): EntraError => ({ error: 'invalid_grant', text });
const client = (text: string): EntraError => ({ error: 'invalid_client', text });
const request = (text: string): EntraError => ({ error: 'invalid_request', text });
const scope = (text: string): EntraError => ({ error: 'invalid_scope', text });
const interaction = (text: string): EntraError => ({
  error: 'interaction_required',
  text,
  suberror: 'basic_action',
});
const consent = (text: string): EntraError => ({
  error: 'invalid_grant',
  text,
  suberror: 'consent_required',
});

/** The AADSTS codes that a client of the PAT API can meet. `error` is what a client branches on. */
const errors = {
  28002: scope('The provided value for the input parameter scope is not valid.'),
  50000: {
    error: 'server_error',
    text: 'There was an error issuing a token or an issue with our sign-in service.',
  },
  50013: grant('Assertion failed signature validation, or is not for this application.'),
  50020: { error: 'unauthorized_client', text: 'The user account does not exist in this tenant.' },
  50027: request('JWT token is invalid or malformed.'),
  50034: grant('The user account does not exist in the directory.'),
  50053: grant('The account is locked, or the sign-in came from a blocked address.'),
  50055: grant('The password is expired.'),
  50056: grant('The password is missing or invalid.'),
  50057: grant('The user account is disabled.'),
  50072: interaction('The user must enrol in multifactor authentication.'),
  50074: interaction('Strong authentication is required.'),
  50076: interaction('You must use multifactor authentication to access this resource.'),
  50078: interaction('The presented multifactor authentication has expired.'),
  50079: interaction('The user must register for multifactor authentication.'),
  50126: grant('Invalid username or password.'),
  50132: grant('The session is not valid because of an expired or recently changed password.'),
  50133: grant('The session is not valid because of an expired or recently changed password.'),
  50173: grant('The provided grant has expired because it was revoked. A fresh sign-in is needed.'),
  50196: grant('The server ended the operation because it met a client request loop.'),
  53000: interaction('The device is not in the required state: compliant.'),
  53001: interaction('The device is not in the required state: domain joined.'),
  53003: {
    error: 'invalid_grant',
    text: 'Access was blocked by Conditional Access policies.',
    suberror: 'message_only',
  },
  65001: consent('The user or administrator has not consented to use the application.'),
  65002: grant(
    'Consent between first-party application and resource must be configured by preauthorization.',
  ),
  65004: { error: 'access_denied', text: 'The user declined to consent.' },
  70000: grant('The provided grant is not valid or is malformed.'),
  70008: grant('The refresh token has expired due to inactivity.'),
  70011: scope('The provided value for the input parameter scope is not valid.'),
  70016: { error: 'authorization_pending', text: 'The device code authorization is pending.' },
  70018: grant('The device code is invalid.'),
  70019: { error: 'expired_token', text: 'The device code has expired.' },
  70021: client('No matching federated identity record found for the presented assertion.'),
  70025: client('The client application has no configured federated identity credentials.'),
  70043: grant('The refresh token is not valid because of sign-in frequency checks by Conditional Access.'),
  70052: client('The federated identity credential is not allowed for this application.'),
  82001: grant('Agentic application is not permitted to request app-only tokens for this resource.'),
  90002: request('The tenant was not found.'),
  90055: {
    error: 'temporarily_unavailable',
    text: 'The tenant is throttled because of too many incoming requests.',
  },
  90094: consent('An administrator must grant consent.'),
  90095: consent('An administrator must approve the consent request.'),
  530032: interaction('The request is blocked by a security policy.'),
  530035: interaction('Access was blocked by security defaults.'),
  650053: {
    error: 'invalid_client',
    text: 'The application asked for a scope that does not exist on the resource.',
  },
  700016: { error: 'unauthorized_client', text: 'The application was not found in the directory.' },
  700024: client('The client assertion is not within its valid time range.'),
  700025: client('The client is public, so neither a client assertion nor a client secret may be presented.'),
  700027: client(
    'The certificate or key with which the client assertion was signed is not known: its signature is not valid.',
  ),
  700082: grant('The refresh token has expired due to inactivity.'),
  700211: client('No matching federated identity record found for the presented assertion issuer.'),
  700212: client('No matching federated identity record found for the presented assertion audience.'),
  700213: client('No matching federated identity record found for the presented assertion subject.'),
  700223: client('Federated identity credentials are disabled by the tenant.'),
  700238: client('Workload identity federation is restricted by the tenant.'),
  900144: request('The request body must contain a required parameter.'),
  900561: request('The endpoint only accepts POST requests.'),
  7000112: { error: 'unauthorized_client', text: 'The application is disabled.' },
  7000215: client('The provided client secret is not valid. Send the secret value, not the secret id.'),
  7000216: client(
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  ),
  7000218: client('The request body must contain client_assertion or client_secret.'),
  7000222: client('The provided client secret keys are expired.'),
  7000229: {
    error: 'unauthorized_client',
    text: 'The client application is missing service principal in the tenant.',
  },
  7002137: client(
    'No matching federated identity record found for the presented assertion subject, which differs in case.',
  ),
  7002138: client(
    'No matching federated identity record found for the presented assertion subject, which differs in case.',
  ),
  9001023: request('The grant type is not supported over the /common or /consumers endpoints.'),
  9002324: request(
    "Request should not contain more than one client credential parameters, this includes 'client_secret', 'client_assertion' and 'request' parameters.",
  ),
} as const satisfies Record<number, EntraError>;

export type AadstsCode = keyof typeof errors;

/** Every code the emulator can answer with. */
export const aadstsCodes = Object.keys(errors).map(Number) as readonly AadstsCode[];

export interface EntraErrorOptions {
  readonly now: Date;
  /** In place of the usual text. */
  readonly text?: string | undefined;
  /** In place of the usual `error`. */
  readonly error?: string | undefined;
}

/** The endpoint's answer to a request it refuses: 401 for a client that did not prove itself, else 400. */
export function entraErrorReply(code: AadstsCode, { now, text, error }: EntraErrorOptions): Reply {
  const known: EntraError = errors[code];
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const name = error ?? known.error;
  const description = `AADSTS${code}: ${text ?? known.text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  return jsonReply(
    name === 'invalid_client' ? 401 : 400,
    {
      error: name,
      error_description: description,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      ...(known.suberror === undefined ? {} : { suberror: known.suberror }),
    },
    { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' },
  );
}
