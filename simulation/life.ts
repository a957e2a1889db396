import { Actors } from './actors.js';
import { Cloud, HOME, ORGANIZATIONS } from './cloud.js';
import { Invariants } from './invariants.js';
import { QUIET, type LifePlan } from './plan.js';
import type { Tally } from './tally.js';
import { World, type Violation } from './world.js';

export interface LifeEnd {
  readonly violations: readonly Violation[];
  readonly story: readonly string[];
  readonly tally: Tally;
  /** The same for the same plan, on every machine. */
  fingerprint(): string;
}

const MINUTE = 60_000;
/** Late requests have arrived, and nothing is young any more. */
const AFTERWARDS = 20 * MINUTE;

const QUIET_ROTATION = { writeAs: 'jobToken', force: false, thenQueue: false, stage: QUIET } as const;

/** Lives one life. @param told whether its story is kept */
export async function live(plan: LifePlan, told = false): Promise<LifeEnd> {
  const seed = [plan.seed, plan.story, plan.number];
  const world = new World(seed, ORGANIZATIONS, told);
  const cloud = new Cloud(world, plan);
  const invariants = new Invariants(cloud);
  const actors = new Actors(cloud, invariants, seed);
  try {
    await world.time.during(everything(plan, cloud, invariants, actors));
  } catch (error) {
    world.violated(
      error instanceof Error ? `the life broke off: ${error.stack ?? error.message}` : String(error),
    );
  }
  world.tally.count('lives');
  const { violations, story, tally } = world;
  return { violations, story, tally, fingerprint: () => fingerprintOf(world) };
}

function fingerprintOf({ time, services, tally }: World): string {
  const pats = services.pats.list().map(({ displayName, state }) => `${displayName} ${state}`);
  return JSON.stringify([time.now, pats, tally.entries]);
}

async function everything(
  plan: LifePlan,
  cloud: Cloud,
  invariants: Invariants,
  actors: Actors,
): Promise<void> {
  const { world } = cloud;
  if (plan.tokensDieAt !== undefined) {
    world.time.after(plan.tokensDieAt, () => {
      world.tell('Entra', 'no access token is accepted any more');
      world.services.directory.accessTokens.clear();
    });
  }
  await Promise.all(plan.actors.map((actor, index) => actors.run(actor, index)));
  await world.time.wait(AFTERWARDS);

  for (const [index, entry] of cloud.entries.entries()) {
    const used = plan.actors.some(
      actor => actor.kind === 'rotation' && actor.entry % cloud.entries.length === index,
    );
    // A quiet run puts right what others left; where all is right, it would only take time.
    if (!used || invariants.generationFault(entry) === undefined) continue;
    world.tally.count('quiet rotations');
    await actors.rotate(index, QUIET_ROTATION, `quiet rotation ${index}`);
    invariants.checkGenerations(entry);
  }
  if (cloud.jobs.every(job => invariants.living(job).length === 0)) return;
  await actors.reap(QUIET, 'quiet reaper', 'issuer');
  // PATs of an agent's user are nobody else's business.
  if (plan.actors.some(actor => actor.kind === 'job' && actor.signIn === 'agentUser'))
    await actors.reap(QUIET, 'quiet reaper of the agent', 'issuer', 'agentUser');
  for (const job of cloud.jobs) {
    for (const pat of invariants.living(job)) {
      const young = world.time.now - pat.issuedAt.getTime() < AFTERWARDS;
      if (!young)
        world.violated(
          `after a quiet reaper PAT "${pat.displayName}" lives in ${pat.organization.name || HOME}`,
        );
    }
  }
}
