import { retryFor } from '#agent/effects';
import { asFailure, Failure } from '#advice/failure';
import { redeem, type EntraClient } from '#entra/entra';
import type { TerminalEffects } from '../effects.js';
import type { DeviceCodeClient, SignedIn } from '../sign-in/device-code.js';
import { checkConsent, REQUEST_BUDGET } from '../sign-in/sign-in.js';
import type { IssuerFields } from './connection-fields.js';
import { shellLine } from './shell-text.js';

/** What goes into the connection, and an access token of somebody who may make it. */
export interface ProvenIssuer {
  readonly fields: IssuerFields;
  readonly accessToken: string;
}

/**
 * Redeems the refresh token once, as every job will: what goes into the connection works. Using one does not end it.
 * @throws Failure
 */
export async function proveSignIn(
  client: DeviceCodeClient,
  { refreshToken }: SignedIn,
  effects: TerminalEffects,
): Promise<ProvenIssuer> {
  const accessToken = await redeemed({ ...client, refreshToken }, effects);
  const { clientSecret } = client;
  return { fields: { ...client, signIn: { scheme: 'Token', refreshToken, clientSecret } }, accessToken };
}

/**
 * The same with the client secret of the first sign-in, which is not stored: in its place the connection will prove the
 * application. So that the stored token is worth nothing alone, Entra has to refuse it without a proof.
 * @throws Failure
 */
export async function proveFederatedSignIn(
  client: DeviceCodeClient,
  { refreshToken }: SignedIn,
  effects: TerminalEffects,
): Promise<ProvenIssuer> {
  const accessToken = await redeemed({ ...client, refreshToken }, effects);
  await assertConfidential({ ...client, refreshToken }, effects);
  const signIn = { scheme: 'Token', refreshToken, clientProof: 'federation' } as const;
  return { fields: { ...client, signIn }, accessToken };
}

async function redeemed(entra: EntraClient, effects: TerminalEffects): Promise<string> {
  const { value, permissions } = await redeem(
    effects.http,
    entra,
    secret => {
      effects.agent.mask(secret);
    },
    retryFor(effects, REQUEST_BUDGET),
  );
  checkConsent(permissions);
  return value;
}

/** @throws Failure `application-not-confidential` */
async function assertConfidential(entra: EntraClient, effects: TerminalEffects): Promise<void> {
  try {
    await redeemed({ ...entra, clientSecret: undefined }, effects);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'cancelled') throw failure;
    const { situation } = failure;
    if (situation?.about === 'entra' && situation.code === 'secret-missing') return;
    effects.agent.warning(
      `Whether Entra refuses the refresh token without a proof is not known: ${failure.what}`,
    );
    return;
  }
  const command = shellLine(
    ...['az', 'ad', 'app', 'update', '--id', entra.clientId, '--is-fallback-public-client', 'false'],
  );
  throw new Failure(
    'application-not-confidential',
    `Entra redeems the refresh token of application ${entra.clientId} without any proof: it is a public client, so whoever reads the token could use it.`,
    `Nothing was stored. Switch "Allow public client flows" off and remove its platform "Mobile and desktop applications", for instance with: ${command}`,
  );
}
