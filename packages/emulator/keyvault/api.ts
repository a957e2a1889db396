import { keyVaultResource } from '../entra/client-credentials.js';
import type { Directory } from '../entra/directory.js';
import { headerOf, parameterOf, queryOf, type Call } from '../http/call.js';
import { jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { readJson } from '../devops/json-body.js';
import type { KeyVault, SecretContent, SecretVersion } from './vault.js';

/** Secrets of Azure Key Vault's data plane, `/secrets/{name}`. */
export function keyVaultRoutes(
  vault: KeyVault,
  directory: Directory,
  clock: () => Date,
  origin: () => string,
): Route[] {
  const entering =
    (right: 'mayRead' | 'mayWrite', answer: (call: Call) => Reply): Route['handle'] =>
    call => {
      const [, value = ''] = /^Bearer (.+)$/i.exec(headerOf(call, 'authorization') ?? '') ?? [];
      const token = directory.accessTokens.get(value);
      const isGood = token?.audience === keyVaultResource && token.expiresAt > clock();
      if (!isGood) return challenge(`${origin()}/${directory.tenantId}`);
      if (!/^\d{4}-\d\d-\d\d|^7\.\d/.test(queryOf(call, 'api-version') ?? ''))
        return refusal(400, 'BadParameter', 'The api-version is missing or not supported.');
      if (!vault[right]) return forbidden(parameterOf(call, 'name'));
      return answer(call);
    };
  return [
    // The current version, also asked for as one without a name.
    ...['/secrets/{name}', '/secrets/{name}/'].map((path): Route => ({
      operation: 'keyvault.get',
      method: 'GET',
      path,
      handle: entering('mayRead', call => {
        const name = parameterOf(call, 'name');
        const current = vault.current(name);
        return current === undefined ? unknown(name) : shown(name, current, origin());
      }),
    })),
    {
      operation: 'keyvault.versions',
      method: 'GET',
      path: '/secrets/{name}/versions',
      handle: entering('mayRead', call => {
        const name = parameterOf(call, 'name');
        const value = vault.versions(name).map(version => bundle(name, version, origin()));
        return jsonReply(200, { value: value.map(item => ({ ...item, value: undefined })), nextLink: null });
      }),
    },
    {
      operation: 'keyvault.get',
      method: 'GET',
      path: '/secrets/{name}/{version}',
      handle: entering('mayRead', call => {
        const name = parameterOf(call, 'name');
        const version = vault.versions(name).find(({ id }) => id === parameterOf(call, 'version'));
        return version === undefined ? unknown(name) : shown(name, version, origin());
      }),
    },
    {
      operation: 'keyvault.set',
      method: 'PUT',
      path: '/secrets/{name}',
      handle: entering('mayWrite', call => {
        const name = parameterOf(call, 'name');
        if (vault.deleted.has(name)) {
          return refusal(
            409,
            'Conflict',
            `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
            'ObjectIsDeletedButRecoverable',
          );
        }
        const content = readContent(call);
        return 'status' in content ? content : shown(name, vault.set(name, content), origin());
      }),
    },
  ];
}

function readContent(call: Call): SecretContent | Reply {
  const json = readJson(call);
  if ('refusal' in json) return json.refusal;
  const body: Record<string, unknown> = { ...json.body };
  const { value, contentType, tags, attributes } = body;
  if (typeof value !== 'string') return refusal(400, 'BadParameter', 'Property value is required.');
  const given: Record<string, unknown> = typeof attributes === 'object' ? { ...attributes } : {};
  const moment = (seconds: unknown) => (typeof seconds === 'number' ? new Date(seconds * 1000) : undefined);
  return {
    value,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    tags: Object.fromEntries(
      Object.entries(typeof tags === 'object' && tags !== null ? tags : {}).map(([key, tag]) => [
        key,
        String(tag),
      ]),
    ),
    enabled: given['enabled'] !== false,
    expires: moment(given['exp']),
    notBefore: moment(given['nbf']),
  };
}

function shown(name: string, version: SecretVersion, origin: string): Reply {
  if (!version.enabled) {
    return refusal(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
  }
  return jsonReply(200, bundle(name, version, origin));
}

function bundle(name: string, version: SecretVersion, origin: string): Record<string, unknown> {
  const seconds = (moment: Date | undefined) =>
    moment === undefined ? undefined : Math.floor(moment.getTime() / 1000);
  return {
    value: version.value,
    id: `${origin}/secrets/${name}/${version.id}`,
    contentType: version.contentType,
    attributes: {
      enabled: version.enabled,
      exp: seconds(version.expires),
      nbf: seconds(version.notBefore),
      created: seconds(version.created),
      updated: seconds(version.created),
      recoveryLevel: 'Recoverable+Purgeable',
    },
    tags: version.tags,
  };
}

function challenge(authority: string): Reply {
  const reply = refusal(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.');
  const wanted = `Bearer authorization="${authority}", resource="${keyVaultResource}"`;
  return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': wanted } };
}

function unknown(name: string): Reply {
  return refusal(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`,
  );
}

function forbidden(name: string): Reply {
  return refusal(
    403,
    'Forbidden',
    `Caller is not authorized to perform action on resource. Action: 'Microsoft.KeyVault/vaults/secrets/${name}'.`,
    'ForbiddenByRbac',
  );
}

function refusal(status: number, code: string, message: string, inner?: string): Reply {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return jsonReply(status, { error: { code, message, ...innererror } });
}
