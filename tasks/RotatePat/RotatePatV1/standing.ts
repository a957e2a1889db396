import pLimit from 'p-limit';
import { patienceFor, type Effects } from '../../common/agent/effects.js';
import { MOST_IN_FLIGHT } from '../../common/http/paced-http.js';
import { lineage, lineageOf, rotatedNameOf } from '../../common/pats/generations.js';
import { patApi, type ListedPat } from '../../common/pats/pats.js';
import { storeMark } from '../../common/stores/store.js';
import { asFailure, type Failure } from '../../common/text/failure.js';
import { MINUTE } from '../../common/text/lifetime.js';
import type { RotationEntry } from './entry.js';
import type { RotationRequest } from './request.js';
import type { OpenStore } from './stores.js';

/** An entry, and what the service and its store say of it. */
export interface Standing extends OpenStore {
  readonly entry: RotationEntry;
  /** What all generations of this PAT in this store have in common. */
  readonly lineage: string;
  /** The authorization id that the store names. */
  readonly recordedId: string | undefined;
  /** Whether the store names none, and holds something. */
  readonly isForeign: boolean;
  /** The PAT of that id, when it is alive. */
  readonly current: ListedPat | undefined;
  /** All generations that are alive. */
  readonly generations: readonly ListedPat[];
}

/** An entry whose store could not be read. */
export interface Unread extends OpenStore {
  readonly entry: RotationEntry;
  readonly failure: Failure;
}

type Read = Unread | (OpenStore & Pick<Standing, 'entry' | 'lineage' | 'recordedId' | 'isForeign'>);

const STORE_BUDGET = MINUTE;
const LIST_BUDGET = 10 * MINUTE;

/**
 * One read of each store, and one list of the user's PATs for all of them.
 * @throws Failure when the list cannot be read
 */
export async function readStandings(
  stores: readonly OpenStore[],
  request: RotationRequest,
  accessToken: string,
  effects: Effects,
): Promise<(Standing | Unread)[]> {
  const read = await readStores(stores, request.entries, effects);
  const ids = new Set(read.flatMap(one => ('recordedId' in one ? (one.recordedId ?? []) : [])));
  const pats = await listPats(ids, request, accessToken, effects);
  const byId = new Map(pats.map(pat => [pat.authorizationId, pat]));
  const byLineage = new Map<string, ListedPat[]>();
  for (const pat of pats) {
    const lineage = lineageOf(pat.displayName);
    if (lineage === undefined) continue;
    const others = byLineage.get(lineage);
    if (others === undefined) byLineage.set(lineage, [pat]);
    else others.push(pat);
  }
  return read.map(one =>
    'failure' in one
      ? one
      : {
          ...one,
          current: one.recordedId === undefined ? undefined : byId.get(one.recordedId),
          generations: byLineage.get(one.lineage) ?? [],
        },
  );
}

async function readStores(
  stores: readonly OpenStore[],
  entries: readonly RotationEntry[],
  effects: Effects,
): Promise<Read[]> {
  const limit = pLimit(MOST_IN_FLIGHT);
  let done = 0;
  return Promise.all(
    stores.map((open, index) =>
      limit(async (): Promise<Read> => {
        const entry = entries[index];
        if (entry === undefined) throw new Error('a store without an entry');
        try {
          const holding = await open.store.look(patienceFor(effects, STORE_BUDGET));
          const { place, recorded: recordedId, isForeign } = holding;
          return { ...open, entry, lineage: lineage(entry.name, storeMark(place)), recordedId, isForeign };
        } catch (error) {
          return { ...open, entry, failure: asFailure(error) };
        } finally {
          done += 1;
          if (done % 10 === 0) effects.agent.progress((20 * done) / entries.length, 'Reading the stores');
        }
      }),
    ),
  );
}

/**
 * The generations of the names asked about, and what the stores name. A list of several pages can skip a PAT while
 * others come and go: when one that a store names is missing, it is read once more before it counts as dead.
 */
async function listPats(
  ids: ReadonlySet<string>,
  { entries, organization }: RotationRequest,
  accessToken: string,
  effects: Effects,
): Promise<ListedPat[]> {
  const names = new Set(entries.map(({ name }) => name));
  const keep = (pat: ListedPat) =>
    ids.has(pat.authorizationId) || names.has(rotatedNameOf(pat.displayName) ?? '');
  const api = patApi(effects.http, () => effects.clock.now(), organization, accessToken);
  const patience = patienceFor(effects, LIST_BUDGET);
  const { pats, pages } = await api.readList(keep, patience);
  const isComplete = [...ids].every(id => pats.some(pat => pat.authorizationId === id));
  if (pages === 1 || isComplete) return pats;
  const again = await api.listActive(keep, patience);
  return [...new Map([...pats, ...again].map(pat => [pat.authorizationId, pat])).values()];
}
