import type { Agent } from '../agent/agent.js';
import { redeem } from './entra.js';
import type { Http } from '../http/http.js';
import type { Issuer } from '../inputs/issuer.js';
import { asMoment } from '../text/json.js';
import { MINUTE } from '../text/lifetime.js';
import type { Patience } from '../http/patience.js';

/** The name of the secret task variable in which the access token waits for the post-job step. */
export const SAVED_TOKEN = 'JobPat.EntraToken';
/** When that token ends, ISO 8601, UTC. */
export const SAVED_TOKEN_EXPIRES = 'JobPat.EntraTokenExpires';

/** A user's Entra access token; when it ends is known of one redeemed here. */
export interface Session {
  readonly token: string;
  readonly expires: Date | undefined;
}

/** Signs the issuer in. @throws Failure */
export async function openSession(
  issuer: Issuer,
  agent: Agent,
  http: Http,
  patience: Patience,
): Promise<Session> {
  if (issuer.kind === 'entra-token') return { token: issuer.token, expires: undefined };
  const conceal = (secret: string) => {
    agent.conceal(secret);
  };
  const { value, expires } = await redeem(http, issuer.entra, conceal, patience);
  return { token: value, expires };
}

/** Signs the issuer in and keeps the token for the post-job step of the same step. @throws Failure */
export async function signIn(issuer: Issuer, agent: Agent, http: Http, patience: Patience): Promise<string> {
  const { token, expires } = await openSession(issuer, agent, http, patience);
  if (expires !== undefined) {
    await agent.setSecretTaskVariable(SAVED_TOKEN, token);
    await agent.setTaskVariable(SAVED_TOKEN_EXPIRES, expires.toISOString());
  }
  return token;
}

/** The token that an earlier stage of this step saved, while it lives for another minute. */
export function savedToken(agent: Agent, now: Date): string | undefined {
  const expires = asMoment(agent.taskVariable(SAVED_TOKEN_EXPIRES));
  if (expires === undefined || expires.getTime() - now.getTime() < MINUTE) return undefined;
  const token = agent.secretTaskVariable(SAVED_TOKEN);
  return token === '' ? undefined : token;
}
