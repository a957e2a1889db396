import { Worker } from 'node:worker_threads';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorker, type Bug } from './bundle.js';
import type { FailedLife, Share, SharesEnd } from './lives.js';
import type { Story } from './plan.js';
import { Tally } from './tally.js';
import type { Message } from './worker.js';

export interface Lives {
  readonly story: Story;
  readonly seed: string;
  readonly lives: number;
  readonly twice?: boolean;
}

export interface LivesEnd {
  readonly tally: Tally;
  readonly failed: readonly FailedLife[];
}

/** Hears of lives while they are lived. */
export interface CrewListener {
  readonly over?: (lives: number) => void;
  readonly failed?: (life: FailedLife) => void;
}

/** Megabytes. Hardly anything of a life outlives it: the more room, the less is moved about. */
const YOUNG_GENERATION = 32;

/** Workers that live lives, of one product: they get faster the longer they live. */
export class Crew {
  /** Not 0: no life is begun any more. */
  readonly #stopped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  private constructor(
    private readonly workers: readonly Worker[],
    private readonly untilFirst: boolean,
  ) {}

  /** @param bug simulates a product that has it, until a life shows it */
  static async hire(workers: number, bug?: Bug): Promise<Crew> {
    const folder = await mkdtemp(join(tmpdir(), 'job-pat-simulation-'));
    try {
      const program = join(folder, 'worker.mjs');
      await bundleWorker(program, bug);
      const hired = await Promise.all(Array.from({ length: workers }, () => started(program)));
      return new Crew(hired, bug !== undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Lives many lives, shared by the workers. Which lives there are depends on the seed and their number alone.
   */
  async live(lives: Lives, listener: CrewListener = {}): Promise<LivesEnd> {
    const { untilFirst, workers } = this;
    const all = { twice: false, ...lives, untilFirst, stopped: this.#stopped };
    const ends = await Promise.all(
      workers.map((worker, first) => work(worker, { ...all, first, step: workers.length }, listener)),
    );
    const tally = new Tally();
    for (const end of ends) tally.add(Tally.of(end.tally));
    const failed = ends.flatMap(end => end.failed).sort((a, b) => a.number - b.number);
    return { tally, failed };
  }

  /** No life is begun any more: `live` resolves with those that were lived. */
  stop(): void {
    Atomics.store(this.#stopped, 0, 1);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.workers.map(worker => worker.terminate()));
  }
}

/** Resolves when the worker has read its program. */
function started(program: string): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION } });
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      resolve(worker);
    });
  });
}

function work(worker: Worker, share: Share, listener: CrewListener): Promise<SharesEnd> {
  return new Promise((resolve, reject) => {
    const ended = (code: number) => {
      over(() => {
        reject(new Error(`A worker ended with ${code} before its lives were over.`));
      });
    };
    const hears = (message: Message) => {
      switch (message.kind) {
        case 'ready':
          return;
        case 'over':
          listener.over?.(message.lives);
          return;
        case 'failed':
          listener.failed?.(message.life);
          return;
        case 'end':
          over(() => {
            resolve(message.end);
          });
      }
    };
    const over = (how: () => void) => {
      worker.off('message', hears).off('error', reject).off('exit', ended);
      how();
    };
    worker.on('message', hears).once('error', reject).once('exit', ended);
    worker.postMessage(share);
  });
}
