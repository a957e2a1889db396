import { parentPort, workerData } from 'node:worker_threads';
import { liveShare, type Share } from './lives.js';

/** How often the crew hears of a worker. */
const TOLD_EVERY = 50;

// Only the crew starts this, with a share of its own.
const share = workerData as Share;
const end = await liveShare(share, over => {
  if (over % TOLD_EVERY === 0) parentPort?.postMessage({ over: TOLD_EVERY });
});
parentPort?.postMessage({ end });
