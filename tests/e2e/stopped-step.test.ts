import assert from 'node:assert/strict';
import { JobControl, type JobResult } from '#local-agent/index';
import { type Emulator, fault } from '#emulator/index';
import {
  emulatorForEachTest,
  inParallel,
  issueStep,
  type JobWish,
  logOf,
  mainOf,
  postOf,
  runIssuingJob,
  withEmulator,
} from './issuing-job.js';
import { together } from './jobs-together.js';
import { assertNoTrace } from './secret-traces.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

/** Jobs wait more than they work when they are stopped: until a request that was cut cannot arrive any more. */
const WIDTH = 10;

describe('A step that is ended in the middle', function () {
  this.timeout(120_000);

  const several = { steps: [issueStep({ organization: 'contoso, fabrikam' })] };
  const ended = together(
    [...signals, 'in several organizations'] as const,
    async how => {
      if (how === 'in several organizations') {
        const moments = (await momentsOf(several)).filter(moment => !moment.includes('secret'));
        await endAtEach(moments, 'SIGKILL', several);
        return;
      }
      const moments = await momentsOf({});
      assert.ok(moments.length >= 20, `Only ${moments.length} moments: ${moments.join('; ')}`);
      await endAtEach(moments, how, {});
    },
    2,
  );

  for (const signal of signals)
    it(`by ${signal} at any moment leaves no PAT after the job`, () => ended(signal));

  it('by SIGKILL at any moment leaves no PAT in any of several organizations', () =>
    ended('in several organizations'));

  it('leaves no PAT when the service makes it only after the client has gone', async () => {
    await inParallel([...signals], WIDTH, signal =>
      withEmulator(async emulator => {
        emulator.faults.add('pats.create', fault.effectAfterClientLeft(1_500));
        const job = await runEndedAt('arrival of pats.create 1', signal, emulator, {});
        assert.equal(emulator.pats.list().length, 1, `The PAT was made late: ${signal}`);
        assertNothingAlive(job, emulator, signal);
      }),
    );
  });

  it('leaves no PAT when the connection broke before the service made it', async () => {
    await withEmulator(async emulator => {
      emulator.faults.add('pats.create', fault.resetThenEffect(1_500));
      const job = await runIssuingJob(emulator);
      assert.equal(mainOf(job).result, 'Succeeded', job.log);
      assert.equal(emulator.pats.list().length, 2);
      assertNothingAlive(job, emulator, 'reset');
    });
  });
});

describe('A canceled run', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  it('ends the step at once, and revokes what an unanswered request has made', async () => {
    emulator().faults.add('pats.create', fault.hangAfter());
    const control = new JobControl();
    onArrival(emulator(), 'pats.create', () => {
      control.cancel();
    });
    const job = await runIssuingJob(emulator(), { control, timing: { sigintMs: 7_500, sigtermMs: 2_500 } });
    assert.equal(job.result, 'Canceled');
    assert.equal(mainOf(job).result, 'Canceled');
    assert.notEqual(mainOf(job).signal, 'SIGKILL', 'The step has to end by itself.');
    assert.equal(postOf(job).result, 'Succeeded', logOf(postOf(job)));
    assertNothingAlive(job, emulator(), 'cancel');
  });

  it('leaves no PAT when the step is killed before it could clean up', async () => {
    emulator().faults.add('pats.create', fault.hangAfter());
    emulator().faults.add('pats.list', fault.hang());
    const control = new JobControl();
    onArrival(emulator(), 'pats.list', () => {
      control.cancel();
    });
    onArrival(emulator(), 'pats.create', () => {
      control.cancel();
    });
    const job = await runIssuingJob(emulator(), { control, timing: { sigintMs: 300, sigtermMs: 100 } });
    assert.equal(mainOf(job).signal, 'SIGKILL');
    assert.equal(job.result, 'Canceled');
    assertNothingAlive(job, emulator(), 'cancel and kill');
  });

  it('lets a running revoke end', async () => {
    emulator().faults.add('pats.revoke', fault.slow(300));
    const control = new JobControl();
    onArrival(emulator(), 'pats.revoke', () => {
      control.cancel();
    });
    const job = await runIssuingJob(emulator(), { control });
    assert.equal(postOf(job).result, 'Succeeded');
    assertNothingAlive(job, emulator(), 'cancel in post-job');
  });

  it('revokes the PAT also when a later step was running', async () => {
    const control = new JobControl();
    const job = await runIssuingJob(emulator(), {
      control,
      steps: [issueStep(), { bash: 'exec sleep 30', name: 'work' }],
      onStageStart: ({ name }) => {
        if (name === 'work')
          setImmediate(() => {
            control.cancel();
          });
      },
      timing: { sigintMs: 100, sigtermMs: 100, pipeMs: 100 },
    });
    assert.equal(job.result, 'Canceled');
    assertNothingAlive(job, emulator(), 'cancel of a later step');
  });

  it('is the same for a step that takes longer than its timeout', async () => {
    emulator().faults.add('connectionData', fault.hang());
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({}, { timeoutInMinutes: 1 })],
      timing: { minuteMs: 2_000 },
    });
    assert.equal(mainOf(job).result, 'Failed');
    assert.match(logOf(mainOf(job)), /The task has timed out/);
    assertNothingAlive(job, emulator(), 'timeout');
  });
});

