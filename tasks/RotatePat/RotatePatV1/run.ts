import { patienceFor, type Effects } from '#agent/effects';
import type { Outcome } from '../../common/run-task.js';
import { openSession } from '../../common/sign-in.js';
import { pacedHttp } from '#http/paced-http';
import type { StoreSignIn } from '../../common/stores/store-sign-in.js';
import { withStoreSignIn } from '../../common/stores/write-as.js';
import { report } from './report.js';
import { readRotationRequest, SIGN_IN_BUDGET } from './request.js';
import { rotateAll } from './rotate-all.js';
import { readStandings } from './standing.js';
import { openStores } from './stores.js';

/** The story of a rotation: see how every store stands, then rotate what is due. */
export async function rotatePats(unpaced: Effects): Promise<Outcome | undefined> {
  const effects = { ...unpaced, http: pacedHttp(unpaced.http, unpaced.clock, unpaced.agent) };
  const { agent, http } = effects;
  const request = await readRotationRequest(agent);
  const { token } = await openSession(request.issuer, agent, http, patienceFor(effects, SIGN_IN_BUDGET));
  const { writeAs, writeScopes, storeOrganization, whatIf } = request;
  const rotate = async (signIn: StoreSignIn) => {
    const stores = openStores(request, signIn, effects);
    const standings = await readStandings(stores, request, token, effects);
    const results = await rotateAll(standings, request, token, effects);
    return report(results, request, effects);
  };
  return withStoreSignIn(writeAs, writeScopes, storeOrganization, token, effects, rotate, { whatIf });
}
