import { endWithJob } from '../tasks/IssuePat/IssuePatV1/after-job.js';
import { issuePat } from '../tasks/IssuePat/IssuePatV1/run.js';
import { Cloud, ORGANIZATIONS } from './cloud.js';
import { Consumption } from './consumption.js';
import { QUIET } from './plan.js';
import { Process } from './process.js';
import { runStage } from './stage.js';
import { World } from './world.js';

/** How one issuing user is used. */
export interface Load {
  readonly jobsPerMinute: number;
  /** Units that one request costs; nobody publishes it. */
  readonly cost: number;
}

/** What became of the jobs of a quarter of an hour. */
export interface Served {
  readonly jobs: number;
  /** Jobs that got their PAT, and whose post-job step ended it. */
  readonly issued: number;
  readonly revoked: number;
  /** Milliseconds that the issuing step took, of those that got their PAT. */
  readonly median: number;
  readonly slowest: number;
}

const MINUTE = 60_000;
const BUDGET = 200;
const DURATION = 15 * MINUTE;
/** A job works so long between its two steps. */
const WORKS = 3 * MINUTE;
const LONGEST = 60 * MINUTE;

/** Lets jobs come evenly spread by chance, as many as are asked for, all as one issuing user. */
export async function serve({ jobsPerMinute, cost }: Load): Promise<Served> {
  const seed = ['capacity', jobsPerMinute, cost];
  const world = new World(seed, ORGANIZATIONS, false);
  const plan = {
    story: 'issue',
    seed: 'capacity',
    number: 0,
    foreignPats: 0,
    tokensDieAt: undefined,
  } as const;
  const cloud = new Cloud(world, { ...plan, stores: [], actors: [] });
  world.consumption = new Consumption(BUDGET, cost);
  const jobs = Math.round((jobsPerMinute * DURATION) / MINUTE);
  const took: number[] = [];
  let revoked = 0;

  const job = async (index: number) => {
    await world.time.wait(world.random.fraction() * DURATION);
    const running = cloud.startJob();
    const step = cloud.step('IssuePat', { scopes: 'vso.code' }, running);
    const main = new Process(world, `main ${index}`, QUIET, seed);
    const end = await runStage(world, main, step, issuePat, LONGEST);
    if (end.result === 'Succeeded') {
      took.push(end.took);
      await world.time.wait(WORKS);
    }
    const post = new Process(world, `post ${index}`, QUIET, seed);
    const after = await runStage(world, post, step, endWithJob, LONGEST);
    if (end.result === 'Succeeded' && after.result === 'Succeeded') revoked += 1;
    cloud.endJob(running);
  };
  await world.time.during(Promise.all(Array.from({ length: jobs }, (_, index) => job(index))));
  took.sort((a, b) => a - b);
  return {
    jobs,
    issued: took.length,
    revoked,
    median: took[Math.floor(took.length / 2)] ?? 0,
    slowest: took.at(-1) ?? 0,
  };
}

/** Jobs a minute that one issuing user's budget is enough for: three requests each (create, verify, revoke). */
export function enoughFor(cost: number): number {
  return Math.floor(BUDGET / 5 / (3 * cost));
}
