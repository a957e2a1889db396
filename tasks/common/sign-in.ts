import type { Agent } from '#agent/agent';
import { loadCrypto, type Seal } from '#agent/seal';
import { SAVED_TOKEN } from '#agent/stage-settings';
import type { Http } from '#http/http';
import type { Issuer } from './inputs/issuer.js';
import { connectionUser } from './connection-sign-in.js';
import { asMoment } from '#text/json';
import { MINUTE } from '#text/lifetime';
import type { RetryPolicy } from '#http/retry';

/** When that token ends, under the seal of the step, which holds the token too. */
const SAVED_TOKEN_EXPIRES = 'JobPat.EntraTokenExpires';

/** In place of a moment: of an `entraToken` nobody has said it. */
const UNKNOWN = 'unknown';

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
  policy: RetryPolicy,
): Promise<Session> {
  if (issuer.kind === 'entra-token') return { token: issuer.token, expires: undefined };
  const { signIn } = issuer;
  if (signIn.kind === 'agent-user' && isFirstOf(agent)) agent.info(PREVIEW);
  const user = connectionUser(signIn, agent, http);
  const { value, expires } = await user.signIn(policy);
  return { token: value, expires };
}

const PREVIEW =
  "This connection signs in an agent's user of Entra, which is a preview: nobody has shown yet that Azure DevOps lets such a user manage PATs.";

/** Whether no earlier stage or attempt of this step has signed in. */
function isFirstOf(agent: Agent): boolean {
  return (agent.taskVariable(SAVED_TOKEN_EXPIRES) ?? '') === '';
}

/**
 * Signs the issuer in and keeps the token for the post-job step of the same step, under its seal. An `entraToken` is kept
 * too: by then the input may say another one.
 *
 * @throws Failure
 */
export async function signIn(
  issuer: Issuer,
  agent: Agent,
  seal: Seal,
  http: Http,
  policy: RetryPolicy,
): Promise<string> {
  const session = openSession(issuer, agent, http, policy);
  // Loads while the request is under way.
  if (issuer.kind === 'connection') setImmediate(() => void loadCrypto());
  const { token, expires } = await session;
  seal.signedIn(token);
  await agent.setSecretTaskVariable(SAVED_TOKEN, token);
  await agent.setTaskVariable(
    SAVED_TOKEN_EXPIRES,
    await seal.put({ expires: expires?.toISOString() ?? UNKNOWN }, token),
  );
  return token;
}

/** The token that an earlier stage of this step saved, while it lives for another minute. */
export async function savedToken(agent: Agent, seal: Seal, now: Date): Promise<string | undefined> {
  const text = agent.taskVariable(SAVED_TOKEN_EXPIRES) ?? '';
  const token = agent.secretTaskVariable(SAVED_TOKEN) ?? '';
  if (text === '' || token === '') return undefined;
  const opened = await seal.open(text, token);
  if (opened.kind !== 'genuine') {
    agent.warning('The saved sign-in does not carry the seal of this step: it counts as none.');
    return undefined;
  }
  if (opened.content['expires'] === UNKNOWN) return token;
  const expires = asMoment(opened.content['expires']);
  return expires === undefined || expires.getTime() - now.getTime() < MINUTE ? undefined : token;
}
