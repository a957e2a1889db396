import { live, type LifeEnd } from './life.js';
import { planOf, type LifePlan, type Story } from './plan.js';
import { shrunk } from './shrink.js';
import { Tally } from './tally.js';

/** Some lives of a seed: every `step`th from `first` on. */
export interface Share {
  readonly story: Story;
  readonly seed: string;
  readonly first: number;
  readonly step: number;
  readonly lives: number;
  /** Ends with the first life that breaks an invariant. */
  readonly untilFirst: boolean;
  /** Lives each life again, and told: it has to be the same. */
  readonly twice: boolean;
  /** Shared with whoever may end this: not 0 ends it after the life that is being lived. */
  readonly stopped: Int32Array;
}

/** Hears of lives while they are lived. */
export interface Listener {
  /** After each one. */
  over(): void;
  failed(life: FailedLife): void;
}

/** A life that broke an invariant, and the smallest one that still does. */
export interface FailedLife {
  readonly number: number;
  readonly violations: readonly string[];
  readonly smallest: LifePlan;
  readonly story: readonly string[];
}

export interface SharesEnd {
  readonly tally: readonly [string, number][];
  readonly failed: readonly FailedLife[];
}

/** So many failures are told; more of them seldom say more. */
const MOST_FAILURES = 5;

/** Lives a share of the lives, in order. */
export async function liveShare(share: Share, listener: Listener): Promise<SharesEnd> {
  const tally = new Tally();
  const failed: FailedLife[] = [];
  for (let number = share.first; number < share.lives; number += share.step) {
    if (Atomics.load(share.stopped, 0) !== 0) break;
    const plan = planOf(share.story, share.seed, number);
    const end = await live(plan);
    tally.add(end.tally);
    if (share.twice && (await live(plan, true)).fingerprint() !== end.fingerprint())
      tally.count('lives that were others the second time');
    if (end.violations.length > 0) {
      tally.count('lives that broke an invariant');
      if (failed.length < MOST_FAILURES) {
        const life = await smallestOf(plan, end);
        failed.push(life);
        listener.failed(life);
      }
    }
    listener.over();
    if (share.untilFirst && failed.length > 0) break;
  }
  return { tally: tally.entries, failed };
}

/** Shrinks a life to the smallest that breaks one of the same invariants. */
async function smallestOf(plan: LifePlan, { violations }: LifeEnd): Promise<FailedLife> {
  const kinds = new Set(violations.map(({ text }) => kindOf(text)));
  const smallest = await shrunk(plan, async smaller =>
    (await live(smaller)).violations.some(({ text }) => kinds.has(kindOf(text))),
  );
  const { story } = await withTraces(() => live(smallest, true));
  return { number: plan.number, violations: violations.map(({ text }) => text), smallest, story };
}

/** Where an error comes from is costly to note, and only of use where it is told. */
async function withTraces<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 10;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A violation without the names and numbers in it. */
function kindOf(text: string): string {
  return text.replace(/"[^"]*"|\d+/g, '');
}
