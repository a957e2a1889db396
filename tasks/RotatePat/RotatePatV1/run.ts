import { ROTATION } from '#agent/budgets';
import { paced, retryFor, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { openSession } from '../../common/sign-in.js';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { withStoreIdentity } from '../../common/stores/write-as.js';
import { report } from './report.js';
import { readRotationRequest } from './request.js';
import { rotateEntry } from './rotate.js';
import { rotateAll } from './rotate-all.js';
import { readRotationStates } from './rotation-state.js';
import { thenQueue } from './then-queue.js';
import { openStores } from './stores.js';

const MOST_AHEAD = 5;

/** The story of a rotation: see how every store stands, rotate what is due, then start what has to know. */
export async function rotatePats(unpaced: Effects): Promise<TaskOutcome | undefined> {
  const effects = paced(unpaced);
  const { agent, http } = effects;
  const request = await readRotationRequest(agent);
  const session = openSession(request.issuer, agent, http, retryFor(effects, ROTATION.signIn));
  // Every store is read first, and the list of PATs: the ways there are opened while the sign-in is under way.
  unpaced.http.dial?.({ url: request.storeOrganization.url }, Math.min(request.entries.length, MOST_AHEAD));
  unpaced.http.dial?.({ url: request.organization.tokensUrl });
  const { token } = await session;
  const pats = new UserPats(bearer('issuing-user', token), effects);
  const { writeAs, writeScopes, storeOrganization, whatIf } = request;
  const rotate = async (signIn: StoreIdentity) => {
    const stores = openStores(request, signIn, effects);
    const states = await readRotationStates(stores, request, pats.in(request.organization), effects);
    const results = await rotateAll(states, state => rotateEntry(state, request, pats, effects), agent);
    return thenQueue(results, report(results, request, effects), request, effects);
  };
  return withStoreIdentity(writeAs, writeScopes, storeOrganization, pats, effects, rotate, { whatIf });
}
