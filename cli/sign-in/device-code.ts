import { PublicClientApplication, type DeviceCodeRequest } from '@azure/msal-node';
import { PAT_SCOPES } from '#entra/entra';
import { isLoopback } from '#http/hosts';
import { Failure } from '#advice/failure';
import { asObject, asText, objectsOf, parseJson } from '#text/json';
import type { TerminalEffects } from '../effects.js';
import { codeExpired, MsalNetwork } from './msal-network.js';

export interface DeviceCodeClient {
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** What the person needs to sign in, on this or any other device. */
export interface DeviceCode {
  readonly code: string;
  readonly page: string;
  readonly expires: Date;
}

/** A signed-in user. The tokens are masked; they live in memory only. */
export interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Delegated permissions, without the resource in front: `vso.pats`. */
  readonly permissions: readonly string[];
  /** The user's sign-in name; empty when Entra does not tell. */
  readonly user: string;
}

/**
 * Signs a user in by device code (RFC 8628). All metadata is given, so that MSAL sends no request but those of the sign-in.
 *
 * @param show tells the person what to do
 * @throws Failure `sign-in-not-finished`, `entra-refused`, `entra-answer-not-usable`, `service-unreachable`, `cancelled`
 */
export async function signInByDeviceCode(
  client: DeviceCodeClient,
  show: (code: DeviceCode) => void,
  effects: TerminalEffects,
): Promise<SignedIn> {
  const { http, clock, agent } = effects;
  const network = new MsalNetwork(http, clock, agent, client.clientSecret, text => {
    agent.info(text);
  });
  const application = new PublicClientApplication({
    auth: { clientId: client.clientId, ...metadataOf(client) },
    system: { networkClient: network, disableInternalRetries: true },
  });
  const request: DeviceCodeRequest = {
    scopes: [...PAT_SCOPES],
    deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) => {
      const expires = new Date(clock.now().getTime() + expiresIn * 1_000);
      show({ code: userCode, page: verificationUri, expires });
    },
  };
  const stopped = stop(effects.cancelled, request);
  try {
    const result = await Promise.race([application.acquireTokenByDeviceCode(request), stopped.promise]);
    if (result === null) throw new Failure('unexpected', 'MSAL gave no token.', 'Run again with --debug.');
    const cache = application.getTokenCache().serialize();
    application.clearCache();
    return {
      accessToken: result.accessToken,
      refreshToken: refreshTokenIn(cache),
      permissions: result.scopes.map(scope => scope.slice(scope.lastIndexOf('/') + 1).toLowerCase()),
      user: result.account?.username ?? '',
    };
  } catch (error) {
    if (network.failure !== undefined) throw network.failure;
    if (error instanceof Failure) throw error;
    const code = error instanceof Error && 'errorCode' in error ? String(error.errorCode) : '';
    if (code === 'device_code_expired') throw codeExpired(network.unanswered);
    throw error;
  } finally {
    stopped.forget();
  }
}

/** MSAL wants https in the name of an authority; where its endpoints are is told apart from that. */
function metadataOf({ authority, tenantId }: DeviceCodeClient): {
  authority: string;
  knownAuthorities: string[];
  authorityMetadata: string;
} {
  const { host } = new URL(authority);
  const base = `${authority}/${encodeURIComponent(tenantId)}`;
  const named = isLoopback(new URL(authority)) ? base.replace(/^http:/, 'https:') : base;
  return {
    authority: named,
    knownAuthorities: [host],
    authorityMetadata: JSON.stringify({
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      issuer: `${base}/v2.0`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    }),
  };
}

/** MSAL hands out no refresh token, but its cache, in memory, holds it. */
function refreshTokenIn(cache: string): string {
  const entries = asObject(asObject(parseJson(cache))?.['RefreshToken']) ?? {};
  const [token] = objectsOf(Object.values(entries)).flatMap(entry => asText(entry['secret']) ?? []);
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new Failure(
    'entra-answer-not-usable',
    'Entra gave no refresh token.',
    'Check that nothing forbids offline_access to the application.',
  );
}

/** MSAL sleeps between two questions and cannot be woken. */
function stop(
  cancelled: AbortSignal,
  request: DeviceCodeRequest,
): { readonly promise: Promise<never>; readonly forget: () => void } {
  let listener: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    listener = () => {
      request.cancel = true;
      reject(new Failure('cancelled', 'Stopped.', ''));
    };
    cancelled.addEventListener('abort', listener);
    if (cancelled.aborted) listener();
  });
  promise.catch(() => undefined);
  return {
    promise,
    forget: () => {
      cancelled.removeEventListener('abort', listener);
    },
  };
}
