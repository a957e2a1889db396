import { ROTATION } from '#agent/budgets';
import pLimit from 'p-limit';
import { retryFor, type Effects } from '#agent/effects';
import { inTurn } from '#http/pace';
import { lineage, lineageOf, rotatedNameOf } from '#pat/generations';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { PatApi } from '#azure-devops/pats';
import { storeMark, type Holding, type PatStore } from '../../common/stores/store.js';
import { asFailure, Failure } from '#advice/failure';
import type { Exclusively } from './commit.js';
import type { RotationEntry } from './entry.js';
import type { RotationRequest } from './request.js';

interface OpenEntry {
  readonly entry: RotationEntry;
  readonly store: PatStore;
}

/** An entry, and what the service and its store say of it. */
export interface RotationState extends OpenEntry {
  readonly exclusively: Exclusively;
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

/** An entry whose store could not be read, or is that of another one. */
export interface Unread extends OpenEntry {
  readonly failure: Failure;
}

type Read = Unread | (OpenEntry & { readonly holding: Holding });

/**
 * One read of each store, and one list of the user's PATs for all of them.
 * @throws Failure when the list cannot be read
 */
export async function readRotationStates(
  stores: readonly PatStore[],
  request: RotationRequest,
  api: PatApi,
  effects: Effects,
): Promise<(RotationState | Unread)[]> {
  const read = withoutCollisions(await readStores(stores, request.entries, effects));
  const ids = new Set(read.flatMap(one => ('holding' in one ? (one.holding.recorded ?? []) : [])));
  const pats = await listPats(ids, request, api, effects);
  const byId = new Map(pats.map(pat => [pat.authorizationId, pat]));
  const byLineage = new Map<string, ListedPat[]>();
  for (const pat of pats) {
    const lineage = lineageOf(pat.displayName);
    if (lineage === undefined) continue;
    const others = byLineage.get(lineage);
    if (others === undefined) byLineage.set(lineage, [pat]);
    else others.push(pat);
  }
  const mutexes = new Map<string, Exclusively>();
  return read.map(one => {
    if ('failure' in one) return one;
    const { entry, store, holding } = one;
    const { container, recorded: recordedId, isForeign } = holding;
    const exclusively = mutexes.get(container) ?? pLimit(1);
    mutexes.set(container, exclusively);
    const line = lineage(entry.name, storeMark(holding.place));
    return {
      entry,
      store,
      exclusively,
      lineage: line,
      recordedId,
      isForeign,
      current: recordedId === undefined ? undefined : byId.get(recordedId),
      generations: byLineage.get(line) ?? [],
    };
  });
}

/** Two entries can name one place in different words: a group by name and by id. The later one is not touched. */
function withoutCollisions(read: readonly Read[]): Read[] {
  const claimed = new Map<string, string>();
  return read.map(one => {
    if ('failure' in one) return one;
    const { entry, store, holding } = one;
    const other = holding.claims.map(claim => claimed.get(claim)).find(name => name !== undefined);
    for (const claim of holding.claims) if (!claimed.has(claim)) claimed.set(claim, entry.name);
    if (other === undefined) return one;
    const what = `The ${store.place} is the place of "${other}", or of its record, in the same plan.`;
    return {
      entry,
      store,
      failure: new Failure('store-not-usable', what, 'Give each PAT a place of its own.'),
    };
  });
}

async function readStores(
  stores: readonly PatStore[],
  entries: readonly RotationEntry[],
  effects: Effects,
): Promise<Read[]> {
  let done = 0;
  return inTurn(stores, async (store, index): Promise<Read> => {
    const entry = entries[index];
    if (entry === undefined) throw new Error('a store without an entry');
    try {
      return { entry, store, holding: await store.look(retryFor(effects, ROTATION.look)) };
    } catch (error) {
      return { entry, store, failure: asFailure(error) };
    } finally {
      done += 1;
      if (done % 10 === 0) effects.agent.progress((20 * done) / entries.length, 'Reading the stores');
    }
  });
}

/**
 * The generations of the names asked about, and what the stores name. A list of several pages can skip a PAT while
 * others come and go: when one that a store names is missing, it is read once more before it counts as dead.
 */
async function listPats(
  ids: ReadonlySet<string>,
  { entries }: RotationRequest,
  api: PatApi,
  effects: Effects,
): Promise<ListedPat[]> {
  const names = new Set(entries.map(({ name }) => name));
  const keep = (pat: ListedPat) =>
    ids.has(pat.authorizationId) || names.has(rotatedNameOf(pat.displayName) ?? '');
  const policy = retryFor(effects, ROTATION.list);
  const { pats, pages } = await api.readList(keep, policy);
  const isComplete = [...ids].every(id => pats.some(pat => pat.authorizationId === id));
  if (pages === 1 || isComplete) return pats;
  const again = await api.listActive(keep, policy);
  return [...new Map([...pats, ...again].map(pat => [pat.authorizationId, pat])).values()];
}
