import { entraReason } from '#advice/entra-codes';
import type { SignInAsker } from '#advice/entra';
import { advised } from '#advice/pipeline';
import { unreachable } from '#http/unreachable';
import { Failure } from '#advice/failure';
import { DAY, HOUR, YEAR } from '#text/lifetime';
import { HttpFault, isTransientStatus, retryAfter, type Http, type HttpAnswer } from '#http/http';
import { asObject, asText, parseJson, type JsonObject } from '#text/json';
import { sanitize } from '#text/sanitize';
import { retry, timeLeft, type RetryResult, type RetryPolicy } from '#http/retry';
import { assertionFields } from './jwt-bearer.js';

/** Azure DevOps in Entra, the same in every tenant. */
export const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';
/** The delegated permissions that managing PATs takes. */
export const PAT_PERMISSIONS = ['vso.pats', 'vso.pats_manage'] as const;
/** As they are asked for. */
export const PAT_SCOPES = PAT_PERMISSIONS.map(permission => `${AZURE_DEVOPS}/${permission}`);
const SCOPES = [...PAT_SCOPES, 'offline_access'].join(' ');
const REQUEST_TIMEOUT = 30_000;
/** Access tokens live about an hour, and up to 28 hours where they can be ended early (Entra, continuous access). */
const LONGEST_ACCESS = 28 * HOUR;

/** What redeems a user's refresh token. */
export interface EntraClient {
  /** Origin of the authority: `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly refreshToken: string;
  /** Of a confidential client; a public client has none. */
  readonly clientSecret: string | undefined;
  /** In place of a secret: a token of somebody whom the application trusts (RFC 7523). */
  readonly clientAssertion?: string;
}

/** A refresh token lives so long from its issue on; one for a single-page application 24 hours (facts: refresh tokens). */
export const REFRESH_TOKEN_LIFE = 90 * DAY;

/** An access token, and when it ends. */
export interface EntraToken {
  readonly value: string;
  readonly expires: Date;
  /** The newer refresh token that came with it, if one did. Masked. */
  readonly refreshToken: RefreshToken | undefined;
  /** Delegated permissions, without the resource in front: `vso.pats`. Undefined: Entra does not tell. */
  readonly permissions: readonly string[] | undefined;
}

export interface RefreshToken {
  readonly value: string;
  /** Its lifetime in milliseconds, where Entra tells it. */
  readonly lifetime: number | undefined;
}

/**
 * Redeems the refresh token: one request (RFC 6749 section 6). Using one does not end it, so it may be repeated.
 * Both tokens of the answer are masked before anything is done with them.
 * @throws Failure `entra-refused`, `entra-answer-not-usable`, `service-unreachable`
 */
export function redeem(
  http: Http,
  client: EntraClient,
  mask: (secret: string) => void,
  policy: RetryPolicy,
): Promise<EntraToken> {
  const grant = {
    grant_type: 'refresh_token',
    client_id: client.clientId,
    refresh_token: client.refreshToken,
    scope: SCOPES,
    ...(client.clientSecret === undefined ? {} : { client_secret: client.clientSecret }),
    ...(client.clientAssertion === undefined ? {} : assertionFields(client.clientAssertion)),
  };
  const asker = client.clientAssertion === undefined ? 'issuing-user' : 'federated-user';
  return requestToken(http, client, grant, asker, mask, policy);
}

/**
 * One form to the token endpoint of a tenant. It may be repeated, so it is, as the policy allows.
 * Every token of the answer is masked before anything is done with it.
 * @throws Failure `entra-refused`, `entra-answer-not-usable`, `service-unreachable`
 */
