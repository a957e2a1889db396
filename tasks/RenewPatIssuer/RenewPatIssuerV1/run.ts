import type { Effects } from '#agent/effects';
import { redeemRefreshToken, verifyRotatedToken } from './redeem-refresh-token.js';
import { RefreshTokenUser } from '../../common/connection-sign-in.js';
import { tellNothingToRenew, tellSame, tellWritten, warnOfAge, warnOfJobToken } from './report.js';
import { holdsNoRefreshToken, readRenewRequest } from './request.js';
import { keepingPreviousToken } from './keep-previous-token.js';

/** The story of a renewal: redeem the refresh token, prove the newer one, write it back. */
export async function renewPatIssuer(effects: Effects): Promise<undefined> {
  const { agent, http } = effects;
  if (holdsNoRefreshToken(agent)) {
    tellNothingToRenew(effects);
    return undefined;
  }
  const request = readRenewRequest(agent);
  if (request.writeAs === 'jobToken') warnOfJobToken(effects);
  // One for both redemptions: where the application proves itself by an OIDC token, that serves both.
  const user = new RefreshTokenUser(request.signIn, agent, http);
  const redeemed = await redeemRefreshToken(request.signIn.entra, user, effects);
  await keepingPreviousToken(request, redeemed.accessToken, effects, async connection => {
    warnOfAge(connection, effects);
    if (redeemed.isSame) {
      tellSame(connection, effects);
      return;
    }
    await verifyRotatedToken(redeemed, user, effects);
    await connection.writeBack(redeemed.newer.value);
    tellWritten(connection, redeemed, effects);
  });
  return undefined;
}
