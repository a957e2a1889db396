import type { Agent } from '#agent/agent';
import { loadCrypto, type Seal } from '#agent/seal';
import { SAVED_TOKEN } from '#agent/stage-settings';
import { maskToken } from '#azure-devops/oidc-token';
import { AZURE_DEVOPS, redeem, requestToken, type EntraToken } from '#entra/entra';
import type { Federation } from '#entra/federation';
import { openFederation } from '#entra/open-federation';
import type { Http } from '#http/http';
import type { Issuer } from './inputs/issuer.js';
import type { ConnectionSignIn } from './inputs/issuer-connection.js';
import { asMoment } from '#text/json';
import { MINUTE } from '#text/lifetime';
import type { RetryPolicy } from '#http/retry';

/** When that token ends, under the seal of the step, which holds the token too. */
export const SAVED_TOKEN_EXPIRES = 'JobPat.EntraTokenExpires';

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
  const { value, expires } =
    signIn.kind === 'refresh-token'
      ? await redeemer(signIn, agent, http)(signIn.entra.refreshToken, policy)
      : await agentUserToken(signIn, agent, http, policy);
  return { token: value, expires };
}

/** Redeems refresh tokens for the application of a connection, whose proof, where it needs one, serves all of them. */
export function redeemer(
  { entra, proof }: Extract<ConnectionSignIn, { kind: 'refresh-token' }>,
  agent: Agent,
  http: Http,
): (refreshToken: string, policy: RetryPolicy) => Promise<EntraToken> {
  const mask = (secret: string) => {
    agent.mask(secret);
  };
  if (proof === undefined)
    return (refreshToken, policy) => redeem(http, { ...entra, refreshToken }, mask, policy);
  const application = { clientId: entra.clientId, kind: 'application' } as const;
  let federation: Promise<Federation> | undefined;
  return async (refreshToken, policy) => {
    federation ??= openFederation(proof, application, { agent, http });
    return (await federation).prove(policy, clientAssertion =>
      redeem(http, { ...entra, refreshToken, clientAssertion }, mask, policy),
    );
  };
}

async function agentUserToken(
  { agentUser, proof }: Extract<ConnectionSignIn, { kind: 'agent-user' }>,
  agent: Agent,
  http: Http,
  policy: RetryPolicy,
): Promise<EntraToken> {
  // Once for a step: an earlier stage of it has said so.
  if ((agent.taskVariable(SAVED_TOKEN_EXPIRES) ?? '') === '') {
    agent.info(
      "This connection signs in an agent's user of Entra, which is a preview: nobody has shown yet that Azure DevOps lets such a user manage PATs.",
    );
  }
  const federation = await openFederation(
    proof,
    { clientId: agentUser.blueprintId, kind: 'blueprint' },
    { agent, http },
  );
  const mask = (secret: string) => {
    maskToken(secret, form => {
      agent.mask(form);
    });
  };
  const { signInAgentUser } = await import('#entra/agent-user');
  return signInAgentUser(
    agentUser,
    AZURE_DEVOPS,
    federation,
    (asker, grant, policy) => requestToken(http, agentUser, grant, asker, mask, policy),
    policy,
  );
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
