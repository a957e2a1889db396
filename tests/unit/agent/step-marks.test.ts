import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markFiles } from '#agent/mark-files';
import { StepMarks } from '#agent/step-marks';
import { afterJob, issuePat } from '../tasks/issue-pat.js';
import { patValue } from '../tasks/pat-service.js';
import { failureOf, mainStage, START, withoutNetwork, type World } from '../tasks/world.js';

describe('The marks that the stages of a step leave each other', () => {
  withoutNetwork();
  let temp = '';
  let other: ChildProcess | undefined;
  beforeEach(() => {
    temp = mkdtempSync(join(tmpdir(), 'job-pat-marks-'));
  });
  afterEach(() => {
    other?.kill('SIGKILL');
    other = undefined;
    rmSync(temp, { recursive: true, force: true });
  });

  const variables = (more: Record<string, string> = {}) => ({
    'Agent.TempDirectory': temp,
    'System.TaskInstanceId': '0f0f0f0f-1111-4222-8333-444444444444',
    ...more,
  });
  const stage = (more: Record<string, string> = {}, inputs: Record<string, string> = {}): World =>
    mainStage({ variables: variables(more), inputs });
  const marksIn = () => readdirSync(temp).map(name => name.slice(name.lastIndexOf('.')));

  it('are gone when both are over', async () => {
    const main = stage();
    await issuePat(main);
    assert.deepEqual(marksIn().sort(), ['.done', '.main']);
    assert.equal(await afterJob(main.laterStage()), undefined);
    assert.deepEqual(marksIn(), []);
    assert.equal(main.service.alive.size, 0);
  });

  it('are gone too when the inputs were not valid', async () => {
    const main = stage({}, { validFor: 'soon' });
    await failureOf(() => issuePat(main), 'input-not-valid');
    assert.equal(await afterJob(main.laterStage()), undefined);
    assert.deepEqual(marksIn(), []);
  });

  it('do not stand in the way of a retried step', async () => {
    const main = stage();
    await issuePat(main);
    const again = main.laterStage();
    await issuePat(again);
    assert.equal(await afterJob(again.laterStage()), undefined);
    assert.equal(main.service.alive.size, 0);
    assert.deepEqual(marksIn(), []);
  });

  it('do not stand in the way of a retried post-job stage', async () => {
    const main = stage();
    await issuePat(main);
    await afterJob(main.laterStage());
    assert.equal(await afterJob(main.laterStage()), undefined);
  });

  it('let a post-job stage without a main stage succeed', async () => {
    const alone = stage();
    assert.equal(await afterJob(alone), undefined);
    assert.match(alone.agent.lines().join(), /Nothing to revoke/);
    assert.deepEqual(alone.clock.waits, []);
  });

  it('keep a main stage that comes after its post-job stage from asking for anything', async () => {
    const main = stage();
    await afterJob(main.laterStage());
    const failure = await failureOf(() => issuePat(main), 'cancelled');
    assert.match(failure.message, /post-job stage of this step has run already/);
    assert.deepEqual(main.service.operations, []);
  });

  it('keep a main stage from making a PAT when the post-job stage ran during its sign-in', async () => {
    const main = stage();
    main.service.next('redeem', usual => {
      leavePostMark();
      return usual();
    });
    await failureOf(() => issuePat(main), 'cancelled');
    assert.equal(main.service.made.length, 0);
  });

  for (const operation of ['create', 'verify'] as const) {
    it(`make a main stage end its PAT when the post-job stage ran during ${operation}`, async () => {
      const main = stage();
      main.service.next(operation, usual => {
        leavePostMark();
        return usual();
      });
      await failureOf(() => issuePat(main), 'cancelled');
      assert.equal(main.service.made.length, 1);
      assert.equal(main.service.alive.size, 0);
      assert.deepEqual(main.agent.secretVariables, {});
      assert.ok(main.agent.masks.includes(patValue(1)));
    });
  }

  it('make no further attempt after a doubtful one when the post-job stage has run', async () => {
    const main = stage();
    main.service.next('create', () => {
      leavePostMark();
      return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
    await failureOf(() => issuePat(main), 'cancelled');
    assert.equal(main.service.count('create'), 1);
  });

  it('let the post-job stage wait for a main stage that is still at work', async () => {
    other = await running();
    leave('.main', String(other.pid));
    const post = stage();
    const { clock } = post;
    const wait = clock.wait.bind(clock);
    clock.wait = async milliseconds => {
      await wait(milliseconds);
      if (clock.now().getTime() - START.getTime() >= 2000) leave('.done', '0');
    };
    assert.equal(await afterJob(post), undefined);
    assert.equal(clock.now().getTime() - START.getTime(), 2000);
    assert.match(post.agent.lines().join(), /Nothing to revoke/);
    assert.deepEqual(marksIn(), []);
  });

  it('let the post-job stage say what it does not know of a main stage that does not end', async () => {
    other = await running();
    leave('.main', String(other.pid));
    const post = stage();
    const outcome = await afterJob(post);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /still at work.*job-pat:build\/.*\/4711\/12f1170f\//);
    assert.ok(post.clock.now().getTime() - START.getTime() <= 15_000);
    assert.deepEqual(marksIn().sort(), ['.main', '.post']);
  });

  it('let the post-job stage warn of a main stage that could not revoke what it made', async () => {
    leave('.main', '0');
    leave('.done', '1');
    const outcome = await afterJob(stage());
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /could not revoke/);
  });

  it('do not make it wait for a main stage that was killed', async () => {
    const killed = await running();
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    leave('.main', String(killed.pid));
    const post = stage();
    assert.equal(await afterJob(post), undefined);
    assert.deepEqual(post.clock.waits, []);
  });

  it('belong to one step of one attempt of one job', async () => {
    await afterJob(stage());
    for (const more of [
      { 'System.TaskInstanceId': 'another' },
      { 'System.JobId': '22f1170f-54f2-53f3-20dd-22fc7dff55f9' },
      { 'System.JobAttempt': '2' },
      { 'Build.BuildId': '4712' },
    ]) {
      const main = stage(more);
      await issuePat(main);
      assert.ok(main.agent.secretVariables['JOB_PAT']);
    }
  });

  for (const [what, folder] of [
    ['is missing', ''],
    ['does not exist', '/nowhere/at/all'],
    ['is relative', 'temp'],
    ['is on another machine', '\\\\evil.example\\share'],
    ['is on another machine, in other words', '//evil.example/share'],
    ['is a file', '/dev/null'],
  ] as const) {
    it(`are left out where the temp folder ${what}`, async () => {
      const main = stage({ 'Agent.TempDirectory': folder });
      await issuePat(main);
      assert.equal(await afterJob(main.laterStage()), undefined);
      assert.equal(main.service.alive.size, 0);
    });
  }

  it('follow no link and write over nothing that lies there', () => {
    const target = join(temp, 'target');
    writeFileSync(target, 'as it was');
    for (const mark of ['.main', '.done', '.post']) symlinkSync(target, nameOf(mark));
    const marks = new StepMarks({ variable: name => stage().agent.variable(name), marks: markFiles });
    return marks
      .duringMain(() => Promise.resolve())
      .catch(() => undefined)
      .then(() => marks.postJobBegins(stage().clock, 1000))
      .then(() => {
        assert.equal(readFileSync(target, 'utf8'), 'as it was');
      });
  });

  /** The name of a mark is found out from a stage that leaves it. */
  function nameOf(mark: string): string {
    const step = stage().agent;
    const parts = [
      'System.TaskInstanceId',
      'Build.BuildId',
      'Release.ReleaseId',
      'System.JobId',
      'System.JobAttempt',
      'System.StageAttempt',
    ];
    const name = parts.map(part => (step.variable(part) ?? '').replace(/[^A-Za-z0-9-]/g, '')).join('-');
    return join(temp, `job-pat-${name}${mark}`);
  }
  function leave(mark: string, text: string): void {
    writeFileSync(nameOf(mark), text);
  }
  function leavePostMark(): void {
    leave('.post', '');
  }
});

async function running(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}
