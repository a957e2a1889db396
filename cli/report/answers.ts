import type { RedactedExchange } from '#http/redacted-exchange';
import type { AssumptionId } from './assumptions.js';

/** Whether an assumption holds; `open` where the answer does not decide it, or nobody could ask. */
export type Verdict = 'holds' | 'otherwise' | 'open';

/** What became of one question. */
export interface Answer {
  readonly id: AssumptionId;
  readonly verdict: Verdict;
  /** In words of ours: it ends in a file for others. */
  readonly because: string;
  readonly exchanges: readonly RedactedExchange[];
}

/** What an answer says by itself. */
export type Finding = Pick<Answer, 'verdict' | 'because'>;

export const holds = (because: string): Finding => ({ verdict: 'holds', because });
export const otherwise = (because: string): Finding => ({ verdict: 'otherwise', because });
export const open = (because: string): Finding => ({ verdict: 'open', because });
