import { CANCELLED_STAGE, ROTATION } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { waitOrGiveUp, type RetryPolicy } from '#http/retry';
import type { Generation, PatStore } from '../../common/stores/store.js';
import { asFailure, Failure } from '#advice/failure';

/** How writing a generation to its store ended, when it did not fail. */
export type Commit =
  /** The store names this generation. */
  | { readonly kind: 'recorded' }
  /**
   * The store names another one: a rotation of the same name was later, or faster. `mayArrive`: a write of this one may
   * still be carried out, and then the store holds this generation after all.
   */
  | { readonly kind: 'lost'; readonly to: string; readonly mayArrive: boolean };

export class CommitFailure extends Error {
  override readonly name = 'CommitFailure';
  constructor(
    readonly failure: Failure,
    /** False: the store may hold the generation, or may yet come to hold it, so it must not be revoked. */
    readonly mayRevoke: boolean,
  ) {
    super(failure.message, { cause: failure });
  }
}

const MOST_ATTEMPTS = 3;
const FIRST_WAIT = 1_000;
/** A request that was cut may still arrive: the store is read once more after so many milliseconds. */
const LOOK_AGAIN_AFTER = 2_000;

/** A mutex: what writes to the same group or connection goes one by one. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Writes value and record and reads the record back, which decides. When nobody knows whether a write was carried out,
 * reading tells, and writing again does no harm: it is the same value. The next in line may write once this write was
 * acknowledged, and else once it was read back.
 *
 * @param before the authorization id that the store named when the rotation was decided
 * @throws CommitFailure
 */
export async function commit(
  generation: Generation,
  before: string | undefined,
  store: PatStore,
  exclusively: Exclusively,
  effects: Effects,
): Promise<Commit> {
  /** Waiting for one's turn costs nothing of it. */
  let policy: RetryPolicy | undefined;
  const id = generation.authorizationId;
  /** A write may still arrive, or the store may hold what was written: then the generation must not be revoked. */
  const write = { mayArrive: false, mayHold: false };
  try {
    for (let attempt = 1; ; attempt++) {
      const written = await exclusively(async () => {
        const within = (policy ??= retryFor(effects, ROTATION.commit));
        const doubtful = write.mayArrive;
        write.mayArrive = write.mayHold = true;
        const failure: Failure | undefined = await failureOf(store.write(generation, within));
        if (failure === undefined || saysDone(failure)) write.mayArrive = doubtful;
        // Only a store that refused says that nothing was written; a 500 can come after the work.
        write.mayHold = failure?.topic !== 'store-refused' || write.mayArrive;
        if (failure === undefined) return { within };
        if (failure.topic === 'cancelled' || failure.topic === 'store-refused') throw failure;
        return { within, failure, named: await readBack(id, false, store, within, effects) };
      });
      const { within, failure } = written;
      const named = 'named' in written ? written.named : await readBack(id, true, store, within, effects);
      if (named === id) return { kind: 'recorded' };
      if (named !== undefined && named !== before)
        return { kind: 'lost', to: named, mayArrive: write.mayArrive };
      write.mayHold = write.mayArrive;
      const reason = failure ?? notKept(store);
      if (attempt >= MOST_ATTEMPTS) throw reason;
      policy = await waitOrGiveUp(within, reason, undefined, FIRST_WAIT * 2 ** attempt);
    }
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'cancelled' && write.mayHold && (await isRecordedNow(id, store, effects.cleanup)))
      return { kind: 'recorded' };
    throw new CommitFailure(failure, !write.mayHold);
  }
}

/**
 * The service's own answer, even one of 500, comes after the work: what it did not do will not happen any more. Not so that
 * of something in between, which gave up waiting (408, 502, 503, 504) while the write went on.
 */
function saysDone({ topic, facts }: Failure): boolean {
  return topic === 'store-refused' || (topic === 'service-unavailable' && facts.status === 500);
}

/**
 * What the store names, looked at twice unless it is this generation. A write that was acknowledged needs no proof
 * where the store cannot be read just now.
 */
async function readBack(
  id: string,
  acknowledged: boolean,
  store: PatStore,
  policy: RetryPolicy,
  { agent, clock }: Effects,
): Promise<string | undefined> {
  try {
    const named = await store.recorded(policy);
    if (named === id) return named;
    await clock.wait(LOOK_AGAIN_AFTER);
    return await store.recorded(policy);
  } catch (error) {
    const failure = asFailure(error);
    if (!acknowledged || failure.topic === 'cancelled') throw failure;
    agent.warning(`The ${store.place} took the new value but cannot be read back: ${failure.message}`);
    return id;
  }
}

async function isRecordedNow(id: string, store: PatStore, cleanup: Effects): Promise<boolean> {
  try {
    return (await store.recorded(retryFor(cleanup, CANCELLED_STAGE.readBack))) === id;
  } catch (error) {
    cleanup.agent.debug(asFailure(error).message);
    return false;
  }
}

async function failureOf(work: Promise<void>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return asFailure(error);
  }
}

function notKept(store: PatStore): Failure {
  return new Failure(
    'store-not-usable',
    `The ${store.place} took the new value, but does not name it.`,
    'Something else writes there at the same time; let one pipeline alone rotate it (an exclusive lock helps).',
  );
}
