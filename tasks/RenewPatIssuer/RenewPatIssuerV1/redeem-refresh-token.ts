import { RENEWAL } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import type { EntraClient, RefreshToken } from '#entra/entra';
import { asFailure, Failure } from '#advice/failure';
import type { RefreshTokenUser } from '../../common/connection-sign-in.js';
import { previousTokenKept } from './keep-previous-token.js';
import { DAY, formatLifetime } from '#text/lifetime';

/** One that lives shorter cannot be kept alive by a weekly run. */
const SHORT_LIFE = 8 * DAY;

/** What the stored refresh token was redeemed for. */
export interface Redeemed {
  readonly accessToken: string;
  readonly newer: RefreshToken;
  /** Entra may give the same token again. */
  readonly isSame: boolean;
}

/** Redeems the refresh token of the connection. @throws Failure */
export async function redeemRefreshToken(
  entra: EntraClient,
  user: RefreshTokenUser,
  effects: Effects,
): Promise<Redeemed> {
  try {
    return await newerFor(entra, user, effects);
  } catch (error) {
    const failure = asFailure(error);
    // A token that Entra refuses is of no more use.
    throw failure.topic === 'entra-refused' ? failure : previousTokenKept(failure);
  }
}

async function newerFor(entra: EntraClient, user: RefreshTokenUser, effects: Effects): Promise<Redeemed> {
  const { value, refreshToken } = await user.redeem(entra.refreshToken, retryFor(effects, RENEWAL.redeem));
  if (refreshToken === undefined) {
    throw new Failure(
      'entra-answer-not-usable',
      `${new URL(entra.authority).host} took the refresh token and gave no newer one.`,
      'Sign the issuing user in anew with the scope offline_access, and see that the application has consent for it.',
    );
  }
  if (refreshToken.lifetime !== undefined && refreshToken.lifetime < SHORT_LIFE) {
    effects.agent.warning(
      `Entra lets refresh tokens of this application live for ${formatLifetime(refreshToken.lifetime)} only, and renewing does not extend that. ` +
        'Single-page applications are limited to 24 hours: give the application the platform "Mobile and desktop" or "Web", then sign the issuing user in anew.',
    );
  }
  if (refreshToken.value === entra.refreshToken)
    effects.agent.info('Entra gave the same refresh token again.');
  return { accessToken: value, newer: refreshToken, isSame: refreshToken.value === entra.refreshToken };
}

/** Redeems the newer refresh token once: what has not worked is not written back. @throws Failure */
export async function verifyRotatedToken(
  { newer }: Redeemed,
  user: RefreshTokenUser,
  effects: Effects,
): Promise<void> {
  try {
    await user.redeem(newer.value, retryFor(effects, RENEWAL.redeem));
  } catch (error) {
    const { topic, what, repair } = asFailure(error);
    if (topic === 'cancelled') throw error;
    throw new Failure(
      topic,
      `The newer refresh token was not written back, since it did not work: ${what}`,
      repair,
    );
  }
  effects.agent.info('Proved: the newer refresh token works.');
}
