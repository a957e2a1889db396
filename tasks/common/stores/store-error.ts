import { underTopic, asFailure, Failure } from '#advice/failure';

/**
 * What comes before a write: when it fails, it is certain that nothing was written.
 * @throws Failure `store-refused`, `cancelled`
 */
export async function rethrowAsStoreError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = asFailure(error);
    throw failure.topic === 'cancelled' ? failure : storeError(failure);
  }
}

/** The same failure, of which it is certain that nothing was written. */
export function storeError(failure: Failure): Failure {
  return underTopic('store-refused', failure);
}

/**
 * A write was answered as if it were done, by an answer that does not show what was written: a promise, nothing, or something
 * in between that answers everything. Whether it was done is for reading the store to tell.
 */
export function notShown(place: string): Failure {
  return new Failure(
    'store-not-usable',
    `The write to the ${place} was answered as if it were done, and the answer does not show it.`,
    'Something between the agent and the store may answer in its place; check the proxy.',
  );
}
