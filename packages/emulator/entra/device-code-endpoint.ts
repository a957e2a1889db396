import { parameterOf } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { DeviceCodes } from './device-codes.js';
import type { Directory } from './directory.js';
import { answering, applicationOf, checkTenant, namesIn, readForm, required } from './form.js';

/** `POST /{tenant}/oauth2/v2.0/devicecode` (RFC 8628 section 3.1), and what a client can discover of the tenant. */
export function deviceCodeRoutes(
  directory: Directory,
  clock: () => Date,
  codes: DeviceCodes,
  origin: () => string,
): Route[] {
  return [
    {
      operation: 'entra.deviceCode',
      method: 'POST',
      path: '/{tenant}/oauth2/v2.0/devicecode',
      handle: answering(clock, call => {
        checkTenant(parameterOf(call, 'tenant'), directory);
        const form = readForm(call);
        const { clientId } = applicationOf(form, directory);
        const scope = required(form, 'scope');
        namesIn(scope);
        const { userCode, deviceCode } = codes.begin(clientId, scope);
        const page = `${origin()}/devicelogin`;
        return {
          user_code: userCode,
          device_code: deviceCode,
          verification_uri: page,
          expires_in: codes.expiresIn,
          interval: codes.interval,
          message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
        };
      }),
    },
    {
      operation: 'entra.configuration',
      method: 'GET',
      path: '/{tenant}/v2.0/.well-known/openid-configuration',
      handle: call => {
        const base = `${origin()}/${parameterOf(call, 'tenant')}`;
        return jsonReply(200, {
          issuer: `${base}/v2.0`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
          device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['pairwise'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
      },
    },
  ];
}
