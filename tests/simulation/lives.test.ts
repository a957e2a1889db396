import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import type { Bug } from '../../simulation/bundle.js';
import { Crew } from '../../simulation/crew.js';
import { planOf, stories } from '../../simulation/plan.js';
import { shrunk } from '../../simulation/shrink.js';

const workers = availableParallelism();
const SEED = 'always the same';
/** Of each story, the same on every machine. */
const LIVES = 2_000;

describe('simulation of lives', function () {
  this.timeout(600_000);

  let crew: Crew;
  before(async () => {
    crew = await Crew.hire(workers);
  });
  after(() => crew.dismiss());

  for (const story of stories) {
    it(`breaks no invariant in thousands of lives of ${story}, with faults and cuts in them`, async () => {
      const { tally, failed } = await crew.live({ story, seed: SEED, lives: LIVES });
      assert.deepEqual(
        failed.flatMap(life => [`life ${life.number}`, ...life.violations, ...life.story]),
        [],
      );
      assert.equal(tally.times('lives'), LIVES);
      for (const what of [
        'killed',
        'cancelled',
        'waits',
        'fault: late',
        'fault: lost after',
        'fault: throttled',
        'fault: crossed answer',
        'fault: redirect',
      ])
        assert.ok(tally.times(what) > 10, `${what}: ${tally.times(what)}`);
    });
  }

  it('lives the same life twice', async () => {
    for (const story of stories) {
      const { tally } = await crew.live({ story, seed: 'twice', lives: 100, twice: true });
      assert.equal(tally.times('lives'), 100);
      assert.equal(tally.times('lives that were others the second time'), 0, story);
    }
  });

  it('ends after the lives under way when it is stopped, and tells of those that were lived', async () => {
    const stopped = await Crew.hire(1);
    const { tally } = await stopped.live(
      { story: 'issue', seed: SEED, lives: 1_000_000 },
      {
        over: () => {
          stopped.stop();
        },
      },
    );
    await stopped.dismiss();
    assert.ok(tally.times('lives') >= 50, `${tally.times('lives')}`);
    assert.ok(tally.times('lives') < 100_000, `${tally.times('lives')}`);
  });

  it('plans every life by its seed and number alone', () => {
    assert.deepEqual(planOf('mixed', 'a', 7), planOf('mixed', 'a', 7));
    assert.notDeepEqual(planOf('mixed', 'a', 7), planOf('mixed', 'b', 7));
    assert.notDeepEqual(planOf('mixed', 'a', 7), planOf('mixed', 'a', 8));
  });

  it('shrinks a life to what makes it fail', async () => {
    const plan = planOf('mixed', 'shrink', 3);
    const smallest = await shrunk(plan, smaller =>
      Promise.resolve(smaller.actors.some(({ kind }) => kind === 'rotation')),
    );
    assert.deepEqual(
      smallest.actors.map(({ kind }) => kind),
      ['rotation'],
    );
    for (const actor of smallest.actors)
      if (actor.kind === 'rotation') assert.deepEqual(actor.stage, { faults: [], stop: undefined, clock: 0 });
  });
});

/** What each was, in the words of the story that has to tell it. */
const BUGS: readonly {
  readonly was: string;
  readonly story: 'issue' | 'rotate' | 'reap';
  readonly bug: Bug;
  readonly seen: RegExp;
}[] = [
  {
    was: 'the name of a PAT is not remembered before the request',
    story: 'issue',
    bug: {
      file: 'packages/pat/create-pat.ts',
      right: 'await intents.intend({ organization, displayName, validTo, asked: now });',
      wrong: '',
    },
    seen: /lives/,
  },
  {
    was: 'a generation whose write was taken is revoked when the step is cancelled before it is read back',
    story: 'rotate',
    bug: {
      file: 'tasks/RotatePat/RotatePatV1/commit.ts',
      right: "write.mayHold = failure?.topic !== 'store-refused' || write.mayArrive;",
      wrong: 'write.mayHold = write.mayArrive;',
    },
    seen: /the store holds a PAT that is revoked/,
  },
  {
    was: 'a PAT is masked only after it was handed out',
    story: 'issue',
    bug: {
      file: 'packages/pat/create-pat.ts',
      right: 'agent.mask(value);',
      wrong: 'void value;',
    },
    seen: /before it is masked/,
  },
];

describe('simulation of lives with a bug that was put back', function () {
  this.timeout(600_000);

  for (const { was, story, bug, seen } of BUGS) {
    it(`finds within a thousand lives that ${was}`, async () => {
      const crew = await Crew.hire(workers, bug);
      const told: number[] = [];
      const { failed } = await crew.live(
        { story, seed: SEED, lives: 1_000 },
        {
          failed: ({ number }) => {
            told.push(number);
          },
        },
      );
      await crew.dismiss();
      assert.deepEqual(told.sort(), failed.map(({ number }) => number).sort(), 'it is told when it is found');
      const [first] = failed;
      assert.ok(first, 'a life fails');
      assert.match(first.violations.join('\n'), seen);
      assert.ok(first.story.length > 3, 'it is told');
      assert.ok(first.smallest.actors.length <= 2, 'it is small');
    });
  }

  it('says when the line that a bug replaces is gone', async () => {
    const bug = { file: 'packages/pat/create-pat.ts', right: 'no such line', wrong: '' };
    await assert.rejects(Crew.hire(1, bug), /has no no such line/);
  });
});
