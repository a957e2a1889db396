import { build, type Plugin } from 'esbuild';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { root } from '../scripts/paths.js';
import type { FailedLife, Share, SharesEnd } from './lives.js';
import type { Story } from './plan.js';
import { Tally } from './tally.js';

/** A line of the product as it was before it was mended. */
export interface Bug {
  /** From the root of the project on. */
  readonly file: string;
  readonly right: string | RegExp;
  readonly wrong: string;
}

export interface Lives {
  readonly story: Story;
  readonly seed: string;
  readonly lives: number;
  readonly workers: number;
  /** Simulates a product that has this bug, until a life shows it. */
  readonly bug?: Bug;
}

export interface LivesEnd {
  readonly tally: Tally;
  readonly failed: readonly FailedLife[];
}

/**
 * Lives many lives, shared by workers. Which lives there are depends on the seed and their number alone.
 *
 * @param told hears how many lives are over
 */
export async function liveAll(
  { story, seed, lives, workers, bug }: Lives,
  told: (over: number) => void = () => undefined,
): Promise<LivesEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-simulation-'));
  try {
    const program = join(folder, 'worker.mjs');
    await bundle(program, bug);
    let over = 0;
    const ends = await Promise.all(
      Array.from({ length: workers }, (_, first) =>
        work(program, { story, seed, first, step: workers, lives, untilFirst: bug !== undefined }, more => {
          over += more;
          told(over);
        }),
      ),
    );
    const tally = new Tally();
    for (const end of ends) tally.add(end.tally);
    const failed = ends.flatMap(end => end.failed).sort((a, b) => a.number - b.number);
    return { tally, failed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One file: modules that are loaded on demand are loaded at once, so that nothing waits for anything but virtual time. */
async function bundle(outfile: string, bug: Bug | undefined): Promise<void> {
  await build({
    entryPoints: [join(root, 'simulation', 'worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
    plugins: bug === undefined ? [] : [puttingBack(bug)],
  });
}

/** @throws Error when the file does not have the line any more: then the bug has to be told anew */
function puttingBack({ file, right, wrong }: Bug): Plugin {
  return {
    name: 'bug',
    setup(builder) {
      const path = join(root, file);
      builder.onLoad({ filter: /\.ts$/ }, async args => {
        if (args.path !== path) return undefined;
        const source = await readFile(path, 'utf8');
        const changed = source.replace(right, wrong);
        if (changed === source) throw new Error(`${file} has no ${String(right)}.`);
        return { contents: changed, loader: 'ts' };
      });
    },
  };
}

interface Message {
  readonly over?: number;
  readonly end?: SharesEnd;
}

function work(program: string, share: Share, told: (over: number) => void): Promise<SharesEnd> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { workerData: share });
    worker.on('message', (message: Message) => {
      if (message.over !== undefined) told(message.over);
      if (message.end !== undefined) resolve(message.end);
    });
    worker.once('error', reject);
    worker.once('exit', code => {
      reject(new Error(`A worker ended with ${code} before its lives were over.`));
    });
  });
}