export function requestToken(
  http: Http,
  { authority, tenantId }: { readonly authority: string; readonly tenantId: string },
  grant: Readonly<Record<string, string>>,
  asker: SignInAsker,
  mask: (secret: string) => void,
  policy: RetryPolicy,
): Promise<EntraToken> {
  const url = `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
  const where = new URL(url).host;
  const form = new URLSearchParams(grant);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

  return retry<EntraToken>(policy, async within => {
    const asked = within.clock.now();
    try {
      const timeout = timeLeft(within, REQUEST_TIMEOUT);
      const answer = await http({
        method: 'POST',
        url,
        service: 'entra',
        headers,
        body: form.toString(),
        timeout,
      });
      return readToken(answer, where, asked, asker, mask);
    } catch (error) {
      if (error instanceof HttpFault) return readFault(error, where);
      throw error;
    }
  });
}

function readToken(
  answer: HttpAnswer,
  where: string,
  asked: Date,
  asker: SignInAsker,
  mask: (secret: string) => void,
): RetryResult<EntraToken> {
  const value = asObject(parseJson(answer.body));
  const accessToken = asText(value?.['access_token']) ?? '';
  for (const secret of [
    accessToken,
    asText(value?.['refresh_token']) ?? '',
    asText(value?.['id_token']) ?? '',
  ]) {
    if (secret !== '') mask(secret);
  }
  if (answer.status === 200 && /^[\x21-\x7e]+$/.test(accessToken)) {
    const lives = lifetimeIn(value?.['expires_in'], LONGEST_ACCESS) ?? 0;
    const refreshToken = readRefreshToken(value);
    const expires = new Date(asked.getTime() + lives);
    const permissions = permissionsIn(asText(value?.['scope']));
    return { done: { value: accessToken, expires, refreshToken, permissions } };
  }
  const error = asText(value?.['error']);
  if (isTransientStatus(answer.status) || error === 'temporarily_unavailable') {
    return { later: unavailable(where, answer.status, asker), wait: retryAfter(answer, asked) };
  }
  if (value !== undefined && error !== undefined) {
    const failure = signInError(where, error, value, asker);
    if (!passes(failure)) throw failure;
    return { later: failure, wait: retryAfter(answer, asked) };
  }
  throw advised('entra-answer-not-usable', `${where} answered HTTP ${answer.status} without a token.`, {
    about: 'entra',
    code: 'not-entra',
    asker,
    unknown: undefined,
  });
}

/** `scope` lists them, each behind the resource (RFC 6749 section 5.1). */
function permissionsIn(scope: string | undefined): string[] | undefined {
  const granted = scope?.split(/\s+/).filter(one => one !== '') ?? [];
  return granted.length === 0
    ? undefined
    : granted.map(one => one.slice(one.lastIndexOf('/') + 1).toLowerCase());
}

function readRefreshToken(value: JsonObject | undefined): RefreshToken | undefined {
  const token = asText(value?.['refresh_token']) ?? '';
  if (!/^[\x21-\x7e]+$/.test(token)) return undefined;
  return { value: token, lifetime: lifetimeIn(value?.['refresh_token_expires_in'], YEAR) };
}

/**
 * Seconds, as a number or as digits, in milliseconds. Undefined for anything else; one beyond every lifetime there is
 * counts as the longest, so that the moment it leads to is one.
 */
function lifetimeIn(seconds: unknown, longest: number): number | undefined {
  const number =
    typeof seconds === 'string' && /^\d{1,15}(\.\d+)?$/.test(seconds) ? Number(seconds) : seconds;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return undefined;
  return Math.min(number * 1000, longest);
}

const IN_CHAIN = "of the sign-in of the agent's user";

/** What was refused, to whom. */
const STEP: Readonly<Record<SignInAsker, string>> = {
  'issuing-user': 'the sign-in',
  'federated-user': 'the sign-in',
  'azure-application': 'the sign-in',
  'agent-blueprint': `the blueprint, step 1 of 3 ${IN_CHAIN}`,
  'agent-identity': `the agent identity, step 2 of 3 ${IN_CHAIN}`,
  'agent-user': `the agent's user, step 3 of 3 ${IN_CHAIN}`,
};

/** Branches on `error`; the AADSTS codes choose the hint, the text is shown as it is. */
export function signInError(
  where: string,
  error: string,
  value: JsonObject,
  asker: SignInAsker = 'issuing-user',
): Failure {
  const text = sanitize(asText(value['error_description']) ?? '');
  const listed = Array.isArray(value['error_codes']) ? value['error_codes'].map(Number) : [];
  const inText = [...text.matchAll(/AADSTS(\d+)/g)].map(match => Number(match[1]));
  const codes = [...listed, ...inText].filter(code => Number.isSafeInteger(code) && code > 0);
  const named = sanitize(error, 80);
  const reason = text === '' ? named : `${named}, ${text}`;
  const facts = { host: where, reason: named, entraCodes: codes };
  const situation = { about: 'entra', asker, ...entraReason(error, codes) } as const;
  return advised('entra-refused', `${where} refused ${STEP[asker]}: ${reason}`, situation, facts);
}

/** A fault of Entra that it names as one that passes. */
function passes({ situation }: Failure): boolean {
  return situation?.about === 'entra' && situation.code === 'passing';
}

function unavailable(where: string, status: number, asker: SignInAsker): Failure {
  const situation = { about: 'entra', code: 'passing', asker, unknown: undefined } as const;
  return advised('service-unavailable', `${where} answered HTTP ${status}.`, situation, {
    host: where,
    status,
  });
}

function readFault(fault: HttpFault, where: string): RetryResult<EntraToken> {
  switch (fault.kind) {
    case 'cancelled':
      throw new Failure('cancelled', 'The step was cancelled.', '');
    case 'too-large':
    case 'not-trusted':
      throw unreachable(where, fault);
    case 'not-sent':
    case 'lost':
      return { later: unreachable(where, fault) };
  }
}
