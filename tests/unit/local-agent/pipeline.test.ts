import assert from 'node:assert/strict';
import { PipelineError } from '#local-agent/index';
import { run, runYaml, stageOf } from './fixture-package.js';

describe('a script step', () => {
  it('gets public variables, macros and what env maps, but no secret by itself', async () => {
    const script = 'echo "$COLOUR|$(colour)|$MINE|${SECRET_WORD:-none}|${WORD:-none}|$PWD"';
    const job = await run(
      [],
      [{ bash: script, env: { MINE: '$(word)' }, workingDirectory: '$(Agent.TempDirectory)' }],
      {
        jobVariables: { colour: 'red' },
        variables: { word: { value: 'open-sesame', isSecret: true } },
      },
    );
    const raw = job.steps[0]?.rawOutput ?? '';
    assert.match(raw, /^red\|red\|open-sesame\|none\|none\|.*_temp$/m);
    assert.ok(!job.log.includes('open-sesame'));
    assert.deepEqual(job.leftovers, []);
  });

  it('fails with its exit code, and may write logging commands', async () => {
    const job = await run([], [{ script: 'echo "##vso[task.setvariable variable=a]1"; exit 4', name: 's' }]);
    assert.equal(job.variables['a']?.value, '1');
    assert.equal(stageOf(job, 's').issues[0]?.message, "Bash exited with code '4'.");
  });

  it('runs or not as its condition says', async () => {
    const job = await run(
      [],
      [
        { bash: 'exit 1', name: 'bad' },
        { bash: 'true', name: 'usual' },
        { bash: 'true', name: 'onFailure', condition: 'failed()' },
        { bash: 'true', name: 'whatever', condition: 'succeededOrFailed()' },
        { bash: 'true', name: 'onCancel', condition: 'canceled()' },
        { bash: 'true', name: 'asked', condition: "and(always(), eq(variables['go'], 'yes'))" },
        { bash: 'true', name: 'broken', condition: 'nonsense(' },
      ],
      { variables: { go: 'yes' } },
    );
    assert.deepEqual(
      job.steps.map(({ name, result }) => `${name} ${result}`),
      [
        'bad Failed',
        'usual Skipped',
        'onFailure Succeeded',
        'whatever Succeeded',
        'onCancel Skipped',
        'asked Succeeded',
        'broken Failed',
      ],
    );
  });
});

