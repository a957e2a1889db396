import type { Effects } from '#agent/effects';
import { proveNewer, redeemStored } from './redeem-stored.js';
import { tellSame, tellWritten, warnOfAge, warnOfJobToken } from './report.js';
import { readRenewRequest } from './request.js';
import { sparingTheOld } from './spare-the-old.js';

/** The story of a renewal: redeem the refresh token, prove the newer one, write it back. */
export async function renewPatIssuer(effects: Effects): Promise<undefined> {
  const request = readRenewRequest(effects.agent);
  if (request.writeAs === 'jobToken') warnOfJobToken(effects);
  const redeemed = await redeemStored(request.issuer.entra, effects);
  await sparingTheOld(request, redeemed, effects, async connection => {
    warnOfAge(connection, effects);
    if (redeemed.isSame) {
      tellSame(connection, effects);
      return;
    }
    await proveNewer(request.issuer.entra, redeemed, effects);
    await connection.writeBack(redeemed.newer.value);
    tellWritten(connection, redeemed, effects);
  });
  return undefined;
}
