import { mediaTypeOf, type Call } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { accessTokenSeconds, azureDevOpsResource, azureDevOpsUri, type Directory } from './directory.js';
import type { Application } from './principals.js';
import { entraErrorReply } from './errors.js';
import { Refusal } from './refusal.js';

/** The form of a request: names in any order, each at most once. */
export type Form = ReadonlyMap<string, string>;

/** Answers with what `give` returns, or with the refusal that it throws. */
export function answering(clock: () => Date, give: (call: Call) => Record<string, unknown>): Route['handle'] {
  return call => {
    try {
      return jsonReply(200, give(call), { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return entraErrorReply(refusal.code, { now: clock(), text: refusal.text, error: refusal.error });
    }
  };
}

export function checkTenant(tenant: string, directory: Directory): void {
  if (tenant === directory.tenantId) return;
  if (tenant === 'common' || tenant === 'consumers' || tenant === 'organizations') throw new Refusal(9001023);
  throw new Refusal(90002, `Tenant '${tenant}' not found.`);
}

export function readForm(call: Call): Form {
  // A body of another type holds no parameters for Entra.
  if (mediaTypeOf(call) !== 'application/x-www-form-urlencoded') throw missing('grant_type');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(call.body.toString('utf8'))) {
    if (form.has(name)) throw new Refusal(900144, `The parameter '${name}' is duplicated.`);
    form.set(name, value);
  }
  return form;
}

export function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

function missing(name: string): Refusal {
  return new Refusal(900144, `The request body must contain the following parameter: '${name}'.`);
}

export function applicationOf(form: Form, directory: Directory): Application {
  const clientId = required(form, 'client_id');
  const application = directory.applications.get(clientId);
  if (!application)
    throw new Refusal(700016, `Application with identifier '${clientId}' was not found in the directory.`);
  return application;
}

/** The answer with a token of an application for itself, which stands for no user. */
export function appTokenFor(audience: string, directory: Directory): Record<string, unknown> {
  const token = directory.issueAccessToken({ kind: 'servicePrincipal' }, { audience, scopes: [] });
  return {
    token_type: 'Bearer',
    expires_in: accessTokenSeconds,
    ext_expires_in: accessTokenSeconds,
    access_token: token.value,
  };
}

/** Either `<resource>/.default` or consented scopes of the resource, beside the OpenID Connect ones. */
export function checkScope(
  scope: string,
  application: Pick<Application, 'consented'>,
): { offlineAccess: boolean } {
  const { asked, named } = namesIn(scope);
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

/** What a list of scopes asks of the resource. Throws for one that nobody can be given. */
export function namesIn(scope: string): { asked: readonly string[]; named: readonly (string | undefined)[] } {
  const openId = new Set(['openid', 'profile', 'email', 'offline_access']);
  const asked = scope.split(' ');
  const named = asked.filter(name => !openId.has(name)).map(nameOnResource);
  const invalid =
    named.length === 0 || named.includes(undefined) || (named.includes('.default') && named.length > 1);
  if (invalid)
    throw new Refusal(70011, `The provided value for the input parameter scope '${scope}' is not valid.`);
  return { asked, named };
}
