import { drawFault, type PlannedFault, type Stop } from './faults.js';
import type { StagePlan } from './sender.js';
import { Random } from './random.js';

export const stories = ['issue', 'revoke', 'reap', 'rotate', 'renew', 'audit', 'mixed'] as const;
export type Story = (typeof stories)[number];

/** What a step that issues signs in with. */
export type SignIn = 'connection' | 'entraToken' | 'federation' | 'agentUser';

/** A job with a step that issues; milliseconds from the beginning of the life. */
export interface JobPlan {
  readonly kind: 'job';
  readonly at: number;
  readonly organizations: number;
  readonly signIn: SignIn;
  readonly verify: boolean;
  /** Whether a variable for `Authorization: Basic` is asked for, too. */
  readonly basic: boolean;
  readonly revoke: 'afterJob' | 'never';
  readonly onRevokeFailure: 'warn' | 'fail';
  /** One for each attempt of the step. */
  readonly main: readonly StagePlan[];
  readonly post: StagePlan;
  /** Between the two. */
  readonly works: number;
  /** The agent is lost after the main stage: no post-job step runs. */
  readonly agentDies: boolean;
  readonly container: boolean;
}

export type ActorPlan =
  | JobPlan
  | { readonly kind: 'reaper'; readonly at: number; readonly as: Actor; readonly stage: StagePlan }
  /** RevokePat of what a job that does not revoke left: by the ids of its outputs, its run, or a pattern. */
  | {
      readonly kind: 'revocation';
      readonly at: number;
      readonly by: 'ids' | 'run' | 'name';
      readonly stage: StagePlan;
    }
  | {
      readonly kind: 'rotation';
      readonly at: number;
      readonly entry: number;
      readonly writeAs: 'jobToken' | 'issuer';
      readonly force: boolean;
      /** Starts a pipeline afterwards. */
      readonly thenQueue: boolean;
      readonly stage: StagePlan;
    }
  | {
      readonly kind: 'renewal';
      readonly at: number;
      readonly writeAs: 'jobToken' | 'issuer';
      readonly stage: StagePlan;
    }
  | { readonly kind: 'audit'; readonly at: number; readonly as: Actor; readonly stage: StagePlan }
  /** A person changes another variable of the group, another tag of the secret, and the descriptions of the connections. */
  | { readonly kind: 'edit'; readonly at: number };

/** In whose name: the issuing user, or an administrator of the organization. */
export type Actor = 'issuer' | 'administrator';

/** Where the entries of a rotation are kept, and how they stand at the beginning. */
export interface StorePlan {
  readonly kind: 'variableGroup' | 'serviceConnection' | 'keyVault';
  /** `dead`: somebody revoked what is recorded. `foreign`: a value that is none of ours, to be taken over. */
  readonly before: 'empty' | 'fresh' | 'due' | 'dead' | 'foreign';
}

