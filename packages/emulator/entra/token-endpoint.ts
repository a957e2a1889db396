import { parameterOf, type Call } from '../http/call.js';
import type { Route } from '../http/router.js';
import { agentUserToken } from './agent-user.js';
import { authenticateClient } from './client-authentication.js';
import { clientCredentials, type AzureApplication } from './client-credentials.js';
import type { DeviceCodes } from './device-codes.js';
import { accessTokenSeconds, azureDevOpsResource, type Directory } from './directory.js';
import type { Application, User } from './principals.js';
import { answering, checkScope, checkTenant, readForm, required, type Form } from './form.js';
import { Refusal } from './refusal.js';

/** What one grant type answers to a form whose client has proved itself. */
type Grant = (
  form: Form,
  application: Application,
  directory: Directory,
  codes: DeviceCodes,
) => Record<string, unknown>;

const grants: Readonly<Record<string, Grant>> = {
  refresh_token: redeemRefreshToken,
  'urn:ietf:params:oauth:grant-type:device_code': redeemDeviceCode,
  // The name that MSAL for Node.js uses.
  device_code: redeemDeviceCode,
};

/** `POST /{tenant}/oauth2/v2.0/token`, as Entra documents it for the v2.0 endpoint. */
export function tokenRoutes(
  directory: Directory,
  clock: () => Date,
  codes: DeviceCodes,
  azure: AzureApplication,
): Route[] {
  const route = { operation: 'entra.token', path: '/{tenant}/oauth2/v2.0/token' } as const;
  const onlyPost = (): never => {
    throw new Refusal(900561);
  };
  return [
    { ...route, method: 'POST', handle: answering(clock, call => grantFor(call, directory, codes, azure)) },
    { ...route, method: 'GET', handle: answering(clock, onlyPost) },
  ];
}

function grantFor(
  call: Call,
  directory: Directory,
  codes: DeviceCodes,
  azure: AzureApplication,
): Record<string, unknown> {
  checkTenant(parameterOf(call, 'tenant'), directory);
  const form = readForm(call);
  const grantType = required(form, 'grant_type');
  if (grantType === 'client_credentials') return clientCredentials(form, directory, azure);
  if (grantType === 'user_fic') return agentUserToken(form, directory);
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (!grant)
    throw new Refusal(70000, `The grant type '${grantType}' is not supported.`, 'unsupported_grant_type');
  return grant(form, authenticateClient(form, directory), directory, codes);
}

/** RFC 6749 section 6; using a refresh token gives a new one and does not end the old. */
function redeemRefreshToken(
  form: Form,
  application: Application,
  directory: Directory,
): Record<string, unknown> {
  const token = directory.refreshTokens.get(required(form, 'refresh_token'));
  if (token?.clientId !== application.clientId) throw new Refusal(70000);
  if (token.revoked) throw new Refusal(50173);
  if (directory.isExpired(token)) throw new Refusal(700082);
  return tokensFor(token.user, required(form, 'scope'), form, application, directory);
}

/** RFC 8628 section 3.4: pending until a person has approved or declined the code; then good for one redemption. */
function redeemDeviceCode(
  form: Form,
  application: Application,
  directory: Directory,
  codes: DeviceCodes,
): Record<string, unknown> {
  const code = codes.find(required(form, 'device_code'));
  if (code?.clientId !== application.clientId || code.state === 'redeemed')
    throw new Refusal(70018, undefined, 'bad_verification_code');
  if (codes.isExpired(code)) throw new Refusal(70019);
  if (code.state === 'declined') throw new Refusal(65004, undefined, 'authorization_declined');
  if (codes.isAskedTooOften(code)) throw new Refusal(70016, 'Polling too often.', 'slow_down');
  const { user } = code;
  if (code.state !== 'approved' || user === undefined) throw new Refusal(70016);
  const tokens = tokensFor(user, code.scope, form, application, directory);
  code.state = 'redeemed';
  return tokens;
}

function tokensFor(
  user: User,
  scope: string,
  form: Form,
  application: Application,
  directory: Directory,
): Record<string, unknown> {
  const { offlineAccess } = checkScope(scope, application);
  // An access token carries every consented scope of the resource, whatever subset was asked for.
  const scopes = application.consented;
  const access = directory.issueAccessToken({ kind: 'user', user }, { scopes });
  return {
    token_type: 'Bearer',
    scope: scopes.map(name => `${azureDevOpsResource}/${name}`).join(' '),
    expires_in: accessTokenSeconds,
    ext_expires_in: accessTokenSeconds,
    access_token: access.value,
    ...(offlineAccess ? { refresh_token: directory.issueRefreshToken(application, user).value } : {}),
    ...(scope.split(' ').includes('openid') ? { id_token: directory.idTokenOf(user, application) } : {}),
    ...(form.get('client_info') === '1' ? { client_info: directory.clientInfoOf(user) } : {}),
  };
}
