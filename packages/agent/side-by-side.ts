import pLimit from 'p-limit';
import { asFailure, type Failure } from '#advice/failure';
import type { RedactingEffects, RedactingLogger } from './effects.js';

/** So many organizations of a step are worked on at once, each with one request in flight. */
export const MOST_SIDE_BY_SIDE = 10;

/**
 * Does the same work for each item, side by side. What each has to say is said in the order of the items: that of the first
 * at once, that of the next ones when its turn comes. Secrets are masked at once.
 *
 * @returns in that order, what each came to
 */
export function settleSideBySide<T, R>(
  items: readonly T[],
  effects: RedactingEffects,
  work: (item: T, effects: RedactingEffects) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const limit = pLimit(MOST_SIDE_BY_SIDE);
  const turns = new Turns();
  return Promise.allSettled(
    items.map((item, index) =>
      limit(async () => {
        const agent = turns.logger(effects.agent, index);
        try {
          return await work(item, { ...effects, agent });
        } finally {
          turns.over(index);
        }
      }),
    ),
  );
}

/**
 * The same where all have to succeed: after a failure none begins, and those under way are waited for, so that everything
 * which was made is known. `mustGoOn`, which each of them asks now and then, ends them sooner.
 *
 * @throws the Failure of the first item that failed, in their order; but `cancelled` as soon as one of them was
 */
export async function allSideBySide<T, R>(
  items: readonly T[],
  effects: RedactingEffects,
  work: (item: T, effects: RedactingEffects, mustGoOn: () => void) => Promise<R>,
): Promise<R[]> {
  let failed: Failure | undefined;
  const mustGoOn = () => {
    if (failed !== undefined) throw failed;
  };
  const results = await settleSideBySide(items, effects, async (item, own) => {
    try {
      mustGoOn();
      return await work(item, own, mustGoOn);
    } catch (error) {
      failed ??= asFailure(error);
      throw error;
    }
  });
  const failures = results.flatMap(result =>
    result.status === 'rejected' ? [asFailure(result.reason)] : [],
  );
  const first = failures.find(({ topic }) => topic === 'cancelled') ?? failures[0];
  if (first !== undefined) throw first;
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Who may speak: the first whose work is not over. The others' words wait. */
class Turns {
  #current = 0;
  readonly #over = new Set<number>();
  readonly #words = new Map<number, (() => void)[]>();

  logger(log: RedactingLogger, index: number): RedactingLogger {
    const say = (word: () => void) => {
      if (index === this.#current) word();
      else this.#words.set(index, [...(this.#words.get(index) ?? []), word]);
    };
    return {
      info: text => {
        say(() => {
          log.info(text);
        });
      },
      debug: text => {
        say(() => {
          log.debug(text);
        });
      },
      warning: text => {
        say(() => {
          log.warning(text);
        });
      },
      error: text => {
        say(() => {
          log.error(text);
        });
      },
      timelineRecord: record => {
        say(() => log.timelineRecord?.(record));
      },
      mask: secret => {
        log.mask(secret);
      },
      ...(log.advice === undefined ? {} : { advice: log.advice }),
    };
  }

  over(index: number): void {
    this.#over.add(index);
    while (this.#over.has(this.#current)) {
      this.#current += 1;
      for (const word of this.#words.get(this.#current) ?? []) word();
      this.#words.delete(this.#current);
    }
  }
}