export interface LifePlan {
  readonly story: Story;
  readonly seed: string;
  readonly number: number;
  /** Of other people, and of other tools of the issuing user. */
  readonly foreignPats: number;
  /** When every access token of Entra stops being accepted; milliseconds, undefined: never. */
  readonly tokensDieAt: number | undefined;
  readonly stores: readonly StorePlan[];
  readonly actors: readonly ActorPlan[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The plan of the nth life of a seed: nothing is decided later. */
export function planOf(story: Story, seed: string, number: number): LifePlan {
  const random = new Random(seed, story, number);
  const common = {
    story,
    seed,
    number,
    foreignPats: random.chance(0.02) ? random.between(80, 260) : random.between(0, 3),
    tokensDieAt: random.chance(0.1) ? random.between(0, 5 * MINUTE) : undefined,
  };
  const drawn = actorsOf(story, random);
  const usesStores = drawn.some(({ kind }) => kind === 'rotation');
  return { ...common, stores: usesStores ? storesOf(random) : [], actors: drawn };
}

function storesOf(random: Random): StorePlan[] {
  const usual = ['empty', 'fresh', 'due'] as const;
  const before = () => random.pick(random.chance(0.85) ? usual : (['dead', 'foreign'] as const));
  const kind = random.chance(0.12)
    ? 'keyVault'
    : random.pick(['variableGroup', 'variableGroup', 'serviceConnection'] as const);
  return Array.from({ length: kind === 'serviceConnection' ? 1 : random.between(1, 2) }, () => ({
    kind,
    before: before(),
  }));
}

function actorsOf(story: Story, random: Random): ActorPlan[] {
  switch (story) {
    case 'issue':
      return several(random.pick(random.chance(0.05) ? [6] : [1, 1, 1, 2, 3]), () => job(random));
    case 'reap':
      return [
        ...several(random.pick([1, 1, 2, 3]), () => job(random)),
        ...several(random.pick([1, 1, 2]), () => reaper(random)),
      ];
    case 'revoke':
      return [
        { ...job(random), revoke: 'never' },
        ...several(random.between(0, 1), () => job(random)),
        ...several(random.pick([1, 1, 2]), () => revocation(random)),
      ];
    case 'rotate':
      return rotations(random);
    case 'renew':
      return [
        ...several(random.between(1, 2), () => renewal(random)),
        ...several(random.between(0, 1), () => job(random)),
        ...several(random.chance(0.3) ? 1 : 0, () => edit(random, 5 * MINUTE)),
      ];
    case 'audit':
      return [audit(random), ...several(random.between(0, 2), () => job(random))];
    case 'mixed':
      return [
        ...several(random.between(0, 2), () => job(random)),
        ...rotations(random),
        ...several(random.between(0, 1), () => renewal(random)),
        ...several(random.between(0, 1), () => reaper(random)),
        ...several(random.between(0, 1), () => audit(random)),
      ];
  }
}

function several<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

function job(random: Random): JobPlan {
  const attempts = random.chance(0.15) ? 2 : 1;
  return {
    kind: 'job',
    at: random.between(0, 30 * SECOND),
    organizations: random.chance(0.25) ? random.between(2, 3) : 1,
    signIn: random.chance(0.85)
      ? 'connection'
      : random.pick(['entraToken', 'entraToken', 'federation', 'agentUser'] as const),
    verify: random.chance(0.7),
    basic: random.chance(0.2),
    revoke: random.chance(0.1) ? 'never' : 'afterJob',
    onRevokeFailure: random.chance(0.2) ? 'fail' : 'warn',
    main: several(attempts, () => stage(random)),
    post: stage(random),
    works: random.chance(0.1) ? random.between(50 * MINUTE, 80 * MINUTE) : random.between(0, 5 * MINUTE),
    agentDies: random.chance(0.1),
    container: random.chance(0.1),
  };
}

function reaper(random: Random): ActorPlan {
  return { kind: 'reaper', at: random.between(0, 40 * MINUTE), as: actor(random), stage: stage(random) };
}

function revocation(random: Random): ActorPlan {
  return {
    kind: 'revocation',
    at: random.between(0, 20 * MINUTE),
    by: random.pick(['ids', 'run', 'name']),
    stage: stage(random),
  };
}

function rotations(random: Random): ActorPlan[] {
  const together = random.chance(0.5);
  const first = random.between(0, 10 * SECOND);
  return [
    ...several(random.pick([1, 2, 2, 3]), (): ActorPlan => ({
      kind: 'rotation',
      at: together ? first + random.between(0, 3 * SECOND) : random.between(0, 30 * MINUTE),
      entry: random.chance(0.7) ? 0 : 1,
      writeAs: random.chance(0.7) ? 'jobToken' : 'issuer',
      force: random.chance(0.3),
      thenQueue: random.chance(0.05),
      stage: stage(random),
    })),
    ...several(random.between(0, 1), () => edit(random, first + 5 * SECOND)),
    ...several(random.chance(0.2) ? 1 : 0, () => audit(random)),
  ];
}

function renewal(random: Random): ActorPlan {
  return {
    kind: 'renewal',
    at: random.between(0, 5 * MINUTE),
    writeAs: random.chance(0.5) ? 'jobToken' : 'issuer',
    stage: stage(random),
  };
}

function audit(random: Random): ActorPlan {
  return { kind: 'audit', at: random.between(0, 10 * MINUTE), as: actor(random), stage: stage(random) };
}

function edit(random: Random, until: number): ActorPlan {
  return { kind: 'edit', at: random.between(0, until) };
}

function actor(random: Random): Actor {
  return random.chance(0.15) ? 'administrator' : 'issuer';
}

/** A third of the stages meets nothing at all; requests are often the first few of a stage. */
function stage(random: Random): StagePlan {
  const eventful = random.chance(0.65);
  const faults: PlannedFault[] = [];
  if (eventful) {
    for (let count = random.between(0, 3); count > 0; count--) {
      const request = random.between(0, random.pick([3, 6, 12]));
      if (faults.every(known => known.request !== request))
        faults.push({ request, fault: drawFault(random) });
    }
  }
  const stop: Stop | undefined =
    eventful && random.chance(0.35)
      ? {
          call: random.between(0, random.pick([6, 12, 30])),
          moment: random.pick(['before', 'during']),
          how: random.pick(['kill', 'cancel']),
        }
      : undefined;
  const clock = random.chance(0.2) ? random.between(-6 * MINUTE, 6 * MINUTE) : 0;
  return { faults, stop, clock };
}

/** A stage that meets nothing. */
export const QUIET: StagePlan = { faults: [], stop: undefined, clock: 0 };
