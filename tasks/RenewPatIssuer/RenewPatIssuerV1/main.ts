import { runTask } from '../../common/agent/run-task.js';
import { proveNewer, redeemStored } from './redeem-stored.js';
import { tellSame, tellWritten, warnOfAge } from './report.js';
import { readRenewRequest } from './request.js';
import { sparingTheOld } from './spare-the-old.js';

void runTask('RenewPatIssuer', async effects => {
  const request = readRenewRequest(effects.agent);
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
});
