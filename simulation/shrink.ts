import { type ActorPlan, type LifePlan, QUIET } from './plan.js';
import type { StagePlan } from './sender.js';

/**
 * The smallest plan that still fails: fewer actors, fewer faults, an earlier end, no other clock, one thing at a time
 * until nothing can be taken away any more.
 */
export async function shrunk(plan: LifePlan, fails: (plan: LifePlan) => Promise<boolean>): Promise<LifePlan> {
  let smallest = plan;
  for (let again = true; again;) {
    again = false;
    for (const smaller of smallerPlans(smallest)) {
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      again = true;
      break;
    }
  }
  return smallest;
}

function* smallerPlans(plan: LifePlan): Generator<LifePlan> {
  for (const index of plan.actors.keys()) {
    if (plan.actors.length > 1) yield { ...plan, actors: plan.actors.filter((_, at) => at !== index) };
  }
  if (plan.foreignPats > 0) yield { ...plan, foreignPats: 0 };
  if (plan.tokensDieAt !== undefined) yield { ...plan, tokensDieAt: undefined };
  for (const [index, actor] of plan.actors.entries()) {
    for (const smaller of smallerActors(actor)) {
      yield { ...plan, actors: plan.actors.map((other, at) => (at === index ? smaller : other)) };
    }
  }
}

function* smallerActors(actor: ActorPlan): Generator<ActorPlan> {
  switch (actor.kind) {
    case 'edit':
      return;
    case 'job':
      if (actor.organizations > 1) yield { ...actor, organizations: 1 };
      if (actor.signIn !== 'connection') yield { ...actor, signIn: 'connection' };
      if (actor.container) yield { ...actor, container: false };
      if (actor.agentDies) yield { ...actor, agentDies: false };
      if (actor.main.length > 1) yield { ...actor, main: actor.main.slice(0, 1) };
      if (actor.works > 0) yield { ...actor, works: 0 };
      for (const [index, stage] of actor.main.entries()) {
        for (const smaller of smallerStages(stage)) {
          yield { ...actor, main: actor.main.map((other, at) => (at === index ? smaller : other)) };
        }
      }
      for (const post of smallerStages(actor.post)) yield { ...actor, post };
      return;
    case 'reaper':
    case 'audit':
      if (actor.as !== 'issuer') yield { ...actor, as: 'issuer' };
      for (const stage of smallerStages(actor.stage)) yield { ...actor, stage };
      return;
    case 'revocation':
    case 'rotation':
    case 'renewal':
      for (const stage of smallerStages(actor.stage)) yield { ...actor, stage };
      return;
  }
}

function* smallerStages(stage: StagePlan): Generator<StagePlan> {
  const { faults, stop, clock } = stage;
  if (faults.length > 0 || stop !== undefined || clock !== 0) yield QUIET;
  for (const index of faults.keys()) yield { ...stage, faults: faults.filter((_, at) => at !== index) };
  if (stop !== undefined) {
    yield { ...stage, stop: undefined };
    if (stop.call > 0) yield { ...stage, stop: { ...stop, call: Math.floor(stop.call / 2) } };
    if (stop.call > 0) yield { ...stage, stop: { ...stop, call: stop.call - 1 } };
    if (stop.how === 'cancel') yield { ...stage, stop: { ...stop, how: 'kill' } };
  }
  if (clock !== 0) yield { ...stage, clock: 0 };
}
