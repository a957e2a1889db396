import assert from 'node:assert/strict';
import type { Emulator, StartedJob } from '#emulator/index';
import { jsonOf, requestToken } from './client.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const connection = { id: '11111111-2222-4333-8444-555555555555', name: 'PAT issuer' };

export const job: StartedJob = {
  project: { id: '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b', name: 'Our project' },
  hub: 'build',
  planId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  jobId: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
  pipeline: 'nightly',
  stage: 'Build',
  name: 'Job',
  connections: [connection],
};

export const place = `${job.project.id}/_apis/distributedtask/hubs/build/plans/${job.planId}/jobs/${job.jobId}/oidctoken`;

/** The token of a job of contoso that has begun. */
export function startJob(emulator: Emulator, started: StartedJob = job, expiresInSeconds = 3600): string {
  const { value } = emulator.jobs.issueToken({ organization: 'contoso', expiresInSeconds });
  emulator.jobs.start(value, started);
  return value;
}

/** Asks for the OIDC token of a connection, as a job does. */
export async function askForOidcToken(
  emulator: Emulator,
  {
    token = startJob(emulator),
    path = `contoso/${place}`,
    query = `api-version=7.1&serviceConnectionId=${connection.id}`,
  }: { token?: string; path?: string; query?: string } = {},
): Promise<Response> {
  return fetch(`${emulator.url}/${path}?${query}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'X-TFS-FedAuthRedirect': 'Suppress',
    },
  });
}

/** The token as text. Fails when none was given. */
export async function oidcToken(emulator: Emulator, query?: string): Promise<string> {
  const response = await askForOidcToken(emulator, query === undefined ? {} : { query });
  assert.equal(response.status, 200);
  return String((await jsonOf(response))['oidcToken']);
}

/** The AADSTS code of a refusal, or `given`. */
export async function outcomeOf(response: Response): Promise<unknown> {
  const { error_codes } = await jsonOf(response);
  if (response.status === 200) return 'given';
  return Array.isArray(error_codes) ? error_codes[0] : undefined;
}

/** Redeems a refresh token of an application, with an assertion if one is given. */
export async function redeem(
  emulator: Emulator,
  application: { readonly clientId: string },
  refreshToken: string,
  assertion?: string,
): Promise<unknown> {
  return outcomeOf(
    await requestToken(emulator, {
      client_id: application.clientId,
      client_secret: undefined,
      refresh_token: refreshToken,
      ...(assertion === undefined
        ? {}
        : { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }),
    }),
  );
}
