import type { Effects } from '#agent/effects';
import { verifyRotatedToken, redeemRefreshToken } from './redeem-refresh-token.js';
import { tellSame, tellWritten, warnOfAge, warnOfJobToken } from './report.js';
import { readRenewRequest } from './request.js';
import { keepingPreviousToken } from './keep-previous-token.js';

/** The story of a renewal: redeem the refresh token, prove the newer one, write it back. */
export async function renewPatIssuer(effects: Effects): Promise<undefined> {
  const request = readRenewRequest(effects.agent);
  if (request.writeAs === 'jobToken') warnOfJobToken(effects);
  const redeemed = await redeemRefreshToken(request.issuer.entra, effects);
  await keepingPreviousToken(request, redeemed, effects, async connection => {
    warnOfAge(connection, effects);
    if (redeemed.isSame) {
      tellSame(connection, effects);
      return;
    }
    await verifyRotatedToken(request.issuer.entra, redeemed, effects);
    await connection.writeBack(redeemed.newer.value);
    tellWritten(connection, redeemed, effects);
  });
  return undefined;
}
