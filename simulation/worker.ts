import { parentPort } from 'node:worker_threads';
import { liveShare, type Share } from './lives.js';

/** How often the crew hears of a worker. */
const TOLD_EVERY = 50;

// Most failures are foreseen; lives.ts notes where those come from that it tells.
Error.stackTraceLimit = 0;

// Only the crew starts this, and sends shares, one after the other.
parentPort?.on('message', (share: Share) => {
  void liveShare(share, over => {
    if (over % TOLD_EVERY === 0) parentPort?.postMessage({ over: TOLD_EVERY });
  }).then(end => parentPort?.postMessage({ end }));
});
parentPort?.postMessage({ ready: true });
