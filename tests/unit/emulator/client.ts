import assert from 'node:assert/strict';
import { startEmulator, type Emulator, type EmulatorOptions } from '#emulator/index';

/** The resource of Azure DevOps in every tenant. */
export const resource = '499b84ac-1321-427f-aa17-267ca6975798';
export const usualScope = `${resource}/vso.pats ${resource}/vso.pats_manage offline_access`;

export type Json = Record<string, unknown>;

/** Starts an emulator before each test of the suite and closes it afterwards; call the result to get it. */
export function useEmulator(options: () => EmulatorOptions = () => ({})): () => Emulator {
  let running: Emulator | undefined;
  beforeEach(async () => {
    running = await startEmulator(options());
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });
  return () => {
    assert.ok(running, 'the emulator is running');
    return running;
  };
}

export async function jsonOf(response: Response): Promise<Json> {
  return objectOf(await response.json());
}

export function objectOf(value: unknown): Json {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), 'a JSON object');
  return Object.fromEntries(Object.entries(value));
}

/** Sends a form to the token endpoint: the valid one, with some fields replaced or (undefined) left out. */
export async function requestToken(
  emulator: Emulator,
  changes: Record<string, string | undefined> = {},
  tenant = emulator.entra.tenantId,
): Promise<Response> {
  const form = new URLSearchParams();
  const fields: Record<string, string | undefined> = {
    grant_type: 'refresh_token',
    client_id: emulator.entra.clientId,
    client_secret: emulator.entra.clientSecret,
    refresh_token: emulator.entra.refreshToken,
    scope: usualScope,
    ...changes,
  };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  return fetch(`${emulator.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form });
}

export interface PatCall {
  readonly method?: string;
  readonly organization?: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly bearer?: string;
  readonly version?: string;
  readonly signal?: AbortSignal;
}

/** Sends a request to the PAT API with a valid token, unless told otherwise. */
export async function patApi(emulator: Emulator, call: PatCall = {}): Promise<Response> {
  const {
    method = 'GET',
    organization = 'contoso',
    query = {},
    body,
    headers = {},
    version = '7.1-preview.1',
  } = call;
  const bearer = call.bearer ?? emulator.entra.issueAccessToken().value;
  const url = new URL(`${emulator.url}/${organization}/_apis/tokens/pats`);
  if (version !== '') url.searchParams.set('api-version', version);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      Authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(call.signal ? { signal: call.signal } : {}),
  });
}

export function inOneHour(now = new Date()): string {
  return new Date(now.getTime() + 60 * 60 * 1000).toISOString();
}

/** A create request that is fine, with some fields replaced. */
export function patRequest(changes: Json = {}): Json {
  return { displayName: 'a job', scope: 'vso.code', validTo: inOneHour(), allOrgs: false, ...changes };
}

export async function create(emulator: Emulator, changes: Json = {}, call: PatCall = {}): Promise<Response> {
  return patApi(emulator, { ...call, method: 'POST', body: patRequest(changes) });
}

/** Creates a PAT and returns its value and id. */
export async function issue(emulator: Emulator, changes: Json = {}): Promise<{ value: string; id: string }> {
  const { patToken, patTokenError } = await jsonOf(await create(emulator, changes));
  assert.equal(patTokenError, 'none');
  const { token, authorizationId } = objectOf(patToken);
  assert.ok(typeof token === 'string' && typeof authorizationId === 'string');
  return { value: token, id: authorizationId };
}

/** The Basic credential of a PAT. */
export function basic(pat: string, user = ''): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${user}:${pat}`).toString('base64')}` };
}

export function bearer(value: string): Record<string, string> {
  return { Authorization: `Bearer ${value}` };
}

/** Sends a GET below an organization, by default with an Entra token that may do all its user may. */
export async function read(
  emulator: Emulator,
  path: string,
  headers = bearer(emulator.entra.issueAccessToken({ scopes: ['user_impersonation'] }).value),
  organization = 'contoso',
): Promise<Response> {
  return fetch(`${emulator.url}/${organization}/${path}`, { headers, redirect: 'manual' });
}

/** The objects of an array in a JSON answer. */
export function objectsOf(value: unknown): Json[] {
  assert.ok(Array.isArray(value), 'a JSON array');
  return value.map(objectOf);
}