describe('An agent that goes away', function () {
  this.timeout(30_000);
  const emulator = emulatorForEachTest();

  it('by being stopped runs no post-job: the step itself revokes', async () => {
    for (const [operation, behaviour] of [
      ['connectionData', fault.hang()],
      ['pats.create', fault.hangAfter()],
    ] as const) {
      emulator().forgetRequests();
      emulator().faults.add(operation, behaviour);
      const control = new JobControl();
      const forget = onArrival(emulator(), operation, () => {
        control.shutdownAgent();
      });
      const job = await runIssuingJob(emulator(), { control });
      forget();
      assert.equal(postOf(job).started, false);
      assertNothingAlive(job, emulator(), operation);
    }
    assert.equal(emulator().pats.list().length, 2);
  });

  it('by dying leaves a PAT whose name tells run and job, and which ends by itself', async () => {
    emulator().faults.add('connectionData', fault.hang());
    const control = new JobControl();
    onArrival(emulator(), 'connectionData', () => {
      control.killWorker();
    });
    const job = await runIssuingJob(emulator(), { control, steps: [issueStep({ validFor: '5m' })] });
    assert.equal(job.result, 'Failed');
    assert.equal(postOf(job).started, false);

    const [pat] = emulator().pats.active();
    const [, host, projectId, runId, jobId] =
      / job-pat:(build|release)\/([0-9a-f-]{36})\/(\d+)\/([0-9a-f]{8})\/[0-9a-f]{8}$/.exec(
        pat?.displayName ?? '',
      ) ?? assert.fail(`The name tells nothing: ${String(pat?.displayName)}`);
    assert.equal(host, 'build');
    assert.equal(projectId, job.variables['System.TeamProjectId']?.value);
    assert.equal(runId, job.variables['Build.BuildId']?.value);
    assert.equal(jobId, job.variables['System.JobId']?.value.slice(0, 8));
    assert.ok((pat?.validTo.getTime() ?? Infinity) < Date.now() + 6 * 60_000);
  });
});

/** Runs the job undisturbed and names each moment that can be seen from outside, in order. */
async function momentsOf(wish: JobWish): Promise<string[]> {
  return withEmulator(async emulator => {
    const moments: string[] = [];
    const forget = watch(emulator, moment => moments.push(moment), wish);
    const job = await runIssuingJob(emulator, { ...wish, ...forget });
    assert.equal(job.result, 'Succeeded', job.log);
    return firstAndLastOfEachKind(moments);
  });
}

/** Many secrets are made known one after the other: the first and the last of each such row are enough. */
function firstAndLastOfEachKind(moments: readonly string[]): string[] {
  const kind = (moment: string | undefined): string | undefined => moment?.replace(/ \d+$/, '');
  return moments.filter(
    (moment, index) => kind(moment) !== kind(moments[index - 1]) || kind(moment) !== kind(moments[index + 1]),
  );
}

/** Tells the moments of the main step: each command, and beginning and end of each request. */
function watch(emulator: Emulator, tell: (moment: string) => void, wish: JobWish): JobWish {
  const counts = new Map<string, number>();
  const count = (kind: string): void => {
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    tell(`${kind} ${number}`);
  };
  let inMain = true;
  emulator.on('arrival', ({ operation }) => {
    if (inMain) count(`arrival of ${operation}`);
  });
  emulator.on('request', ({ operation }) => {
    if (inMain) count(`end of ${operation}`);
  });
  return {
    ...wish,
    onStageStart: ({ stage }) => {
      inMain = stage === 'main';
    },
    onCommand: (command, { stage }) => {
      if (stage !== 'main' || command.event === 'debug') return;
      count(`${command.event} ${command.properties.get('variable') ?? ''}`.trim());
    },
  };
}

async function endAtEach(moments: readonly string[], signal: NodeJS.Signals, wish: JobWish): Promise<void> {
  const faults: string[] = [];
  await inParallel(moments, WIDTH, moment =>
    withEmulator(async emulator => {
      try {
        const job = await runEndedAt(moment, signal, emulator, wish);
        assertNothingAlive(job, emulator, moment);
      } catch (error) {
        faults.push(`${moment}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
  assert.deepEqual(faults, [], `${signal}:\n${faults.join('\n')}`);
}

/** Runs the job and sends the signal to its main step at the named moment. */
async function runEndedAt(
  moment: string,
  signal: NodeJS.Signals,
  emulator: Emulator,
  wish: JobWish,
): Promise<JobResult> {
  const control = new JobControl();
  let reached = false;
  const watching = watch(
    emulator,
    now => {
      if (reached || now !== moment) return;
      reached = true;
      control.killStep(signal);
    },
    wish,
  );
  const job = await runIssuingJob(emulator, { ...watching, control });
  assert.ok(reached, `The moment "${moment}" did not come.`);
  return job;
}

function assertNothingAlive(job: JobResult, emulator: Emulator, moment: string): void {
  assert.deepEqual(
    emulator.pats.active().map(({ displayName }) => displayName),
    [],
    `A PAT is alive: ${moment}\n${job.log}`,
  );
  for (const step of job.steps.filter(({ stage }) => stage === 'post')) {
    assert.ok(['Succeeded', 'Skipped', 'Abandoned'].includes(step.result), `${moment}: ${logOf(step)}`);
  }
  assert.doesNotMatch(job.log, /\[unexpected\]/);
  assertNoTrace(job, emulator);
  assert.deepEqual(job.orphans, []);
}

function onArrival(emulator: Emulator, operation: string, act: () => void): () => void {
  return emulator.on('arrival', request => {
    if (request.operation === operation) act();
  });
}
