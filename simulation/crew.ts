import { Worker } from 'node:worker_threads';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorker, type Bug } from './bundle.js';
import type { FailedLife, Share, SharesEnd } from './lives.js';
import type { Story } from './plan.js';
import { Tally } from './tally.js';

export interface Lives {
  readonly story: Story;
  readonly seed: string;
  readonly lives: number;
}

export interface LivesEnd {
  readonly tally: Tally;
  readonly failed: readonly FailedLife[];
}

/** Megabytes. Hardly anything of a life outlives it: the more room, the less is moved about. */
const YOUNG_GENERATION = 96;

/** Workers that live lives, of one product: they get faster the longer they live. */
export class Crew {
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
   *
   * @param told hears how many lives are over
   */
  async live(lives: Lives, told: (over: number) => void = () => undefined): Promise<LivesEnd> {
    let over = 0;
    const { untilFirst, workers } = this;
    const ends = await Promise.all(
      workers.map((worker, first) =>
        work(worker, { ...lives, first, step: workers.length, untilFirst }, more => {
          over += more;
          told(over);
        }),
      ),
    );
    const tally = new Tally();
    for (const end of ends) tally.add(end.tally);
    const failed = ends.flatMap(end => end.failed).sort((a, b) => a.number - b.number);
    return { tally, failed };
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.workers.map(worker => worker.terminate()));
  }
}

interface Message {
  readonly ready?: true;
  readonly over?: number;
  readonly end?: SharesEnd;
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

function work(worker: Worker, share: Share, told: (over: number) => void): Promise<SharesEnd> {
  return new Promise((resolve, reject) => {
    const ended = (code: number) => {
      over(() => {
        reject(new Error(`A worker ended with ${code} before its lives were over.`));
      });
    };
    const hears = (message: Message) => {
      if (message.over !== undefined) told(message.over);
      const { end } = message;
      if (end !== undefined)
        over(() => {
          resolve(end);
        });
    };
    const over = (how: () => void) => {
      worker.off('message', hears).off('error', reject).off('exit', ended);
      how();
    };
    worker.on('message', hears).once('error', reject).once('exit', ended);
    worker.postMessage(share);
  });
}
