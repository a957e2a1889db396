import type { Effects } from '#agent/effects';
import type { TaskOutcome } from '../tasks/common/run-task.js';
import { asFailure } from '#advice/failure';
import { SimulatedAgent, type Handed, type StepOfJob } from './agent.js';
import type { Process } from './process.js';
import type { World } from './world.js';

export interface StageEnd {
  readonly result: TaskOutcome['result'] | 'killed';
  readonly message: string;
  readonly handed: Handed;
  /** Milliseconds. */
  readonly took: number;
}

/** In flight at once, over the whole step (facts: rate limits). */
const MOST_IN_FLIGHT = 8;

/**
 * Runs one stage of a step: the real story, as the agent would start it.
 *
 * @param longest what all its budgets may add up to; milliseconds
 */
export async function runStage(
  world: World,
  process: Process,
  step: StepOfJob,
  story: (effects: Effects) => Promise<TaskOutcome | undefined>,
  longest: number,
): Promise<StageEnd> {
  const agent = new SimulatedAgent(world, process, step);
  const began = world.time.now;
  world.tell(process.name, 'starts');
  const outcome = await Promise.race([
    ended(world, process, story, process.effects(agent)),
    process.killed.then(() => undefined),
  ]);
  const took = world.time.now - began;
  world.tally.count(`ended: ${outcome?.result ?? 'killed'}`);
  world.tell(process.name, `ends: ${outcome?.result ?? 'killed'} ${outcome?.message ?? ''}`);
  if (took > longest)
    world.violated(
      `${process.name} takes ${Math.round(took / 1000)} s, of ${Math.round(longest / 1000)} s at most`,
    );
  if (process.mostInFlight > MOST_IN_FLIGHT)
    world.violated(`${process.name} has ${process.mostInFlight} requests in flight`);
  if (outcome === undefined) return { result: 'killed', message: '', handed: agent.handed, took };
  const shown = world.shownIn(outcome.message);
  if (shown !== undefined) world.violated(`${process.name} shows ${shown} in its result`);
  process.ended();
  return { ...outcome, handed: agent.handed, took };
}

/** As `runTask` ends a story. */
async function ended(
  world: World,
  process: Process,
  story: (effects: Effects) => Promise<TaskOutcome | undefined>,
  effects: Effects,
): Promise<TaskOutcome> {
  try {
    return (await story(effects)) ?? { result: 'Succeeded', message: '' };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'unexpected')
      world.violated(
        `${process.name} fails as nobody foresaw: ${error instanceof Error ? (error.stack ?? error.message) : failure.message}`,
      );
    return { result: 'Failed', message: `${failure.message} [${failure.topic}]` };
  }
}
