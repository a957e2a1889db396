import assert from 'node:assert/strict';
import { printed, run, stageOf } from './fixture-package.js';

describe('the agent obeys logging commands', () => {
  const print = async (
    lines: readonly string[],
    options: Parameters<typeof run>[2] = {},
    json: object = {},
  ) => {
    const main = lines.map(line => `say(${JSON.stringify(line)});`).join('\n');
    return run([{ name: 'One', main, json }], [{ task: 'One@1', name: 'one' }], options);
  };
  const valueOf = (job: Awaited<ReturnType<typeof run>>, name: string) => job.variables[name];

  it('on stderr as on stdout, and in the middle of a line', async () => {
    const main = `console.error('remote: ##vso[task.setvariable variable=evil]1')`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }]);
    assert.deepEqual(valueOf(job, 'evil'), { value: '1', isSecret: false });
  });

  it('without showing them, except that debug lines appear under System.Debug', async () => {
    const lines = ['##vso[task.debug]quiet', '##vso[task.setvariable variable=a]1'];
    assert.doesNotMatch((await print(lines)).log, /##vso|quiet/);
    const debug = await print(lines, { debug: true });
    assert.match(debug.log, /^##\[debug\]quiet$/m);
    assert.match(debug.log, /^##\[debug\]Processed: ##vso\[task\.setvariable variable=a;\]1$/m);
  });

  it('warning about the keyword where there is no command, and about an unknown area', async () => {
    const job = await print(['##vso task.complete', '##vso[nowhere.do]x']);
    assert.equal(job.result, 'Succeeded');
    assert.deepEqual(
      stageOf(job, 'one').issues.map(({ type }) => type),
      ['warning', 'warning'],
    );
    assert.ok(stageOf(job, 'one').log.includes('##vso task.complete'));
  });

  for (const line of [
    '##vso[task.unknown]x',
    '##vso[task.setvariable]x',
    '##vso[task.complete result=Cancelled]x',
    '##vso[task.complete result=succeeded]x',
    '##vso[task.logissue type=notice]x',
    '##vso[task.uploadsummary]/nowhere.md',
    '##vso[task.setvariable variable=s;issecret=true]a%0Ab',
    '##vso[task.settaskvariable variable=s;issecret=true]a%0Ab',
    '##vso[task.setendpoint id=SystemVssConnection;field=url]http://evil.example',
    '##vso[build.addbuildtag]a:b',
  ]) {
    it(`failing the step for ${line}`, async () => {
      const job = await print([line, '##vso[task.complete result=Succeeded]']);
      assert.equal(stageOf(job, 'one').result, 'Failed');
      assert.match(stageOf(job, 'one').issues[0]?.message ?? '', /^Unable to process command '##vso/);
    });
  }

  it('failing the step for a command of another kind of run, and showing the line as it is', async () => {
    const job = await print(['##vso[release.updatereleasename]x']);
    assert.equal(stageOf(job, 'one').result, 'Failed');
    assert.match(stageOf(job, 'one').issues[0]?.message ?? '', /not supported for build flow/);
    assert.ok(stageOf(job, 'one').log.includes('##vso[release.updatereleasename]x'));
    assert.equal(
      (await print(['##vso[release.updatereleasename]x'], { hostType: 'deployment' })).result,
      'Succeeded',
    );
  });

  it('taking any progress, and what goes with it as it is: nothing masks that', async () => {
    const job = await print([
      '##vso[task.setsecret]open-sesame',
      '##vso[task.setprogress value=101]open-sesame',
      '##vso[task.setprogress value=x]',
    ]);
    assert.equal(job.result, 'Succeeded');
    assert.equal(stageOf(job, 'one').currentOperation, 'open-sesame');
    const completed = await print(['##vso[task.complete result=Succeeded]done']);
    assert.equal(stageOf(completed, 'one').currentOperation, 'done');
  });

  it('warning about an issue without a type', async () => {
    const job = await print(['##vso[task.logissue]x']);
    assert.equal(job.result, 'Succeeded');
    assert.equal(stageOf(job, 'one').issues[0]?.type, 'warning');
  });

  it('warning that the system connection stays as it is, where older agents change it', async () => {
    const lines = [
      `##vso[task.setendpoint id=${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)};field=url]http://e.example/`,
    ];
    const tasks = [
      { name: 'One', main: `say(${JSON.stringify(lines[0])})` },
      { name: 'Two', main: `say('url=' + JSON.stringify(process.env.ENDPOINT_URL_SYSTEMVSSCONNECTION))` },
    ];
    const steps = [{ task: 'One@1' }, { task: 'Two@1' }];
    const kept = await run(tasks, steps);
    assert.equal(kept.result, 'Succeeded');
    assert.match(stageOf(kept, 'One1').issues[0]?.message ?? '', /is not allowed via setendpoint/);
    assert.equal(printed(kept, 'url'), 'http://127.0.0.1:9/contoso/');
    assert.equal(printed(await run(tasks, steps, { agentVersion: '4.274.0' }), 'url'), 'http://e.example/');
  });

  it('taking the worst result that a task tells', async () => {
    const complete = (result: string) => `##vso[task.complete result=${result};]`;
    assert.equal(
      (await print([complete('SucceededWithIssues'), complete('Succeeded')])).result,
      'SucceededWithIssues',
    );
    assert.equal((await print([complete('Failed'), complete('Succeeded')])).result, 'Failed');
    const skipped = await print([complete('Skipped'), complete('Failed')]);
    assert.equal(stageOf(skipped, 'one').result, 'Skipped');
    assert.equal(skipped.result, 'Succeeded');
  });

  it('keeping ten errors and ten warnings, with their place in the sources', async () => {
    const issues = Array.from({ length: 12 }, (_, n) => [
      `##vso[task.logissue type=error]e${n}`,
      `##vso[task.issue type=warning;sourcepath=a.ts;linenumber=3;columnnumber=4;code=W1]w${n}`,
    ]).flat();
    const job = await print(issues);
    const step = stageOf(job, 'one');
    assert.equal(step.result, 'Succeeded');
    assert.equal(step.issues.length, 20);
    assert.equal(step.issues[1]?.message, 'a.ts(3,4): warning W1: w0');
    assert.ok(step.log.includes('##[error]e11'));
  });

  it('storing an output under the name of the step alone', async () => {
    const job = await print(
      ['##vso[task.setvariable variable=a;isoutput=true]1', '##vso[task.setvariable variable=declared]2'],
      {},
      { outputVariables: [{ name: 'declared' }] },
    );
    assert.deepEqual(job.outputs, {
      'one.a': { value: '1', isSecret: false },
      'one.declared': { value: '2', isSecret: false },
    });
    assert.equal(valueOf(job, 'a'), undefined);
  });

  it('silently when an output is written twice: only its full name is read-only', async () => {
    const strict = { variables: { 'agent.readOnlyVariables': 'true' } };
    const twice = ['1', '2'].map(value => `##vso[task.setvariable variable=a;isoutput=true]${value}`);
    const job = await print(twice, strict);
    assert.equal(job.result, 'Succeeded');
    assert.deepEqual([job.outputs['one.a']?.value, stageOf(job, 'one').issues.length], ['2', 0]);

    const byFullName = [...twice, '##vso[task.setvariable variable=one.a]3'];
    const warned = await print(byFullName);
    assert.match(stageOf(warned, 'one').issues[0]?.message ?? '', /readonly variable 'one\.a'/);
    assert.equal(warned.outputs['one.a']?.value, '3');
    const refused = await print(byFullName, strict);
    assert.equal(refused.result, 'Failed');
    assert.equal(refused.outputs['one.a']?.value, '2');
  });

  it('warning about names of the agent that are there, and about no others', async () => {
    const forge = (name: string) => `##vso[task.setvariable variable=${name}]http://e.example/`;
    const lines = ['Agent.ProxyUrl', 'System.TeamFoundationCollectionUri', 'System.OidcRequestUri'].map(
      forge,
    );
    const without = await print(lines);
    assert.deepEqual(stageOf(without, 'one').issues, []);
    assert.equal(valueOf(without, 'Agent.ProxyUrl')?.value, 'http://e.example/');
    const behindProxy = await print(lines, { proxy: { url: 'http://127.0.0.1:9/' } });
    assert.match(stageOf(behindProxy, 'one').issues[0]?.message ?? '', /readonly variable 'Agent\.ProxyUrl'/);
    assert.equal(stageOf(behindProxy, 'one').issues.length, 1);
    assert.equal(valueOf(behindProxy, 'Agent.ProxyUrl')?.value, 'http://e.example/');
  });

  it('keeping a variable secret once it was', async () => {
    const job = await print([
      '##vso[task.setvariable variable=s;issecret=true]first-value',
      '##vso[task.setvariable variable=S]second-value',
    ]);
    assert.deepEqual(valueOf(job, 's'), { value: 'second-value', isSecret: true });
  });

  it('taking a copy of what is uploaded at that moment, and telling which holds a secret', async () => {
    const main = `
      const file = process.env.AGENT_TEMPDIRECTORY + '/report.md';
      require('node:fs').writeFileSync(file, '# ' + process.env.SECRET_WORD);
      say('##vso[task.uploadsummary]' + file);
      say('##vso[task.addattachment type=data;name=raw]' + file);
      setTimeout(() => require('node:fs').unlinkSync(file), 200);`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }], {
      variables: { word: { value: 'open-sesame', isSecret: true } },
    });
    assert.deepEqual(
      job.uploads.map(({ kind, type, name, content, secrets }) => [
        kind,
        type,
        name,
        content.toString(),
        secrets,
      ]),
      [
        ['summary', 'Distributedtask.Core.Summary', 'report.md', '# open-sesame', 1],
        ['attachment', 'data', 'raw', '# open-sesame', 1],
      ],
    );
  });

  it('putting prepended paths in front for the next step, the last one first', async () => {
    const first = `say('##vso[task.prependpath]/a'); say('##vso[task.prependpath]/b'); say('##vso[task.prependpath]/a');`;
    const tasks = [
      { name: 'One', main: first },
      { name: 'Two', main: 'say(process.env.PATH.slice(0, 6))' },
    ];
    const job = await run(tasks, [{ task: 'One@1' }, { task: 'Two@1' }]);
    assert.ok(stageOf(job, 'Two1').log.includes('/a:/b:'));
  });

  describe('but in restricted mode', () => {
    const restricted = {
      restrictions: { commands: { mode: 'restricted' }, settableVariables: { allowed: ['GOOD*'] } },
    };

    it('only those that are allowed, warning about the others', async () => {
      const job = await print(
        ['##vso[build.addbuildtag]x', '##vso[task.setvariable variable=good1]1'],
        {},
        restricted,
      );
      assert.equal(job.result, 'Succeeded');
      assert.deepEqual(job.buildTags, []);
      assert.match(
        stageOf(job, 'one').issues[0]?.message ?? '',
        /build\.addbuildtag.* is not allowed in this step/,
      );
      assert.equal(valueOf(job, 'good1')?.value, '1');
    });

    it('failing for what is no command, all the same', async () => {
      const job = await print(['##vso[task.setvariabel variable=good1]1'], {}, restricted);
      assert.equal(stageOf(job, 'one').result, 'Failed');
    });

    it('and only the variables that match, task variables aside', async () => {
      const job = await print(
        [
          '##vso[task.setvariable variable=bad]1',
          '##vso[task.prependpath]/a',
          '##vso[task.settaskvariable variable=own]1',
        ],
        {},
        restricted,
      );
      assert.equal(valueOf(job, 'bad'), undefined);
      assert.equal(stageOf(job, 'one').issues.length, 2);
      assert.deepEqual(stageOf(job, 'one').taskVariables, ['own']);
    });

    it('as the step or the caller may demand too', async () => {
      const main = `say('##vso[build.addbuildtag]x'); say('##vso[task.setvariable variable=v]1');`;
      const target = { commands: 'restricted', settableVariables: 'none' };
      const byStep = await run([{ name: 'One', main }], [{ task: 'One@1', target }]);
      assert.equal(stageOf(byStep, 'One1').issues.length, 2);
      const byCaller = await print(['##vso[build.addbuildtag]x'], {
        commandRestriction: { commands: 'restricted' },
      });
      assert.deepEqual(byCaller.buildTags, []);
    });
  });
});
