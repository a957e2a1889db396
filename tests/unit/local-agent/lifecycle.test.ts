import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runJob } from '#local-agent/index';
import { packageFiles, printed, quick, run, stageOf, temporaryFolder, zip } from './fixture-package.js';

const both = (name: string, main = "say('main')") => ({ name, main, post: "say('post')" });
const order = (job: { steps: readonly { stage: string; name: string }[] }) =>
  job.steps.map(({ stage, name }) => `${stage} ${name}`);

describe('the agent runs the stages of a job', () => {
  it('from a VSIX file', async () => {
    const vsix = join(await temporaryFolder(), 'fixtures.vsix');
    await writeFile(vsix, zip(packageFiles([{ name: 'Hello', main: "say('hello')" }])));
    const job = await runJob({
      vsix,
      pipeline: { steps: [{ task: 'Hello@1' }] },
      collectionUrl: 'http://127.0.0.1:9/contoso',
      timing: quick,
    });
    assert.equal(job.result, 'Succeeded');
    assert.ok(stageOf(job, 'Hello1').log.includes('hello'));
  });

  it('all pre-jobs first, then main stages, then post-jobs, the last step first', async () => {
    const tasks = [both('One'), { ...both('Two'), pre: "say('pre')" }, both('Three')];
    const job = await run(tasks, [{ task: 'One@1' }, { task: 'Two@1' }, { task: 'Three@1' }]);
    assert.deepEqual(order(job), [
      'pre Two1',
      'main One1',
      'main Two1',
      'main Three1',
      'post Three1',
      'post Two1',
      'post One1',
    ]);
  });

  it('finds a task by its full name too', async () => {
    const job = await run([both('One')], [{ task: 'acme.fixtures.one-task.One@1' }]);
    assert.equal(job.result, 'Succeeded');
  });

  it('fails before any step when a task is missing', async () => {
    const job = await run([both('One')], [{ task: 'One@1' }, { task: 'Other@1' }]);
    assert.equal(job.result, 'Failed');
    assert.deepEqual(job.steps, []);
    assert.match(
      job.issues[0]?.message ?? '',
      /A task is missing\. The pipeline references a task called 'Other'/,
    );
  });

  it('runs the post-job of a step whose main stage was skipped', async () => {
    const job = await run([both('One')], [{ task: 'One@1', condition: 'false' }]);
    assert.equal(stageOf(job, 'One1').result, 'Skipped');
    assert.equal(stageOf(job, 'One1', 'post').result, 'Succeeded');
  });

  it('leaves a disabled step out altogether', async () => {
    const job = await run([both('One')], [{ task: 'One@1', enabled: false }]);
    assert.deepEqual(job.steps, []);
  });

  it('fails the step and the job when a process exits with a code, and still runs the post-job', async () => {
    const job = await run(
      [both('One', 'process.exit(3)'), both('Two')],
      [{ task: 'One@1' }, { task: 'Two@1' }],
    );
    assert.equal(job.result, 'Failed');
    assert.match(
      stageOf(job, 'One1').issues[0]?.message ?? '',
      /^Exit code 3 returned from process: file name/,
    );
    assert.equal(stageOf(job, 'Two1').result, 'Skipped');
    assert.equal(stageOf(job, 'One1', 'post').started, true);
  });

  it('turns a failure into issues with continueOnError', async () => {
    const job = await run([both('One', 'process.exit(3)')], [{ task: 'One@1', continueOnError: true }]);
    assert.equal(job.result, 'SucceededWithIssues');
  });

  it('fails the job when a post-job fails', async () => {
    const job = await run([{ name: 'One', main: '', post: 'process.exit(1)' }], [{ task: 'One@1' }]);
    assert.equal(job.result, 'Failed');
  });

  it('repeats a failed stage, keeping its task variables', async () => {
    const main = `
      const before = Number(process.env.VSTS_TASKVARIABLE_TRIES ?? 0);
      say('##vso[task.settaskvariable variable=tries]' + (before + 1));
      say('##vso[task.complete result=' + (before < 2 ? 'Failed' : 'Succeeded') + ']');`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1', retryCountOnTaskFailure: 3 }]);
    const step = stageOf(job, 'One1');
    assert.equal(step.result, 'Succeeded');
    assert.equal(step.attempts, 3);
    assert.match(step.log.join('\n'), /will retry \(attempt #: 2 out of 3\) after 20 ms/);
  });

  it('keeps a step failed by a broken command, also when a retry succeeds', async () => {
    const main = `
      if (process.env.VSTS_TASKVARIABLE_AGAIN) process.exit(0);
      say('##vso[task.settaskvariable variable=again]yes');
      say('##vso[task.setvariable]nameless');
      process.exit(1);`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1', retryCountOnTaskFailure: 1 }]);
    assert.equal(stageOf(job, 'One1').attempts, 2);
    assert.equal(stageOf(job, 'One1').result, 'Failed');
  });

  it('keeps what a process said of itself before it ended with a code', async () => {
    const main = `
      if (process.env.VSTS_TASKVARIABLE_AGAIN) process.exit(0);
      say('##vso[task.settaskvariable variable=again]yes');
      say('##vso[task.complete result=Failed]');
      process.exit(1);`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1', retryCountOnTaskFailure: 1 }]);
    assert.deepEqual([stageOf(job, 'One1').attempts, stageOf(job, 'One1').result], [2, 'Failed']);
    const oneMore = await run([{ name: 'One', main }], [{ task: 'One@1', retryCountOnTaskFailure: 2 }]);
    assert.deepEqual([stageOf(oneMore, 'One1').attempts, stageOf(oneMore, 'One1').result], [3, 'Succeeded']);
  });

  it('does not repeat a stage for a broken command alone', async () => {
    const main = `say('##vso[task.setvariable]nameless');`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1', retryCountOnTaskFailure: 1 }]);
    assert.equal(stageOf(job, 'One1').attempts, 1);
    assert.equal(stageOf(job, 'One1').result, 'Failed');
  });

  it('ends a step at its timeout and runs its post-job', async () => {
    const job = await run(
      [both('One', 'setTimeout(() => {}, 60000)')],
      [{ task: 'One@1', timeoutInMinutes: 1 }],
    );
    const step = stageOf(job, 'One1');
    assert.equal(step.result, 'Failed');
    assert.equal(step.signal, 'SIGINT');
    assert.equal(step.issues.at(-1)?.message, 'The task has timed out.');
    assert.equal(stageOf(job, 'One1', 'post').started, true);
  });

  it('takes a step for finished soon after done=true, whatever its process does', async () => {
    const main = `say('##vso[task.complete result=Succeeded;done=true]'); setTimeout(() => {}, 60000);`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }]);
    assert.equal(job.result, 'Succeeded');
    assert.equal(job.orphans.length, 1);
  });

  it('does not wait for a grandchild that holds the pipes, and tells of it as an orphan', async () => {
    const main = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'],
        { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
      child.unref();
      say('over');`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }]);
    assert.equal(job.result, 'Succeeded');
    assert.ok(stageOf(job, 'One1').log.includes('over'));
    assert.match(job.orphans[0]?.command ?? '', /setTimeout/);
  });

  it('tells which files a job left, and which hold secrets', async () => {
    const main = `
      const fs = require('node:fs');
      fs.writeFileSync(process.env.AGENT_TEMPDIRECTORY + '/left.txt', process.env.SECRET_WORD);
      fs.writeFileSync('built.txt', 'harmless');
      fs.writeFileSync(process.env.HOME + '/.rc', 'x');
      fs.writeFileSync(process.env.AGENT_TEMPDIRECTORY + '/gone.txt', 'x');`;
    const post = `require('node:fs').unlinkSync(process.env.AGENT_TEMPDIRECTORY + '/gone.txt')`;
    const job = await run([{ name: 'One', main, post }], [{ task: 'One@1' }], {
      variables: { word: { value: 'open-sesame', isSecret: true } },
    });
    assert.deepEqual(job.leftovers, [
      { place: 'temp', path: 'left.txt', secrets: 1 },
      { place: 'work tree', path: 's/built.txt', secrets: 0 },
      { place: 'home', path: '.rc', secrets: 0 },
    ]);
  });

  it('hands over arguments, working directory and a closed stdin', async () => {
    const main = `
      say('facts=' + JSON.stringify({
        args: process.argv.slice(2), cwd: process.cwd() === process.env.SYSTEM_DEFAULTWORKINGDIRECTORY,
        stdin: require('node:fs').readFileSync(0, 'utf8'), tty: process.stdout.isTTY ?? false }));`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }]);
    assert.deepEqual(printed(job, 'facts'), { args: [], cwd: true, stdin: '', tty: false });
  });
});
