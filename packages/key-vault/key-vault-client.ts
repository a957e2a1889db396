import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { Masker } from '#text/log';
import { retryFor, type Effects } from '#agent/effects';
import type { AzureSignIn } from './azure-sign-in.js';
import {
  acceptedResource,
  loopbackAuthority,
  readChallenge,
  type VaultChallenge,
} from './vault-challenge.js';
import type { Vault } from './vault.js';
import { REQUEST_TIMEOUT } from '#azure-devops/client';
import { pauseAskedBy, type HttpAnswer, type HttpRequest } from '#http/http';
import { Failure } from '#advice/failure';
import { asObject, asText, parseJson } from '#text/json';
import { MINUTE } from '#text/lifetime';
import { sanitize } from '#text/sanitize';

/** An answer of a vault that is none to what was asked. The library would stumble over one without a body. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal';
  /** The inner code says more: ForbiddenByRbac, ForbiddenByFirewall. */
  readonly code: string;
  readonly text: string;

  constructor(
    readonly status: number,
    body: string,
    /** Milliseconds that the vault asks to wait. */
    readonly wait?: number,
  ) {
    super(`HTTP ${status}`);
    const error = asObject(asObject(parseJson(body))?.['error']);
    this.code = asText(asObject(error?.['innererror'])?.['code']) ?? asText(error?.['code']) ?? '';
    this.text = asText(error?.['message']) ?? '';
  }
}

/** Headers that our own client sets, or that it could not make good. */
const OURS = new Set(['accept-encoding', 'content-length', 'user-agent', 'connection', 'host']);

/**
 * Azure's own client of one vault, whose every request goes through ours: to this vault alone, without redirects,
 * bounded in time and size, by the agent's proxy and certificates. Its own repetitions, redirects and log are off.
 *
 * A vault says with its first answer what token it wants. On loopback, where the host tells nothing, it is asked; that
 * decides neither that the sign-in leaves this machine nor that a token is made for anything but key vaults.
 */
export async function vaultClient(
  vault: Vault,
  signIn: AzureSignIn,
  effects: Effects,
): Promise<SecretClient> {
  const { http, agent } = effects;
  // Set in a pipeline, it would make the library write a log past the agent's masker.
  delete process.env['AZURE_LOG_LEVEL'];
  const { SecretClient, createHttpHeaders } = await import('./key-vault-sdk.js');
  let challenge: VaultChallenge = { resource: undefined, authority: undefined };

  const httpClient: HttpClient = {
    async sendRequest(request): Promise<PipelineResponse> {
      // What a vault in the cloud wants is told by its host: asking it costs a request and tells nothing new.
      const isAsking = !request.headers.has('authorization');
      const answer =
        isAsking && !vault.isLoopback ? ownChallenge(vault) : await http(ourRequest(request, vault));
      const asked = answer.headers['www-authenticate'];
      if (answer.status === 401 && asked !== undefined && isAsking) challenge = readChallenge(asked);
      else if (answer.status >= 300)
        throw new VaultRefusal(answer.status, answer.body, pauseAskedBy(answer, effects.clock.now()));
      else maskValue(answer.body, vault, agent);
      return {
        request,
        status: answer.status,
        headers: createHttpHeaders({ ...answer.headers }),
        bodyAsText: answer.body,
      };
    },
  };
  const credential = {
    async getToken() {
      const resource = acceptedResource(challenge, vault);
      if (resource === undefined) {
        throw new Failure(
          'host-not-allowed',
          `${vault.host} wants a token for ${sanitize(challenge.resource ?? '')}, which is not its own.`,
          'Check keyVaultUrl: something else answers in the place of the key vault.',
        );
      }
      const token = await signIn.token(
        resource,
        retryFor(effects, MINUTE),
        loopbackAuthority(challenge, vault),
      );
      // It is asked for anew at each use: the sign-in keeps it as long as it lives.
      return { token, expiresOnTimestamp: Date.now() + 60_000 };
    },
  };
  return new SecretClient(vault.url, credential, {
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    // Done above, where loopback is known too.
    disableChallengeResourceVerification: true,
    allowInsecureConnection: vault.isLoopback,
  });
}

/** The challenge that a vault of the cloud would answer with. */
function ownChallenge({ resource }: Vault): HttpAnswer {
  return { status: 401, headers: { 'www-authenticate': `Bearer resource="${resource}"` }, body: '' };
}

/**
 * Before the library sees an answer: what it cannot read, it quotes in its error, with the value of the secret.
 * @throws Failure `answer-not-json`; what a write did is not known then
 */
function maskValue(body: string, { host }: Vault, masker: Masker): void {
  const secret = asObject(parseJson(body));
  if (secret === undefined) {
    throw new Failure(
      'answer-not-json',
      `${host} answered with something that is not a secret.`,
      'Something between the agent and the key vault answers in its place; check the proxy.',
    );
  }
  for (const line of (asText(secret['value']) ?? '').split(/[\r\n]+/)) if (line !== '') masker.mask(line);
}

function ourRequest({ method, url, headers, body }: PipelineRequest, vault: Vault): HttpRequest {
  if (new URL(url).origin !== new URL(vault.url).origin) {
    throw new Failure('host-not-allowed', `${new URL(url).origin} is not the key vault.`, 'Report this.');
  }
  const kept = Object.entries(headers.toJSON()).filter(([name]) => !OURS.has(name.toLowerCase()));
  return {
    method: methodOf(method),
    url,
    service: 'key-vault',
    headers: Object.fromEntries(kept),
    timeout: REQUEST_TIMEOUT,
    ...(typeof body === 'string' ? { body } : {}),
  };
}

/** Those that reading and setting a secret need. */
function methodOf(method: string): HttpRequest['method'] {
  if (method === 'GET' || method === 'PUT') return method;
  throw new Failure('unexpected', `The key vault is not asked to ${sanitize(method, 20)}.`, 'Report this.');
}
