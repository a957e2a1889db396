import { parentPort } from 'node:worker_threads';
import { sealCheaply } from './cheap-seals.js';
import { liveShare, type FailedLife, type Share, type SharesEnd } from './lives.js';

/** What the crew hears of a worker. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'over'; readonly lives: number }
  | { readonly kind: 'failed'; readonly life: FailedLife }
  | { readonly kind: 'end'; readonly end: SharesEnd };

/** How often the crew hears how many lives are over. */
const TOLD_EVERY = 50;

// Most failures are foreseen; lives.ts notes where those come from that it tells.
Error.stackTraceLimit = 0;
sealCheaply();

// Only the crew starts this, and sends shares, one after the other.
parentPort?.on('message', (share: Share) => {
  let over = 0;
  const listener = {
    over: () => {
      over += 1;
      if (over % TOLD_EVERY === 0) tell({ kind: 'over', lives: TOLD_EVERY });
    },
    failed: (life: FailedLife) => {
      tell({ kind: 'failed', life });
    },
  };
  void liveShare(share, listener).then(end => {
    tell({ kind: 'end', end });
  });
});
tell({ kind: 'ready' });

function tell(message: Message): void {
  parentPort?.postMessage(message);
}
