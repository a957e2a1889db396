import { inParallel } from './issuing-job.js';

/**
 * Starts the work of many tests when their suite begins, a few at a time, since a job waits more than it works.
 * Each test then awaits its own part: one that fails takes no other with it.
 */
export function together<T, R>(
  cases: readonly T[],
  work: (item: T) => Promise<R>,
  width = 8,
): (item: T) => Promise<R> {
  const outcomes = new Map<T, Promise<R>>();
  before(() => {
    const settle = new Map<T, { resolve: (value: R) => void; reject: (reason: unknown) => void }>();
    for (const item of cases) {
      const outcome = new Promise<R>((resolve, reject) => settle.set(item, { resolve, reject }));
      // A test that has not begun yet will see it all the same.
      outcome.catch(() => undefined);
      outcomes.set(item, outcome);
    }
    void inParallel(cases, width, item =>
      work(item).then(
        value => settle.get(item)?.resolve(value),
        (reason: unknown) => settle.get(item)?.reject(reason),
      ),
    );
  });
  return item => outcomes.get(item) ?? Promise.reject(new Error('This case was not started.'));
}