describe('a pipeline file', () => {
  it('may have parameters, variables, and parts that concern the server alone', async () => {
    const { result, jobs } = await runYaml(
      [],
      `
trigger: none
pr: none
schedules:
- cron: '0 3 * * *'
  branches: { include: [main] }
pool: { vmImage: ubuntu-latest }
parameters:
- name: greeting
  type: string
  default: hello
variables:
- name: who
  value: 1.10
- group: shared
steps:
- checkout: none
- bash: echo "\${{ parameters.greeting }} $(who) $(fromGroup)"
`,
      { variableGroups: { shared: { fromGroup: 'g' } } },
    );
    assert.equal(result, 'Succeeded');
    assert.ok(jobs[0]?.steps[0]?.log.includes('hello 1.10 g'));
  });

  it('hands the output of one job to another, still secret', async () => {
    const { jobs } = await runYaml(
      [],
      `
jobs:
- job: A
  steps:
  - bash: |
      echo "##vso[task.setvariable variable=id;isoutput=true]42"
      echo "##vso[task.setvariable variable=key;isoutput=true;issecret=true]open-sesame"
    name: make
- job: B
  dependsOn: A
  variables:
    id: $[ dependencies.A.outputs['make.id'] ]
    key: $[ dependencies.A.outputs['make.key'] ]
  steps:
  - bash: echo "$(id) $(key)"
- job: C
  dependsOn: [A, B]
  condition: failed()
  steps:
  - bash: exit 1
`,
    );
    assert.deepEqual(
      jobs.map(({ result }) => result),
      ['Succeeded', 'Succeeded', 'Skipped'],
    );
    assert.ok(jobs[1]?.steps[0]?.log.includes('42 ***'));
  });

  it('skips a job after one that failed', async () => {
    const { result, jobs } = await runYaml(
      [],
      `
jobs:
- job: A
  steps:
  - bash: exit 1
- job: B
  dependsOn: A
  steps:
  - bash: 'true'
- job: C
  dependsOn: A
  condition: always()
  steps:
  - bash: 'true'
`,
    );
    assert.equal(result, 'Failed');
    assert.deepEqual(
      jobs.map(job => job.result),
      ['Failed', 'Skipped', 'Succeeded'],
    );
  });

  it('runs stages one after the other, hands outputs on, and skips after a failure', async () => {
    const { result, stages } = await runYaml(
      [],
      `
stages:
- stage: Make
  jobs:
  - job: A
    steps:
    - bash: |
        echo "##vso[task.setvariable variable=id;isoutput=true]42"
      name: make
- stage: Use
  jobs:
  - job: B
    variables:
      one: $[ stageDependencies.Make.A.outputs['make.id'] ]
    steps:
    - bash: |
        echo "$(one) $(System.StageName)"
        exit 1
- stage: Ship
  jobs:
  - job: C
    steps:
    - bash: 'true'
- stage: Tidy
  dependsOn: [Make, Use]
  condition: always()
  jobs:
  - job: D
    steps:
    - bash: 'true'
- stage: Tell
  dependsOn: Make
  condition: eq(dependencies.Make.outputs['A.make.id'], '42')
  jobs:
  - job: E
    steps:
    - bash: 'true'
`,
    );
    assert.equal(result, 'Failed');
    assert.deepEqual(
      stages.map(stage => `${stage.name} ${stage.result}`),
      ['Make Succeeded', 'Use Failed', 'Ship Skipped', 'Tidy Succeeded', 'Tell Succeeded'],
    );
    assert.ok(stages[1]?.jobs[0]?.steps[0]?.log.includes('42 Use'));
  });

  it('gives jobs of the same name in two stages ids of their own', async () => {
    const stage = (name: string): string =>
      `- stage: ${name}\n  jobs:\n  - job: A\n    steps:\n    - bash: echo "id $(System.JobId)"\n`;
    const { jobs } = await runYaml([], `stages:\n${stage('One')}${stage('Two')}`);
    const ids = jobs.flatMap(({ log }) => /id [0-9a-f-]{36}/.exec(log) ?? []);
    assert.equal(new Set(ids).size, 2);
  });

  it('with checkout: self finds what lies beside the file', async () => {
    const { jobs } = await runYaml([], 'steps:\n- checkout: self\n- bash: ls\n');
    assert.ok(jobs[0]?.steps[1]?.log.includes('pipeline.yml'), jobs[0]?.log);
  });

  it('cancels a job at its timeout', async () => {
    const { jobs } = await runYaml(
      [],
      `
jobs:
- job: A
  timeoutInMinutes: 1
  steps:
  - bash: exec sleep 60
  - bash: echo still here
    condition: always()
`,
    );
    assert.equal(jobs[0]?.result, 'Canceled');
    assert.deepEqual(
      jobs[0].steps.map(({ result }) => result),
      ['Canceled', 'Succeeded'],
    );
  });

  for (const [what, yaml, message] of [
    ['an unknown key', 'steps:\n- bash: x\n  colour: red\n', /pipeline\.yml:3: 'colour' is not known/],
    ['a stage without jobs', 'stages:\n- stage: A\n', /pipeline\.yml:2: Stage A has no jobs/],
    ['a stage without a name', 'stages:\n- jobs: []\n', /pipeline\.yml:2: A stage needs a name/],
    [
      'the same stage twice',
      'stages:\n- stage: A\n  jobs: []\n- stage: a\n  jobs: []\n',
      /pipeline\.yml:4: Stage a is there twice/,
    ],
    [
      'a stage that depends on nobody',
      'stages:\n- stage: A\n  dependsOn: B\n  jobs: []\n',
      /Stage A depends on B/,
    ],
    ['stages and jobs', 'stages: []\njobs: []\n', /both stages and jobs/],
    ['broken YAML', 'steps:\n- bash: "x\n', /pipeline\.yml:\d: /],
    ['another checkout', 'steps:\n- checkout: other\n', /pipeline\.yml:2: Only checkout: none/],
    ['a bad task reference', 'steps:\n- task: One\n', /pipeline\.yml:2: 'One' is no task reference/],
    [
      'a template expression',
      'steps:\n- ${{ if true }}:\n  - bash: x\n',
      /pipeline\.yml:2: Template expressions/,
    ],
    [
      'an unknown parameter',
      'steps:\n- bash: x\n- bash: ${{ parameters.no }}\n',
      /pipeline\.yml:3: There is no parameter/,
    ],
    [
      'an unknown group',
      'variables:\n- group: g\nsteps:\n- bash: x\n',
      /pipeline\.yml:2: The variable group 'g'/,
    ],
    ['no steps', 'trigger: none\n', /neither stages, jobs nor steps/],
    ['a dependency on nobody', 'jobs:\n- job: A\n  dependsOn: B\n  steps: []\n', /Job A depends on B/],
    [
      'a wrong boolean',
      'steps:\n- bash: x\n  enabled: maybe\n',
      /pipeline\.yml:3: 'enabled' must be true or false/,
    ],
  ] as const) {
    it(`with ${what} is refused with its line`, async () => {
      await assert.rejects(runYaml([], yaml), error => {
        assert.ok(error instanceof PipelineError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
