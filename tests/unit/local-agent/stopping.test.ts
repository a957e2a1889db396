import assert from 'node:assert/strict';
import { join } from 'node:path';
import { JobControl } from '#local-agent/index';
import { quick, run, stageOf, temporaryFolder } from './fixture-package.js';

const both = (name: string, main = "say('main')") => ({ name, main, post: "say('post')" });

describe('the agent stops a job', () => {
  /** Runs until the first step says it is ready, then does something to the job. */
  async function interrupt(
    main: string,
    act: (control: JobControl) => void,
    step: object = {},
    post = "say('post')",
  ) {
    const control = new JobControl();
    const onCommand = ({ event }: { event: string }) => {
      if (event === 'setprogress') act(control);
    };
    return run([{ name: 'One', main, post }, both('Two')], [{ task: 'One@1', ...step }, { task: 'Two@1' }], {
      control,
      onCommand,
    });
  }
  const ready = "say('##vso[task.setprogress value=1]');";
  const forever = `${ready} setInterval(() => {}, 1000);`;

  it('by a cancel: the running step is killed, the others are skipped, the post-jobs run', async () => {
    const job = await interrupt(forever, control => {
      control.cancel();
    });
    assert.equal(job.result, 'Canceled');
    assert.deepEqual(
      job.steps.map(({ name, stage, result }) => `${stage} ${name} ${result}`),
      ['main One1 Canceled', 'main Two1 Skipped', 'post Two1 Succeeded', 'post One1 Succeeded'],
    );
    assert.equal(stageOf(job, 'One1').signal, 'SIGINT');
    assert.equal(stageOf(job, 'One1').issues[0]?.message, 'The operation was canceled.');
  });

  it('with SIGTERM where SIGINT does not help, and SIGKILL where neither does', async () => {
    const deafToInt = `process.on('SIGINT', () => say('heard INT')); ${forever}`;
    const cancel = (control: JobControl) => {
      control.cancel();
    };
    const terminated = await interrupt(deafToInt, cancel);
    assert.equal(stageOf(terminated, 'One1').signal, 'SIGTERM');
    assert.ok(stageOf(terminated, 'One1').log.includes('heard INT'));

    const killed = await interrupt(`process.on('SIGTERM', () => say('heard TERM')); ${deafToInt}`, cancel);
    assert.equal(stageOf(killed, 'One1').signal, 'SIGKILL');
    assert.ok(stageOf(killed, 'One1').log.includes('heard TERM'));
  });

  it('in a container by its client alone: the process goes on until after the post-jobs', async () => {
    const control = new JobControl();
    const main = `
      const { writeFileSync, existsSync } = require('node:fs');
      const file = name => process.env.AGENT_TEMPDIRECTORY + '/' + name;
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => writeFileSync(file('signalled'), ''));
      setInterval(() => {
        say('still here');
        if (!existsSync(file('post'))) return;
        writeFileSync(file('outlived'), '');
        process.exit(0);
      }, 20);
      say('##vso[task.setprogress value=1]');`;
    const post = `require('node:fs').writeFileSync(process.env.AGENT_TEMPDIRECTORY + '/post', '');`;
    const job = await run([{ name: 'One', main, post }], [{ task: 'One@1' }], {
      control,
      container: {},
      timing: { ...quick, containerMs: 20_000 },
      onCommand: ({ event }) => {
        if (event === 'setprogress') control.cancel();
      },
    });
    assert.equal(stageOf(job, 'One1').result, 'Canceled');
    assert.deepEqual(job.leftovers.map(({ path }) => path).sort(), ['outlived', 'post']);
    assert.deepEqual(job.orphans, []);
  });

  it('as a console of Windows does: Ctrl+C, then Ctrl+Break, which ends who does not listen', async () => {
    const cancel = async (main: string) => {
      const control = new JobControl();
      const job = await run([{ name: 'One', main }], [{ task: 'One@1' }], {
        control,
        windowsConsole: true,
        onCommand: ({ event }) => {
          if (event === 'setprogress') control.cancel();
        },
      });
      return stageOf(job, 'One1');
    };
    const deaf = `process.on('SIGINT', () => say('heard Ctrl+C')); process.on('SIGTERM', () => say('heard TERM'));`;
    const ended = await cancel(`${deaf} ${forever}`);
    assert.equal(ended.signal, 'SIGKILL');
    assert.ok(ended.log.includes('heard Ctrl+C') && !ended.log.includes('heard TERM'));
    const listening = await cancel(
      `process.on('SIGBREAK', () => { say('heard Break'); process.exit(0); }); ${deaf} ${forever}`,
    );
    assert.ok(listening.log.includes('heard Break'));
  });

  it('patiently where a switch says so: after SIGINT nothing more is sent', async () => {
    const control = new JobControl();
    const main = `process.on('SIGINT', () => setTimeout(() => { say('in my own time'); process.exit(0); }, 500)); ${forever}`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }], {
      control,
      variables: { USE_GRACEFUL_PROCESS_SHUTDOWN: 'true' },
      onCommand: ({ event }) => {
        if (event === 'setprogress') control.cancel();
      },
    });
    assert.ok(stageOf(job, 'One1').log.includes('in my own time'));
    assert.equal(stageOf(job, 'One1').result, 'Canceled');
  });

  it('but leaves a running always() step alone', async () => {
    const job = await interrupt(
      `${ready} setTimeout(() => say('finished'), 300);`,
      control => {
        control.cancel();
      },
      { condition: 'always()' },
    );
    assert.equal(stageOf(job, 'One1').result, 'Succeeded');
    assert.ok(stageOf(job, 'One1').log.includes('finished'));
    assert.equal(job.result, 'Canceled');
  });

  it('and kills what still runs when the cancel budget is spent', async () => {
    const control = new JobControl();
    const job = await run(
      [{ name: 'One', main: forever, post: forever }, both('Two')],
      [{ task: 'Two@1' }, { task: 'One@1' }],
      {
        control,
        timing: { ...quick, cancelBudgetMs: 600 },
        onCommand: ({ event }) => {
          if (event === 'setprogress') control.cancel();
        },
      },
    );
    assert.equal(job.result, 'Canceled');
    assert.equal(job.issues[0]?.message, 'Job cancelled due to worker timeout.');
    assert.equal(stageOf(job, 'One1', 'post').result, 'Abandoned');
    assert.equal(stageOf(job, 'One1', 'post').signal, 'SIGKILL');
    assert.equal(stageOf(job, 'Two1', 'post').started, false);
  });

  it('by an agent shutdown: nothing more runs, post-jobs neither', async () => {
    const job = await interrupt(forever, control => {
      control.shutdownAgent();
    });
    assert.equal(job.result, 'Canceled');
    assert.equal(stageOf(job, 'One1').result, 'Canceled');
    assert.deepEqual(
      job.steps.slice(1).map(({ started }) => started),
      [false, false, false],
    );
  });

  it('by the loss of the worker: no post-job, and the temp folder stays as it was', async () => {
    const workFolder = await temporaryFolder();
    const control = new JobControl();
    const main = `require('node:fs').writeFileSync(process.env.AGENT_TEMPDIRECTORY + '/state', 'x'); ${forever}`;
    const job = await run([both('One', main)], [{ task: 'One@1' }], {
      control,
      workFolder,
      onCommand: () => {
        control.killWorker();
      },
    });
    assert.equal(job.result, 'Failed');
    assert.equal(stageOf(job, 'One1').result, 'Abandoned');
    assert.equal(stageOf(job, 'One1', 'post').started, false);
    assert.deepEqual(
      job.leftovers.map(({ path }) => path),
      ['state'],
    );
    const { access } = await import('node:fs/promises');
    await access(join(workFolder, '_work/_temp/state'));
  });

  it('by killing one process: the step fails, the job goes by its rules', async () => {
    const job = await interrupt(forever, control => {
      control.killStep('SIGKILL');
    });
    assert.equal(job.result, 'Failed');
    assert.match(stageOf(job, 'One1').issues[0]?.message ?? '', /^Exit code 137 /);
    assert.equal(stageOf(job, 'One1', 'post').started, true);
  });
});
