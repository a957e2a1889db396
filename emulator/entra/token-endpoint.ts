import { mediaTypeOf, parameterOf, type Call } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import {
  accessTokenSeconds,
  azureDevOpsResource,
  azureDevOpsUri,
  type Application,
  type Directory,
} from './directory.js';
import { entraErrorReply, type AadstsCode } from './errors.js';

/** A refusal on the way through a grant; the endpoint turns it into an answer. */
class Refusal extends Error {
  constructor(
    readonly code: AadstsCode,
    readonly text?: string,
    readonly error?: string,
  ) {
    super(text);
  }
}

/** The form of a request: names in any order, each at most once. */
type Form = ReadonlyMap<string, string>;

/** What one grant type answers to a form whose client has proved itself. */
type Grant = (form: Form, application: Application, directory: Directory) => Record<string, unknown>;

const grants: Readonly<Record<string, Grant>> = { refresh_token: redeemRefreshToken };

/** `POST /{tenant}/oauth2/v2.0/token`, as Entra documents it for the v2.0 endpoint. */
export function tokenRoutes(directory: Directory, clock: () => Date): Route[] {
  const route = { operation: 'entra.token', path: '/{tenant}/oauth2/v2.0/token' } as const;
  const answering =
    (grant: (call: Call) => Record<string, unknown>): Route['handle'] =>
    call => {
      try {
        return jsonReply(200, grant(call), { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' });
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        return entraErrorReply(refusal.code, { now: clock(), text: refusal.text, error: refusal.error });
      }
    };
  const onlyPost = (): never => {
    throw new Refusal(900561);
  };
  return [
    { ...route, method: 'POST', handle: answering(call => grantFor(call, directory)) },
    { ...route, method: 'GET', handle: answering(onlyPost) },
  ];
}

function grantFor(call: Call, directory: Directory): Record<string, unknown> {
  checkTenant(parameterOf(call, 'tenant'), directory);
  const form = readForm(call);
  const grantType = required(form, 'grant_type');
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (!grant)
    throw new Refusal(70000, `The grant type '${grantType}' is not supported.`, 'unsupported_grant_type');
  return grant(form, authenticateClient(form, directory), directory);
}

function checkTenant(tenant: string, directory: Directory): void {
  if (tenant === directory.tenantId) return;
  if (tenant === 'common' || tenant === 'consumers' || tenant === 'organizations') throw new Refusal(9001023);
  throw new Refusal(90002, `Tenant '${tenant}' not found.`);
}

function readForm(call: Call): Form {
  // A body of another type holds no parameters for Entra.
  if (mediaTypeOf(call) !== 'application/x-www-form-urlencoded') throw missing('grant_type');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(call.body.toString('utf8'))) {
    if (form.has(name)) throw new Refusal(900144, `The parameter '${name}' is duplicated.`);
    form.set(name, value);
  }
  return form;
}

function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

function missing(name: string): Refusal {
  return new Refusal(900144, `The request body must contain the following parameter: '${name}'.`);
}

function authenticateClient(form: Form, directory: Directory): Application {
  const clientId = required(form, 'client_id');
  const application = directory.applications.get(clientId);
  if (!application)
    throw new Refusal(700016, `Application with identifier '${clientId}' was not found in the directory.`);
  const secret = form.get('client_secret');
  if (application.clientSecret === undefined) {
    if (secret !== undefined) throw new Refusal(700025);
  } else if (secret === undefined) {
    throw new Refusal(7000218);
  } else if (secret !== application.clientSecret) {
    throw new Refusal(7000215);
  }
  return application;
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
  const { offlineAccess } = checkScope(required(form, 'scope'), application);
  // An access token carries every consented scope of the resource, whatever subset was asked for.
  const scopes = application.consented;
  const access = directory.issueAccessToken({ kind: 'user', user: token.user }, { scopes });
  return {
    token_type: 'Bearer',
    scope: scopes.map(name => `${azureDevOpsResource}/${name}`).join(' '),
    expires_in: accessTokenSeconds,
    ext_expires_in: accessTokenSeconds,
    access_token: access.value,
    ...(offlineAccess ? { refresh_token: directory.issueRefreshToken(application, token.user).value } : {}),
  };
}

/** Either `<resource>/.default` or consented scopes of the resource, beside the OpenID Connect ones. */
function checkScope(scope: string, application: Application): { offlineAccess: boolean } {
  const openId = new Set(['openid', 'profile', 'email', 'offline_access']);
  const asked = scope.split(' ');
  const named = asked.filter(name => !openId.has(name)).map(nameOnResource);
  const invalid =
    named.length === 0 || named.includes(undefined) || (named.includes('.default') && named.length > 1);
  if (invalid)
    throw new Refusal(70011, `The provided value for the input parameter scope '${scope}' is not valid.`);
  const withoutConsent = named.find(
    name => name !== '.default' && !application.consented.includes(name ?? ''),
  );
  if (withoutConsent !== undefined || application.consented.length === 0) throw new Refusal(65001);
  return { offlineAccess: asked.includes('offline_access') };
}

/** `vso.pats` of `499b84ac-…/vso.pats`; undefined for a scope of another resource or of none. */
function nameOnResource(scope: string): string | undefined {
  const resource = [azureDevOpsResource, azureDevOpsUri].find(prefix => scope.startsWith(`${prefix}/`));
  const name = resource === undefined ? '' : scope.slice(resource.length + 1);
  return /^(?:\.default|user_impersonation|vso\.[a-z_.]+)$/.test(name) ? name : undefined;
}
