import fc from 'fast-check';
import assert from 'node:assert/strict';
import { currentRun, labelOfRun } from '../../../tasks/common/current-run.js';
import { jobPatName } from '#pat/run-name';
import { labelFault } from '#pat/pat-name';
import type { Run } from '#azure-devops/run';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { agentState, failureOf } from '../tasks/world.js';

/** The contract's pattern: label, host, project, run, start of the job id, nonce. */
const NAME =
  /^([A-Za-z0-9 ._:/-]+) job-pat:(build|release)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d+)\/([0-9a-f]{8})\/([0-9a-f]{8})$/;

const run: Run = {
  host: 'build',
  projectId: 'abababab-1212-4343-8565-787878787878',
  runId: '4711',
  jobId: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
};

const release = {
  'System.HostType': 'release',
  'Release.ReleaseId': '77',
  'Release.ReleaseName': 'Release-12',
  'Release.DefinitionName': 'Shop to production',
};

function agentWith(variables: Record<string, string>): MemoryAgent {
  return new MemoryAgent(agentState({ variables }));
}

describe('The display name of a job PAT', () => {
  it('is label, mark, host, project, run, start of the job id and nonce', () => {
    assert.equal(
      jobPatName('Nightly', run, '0123abcd'),
      'Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0123abcd',
    );
  });

  it('has 128 characters at most: the label is cut, the generated part never', () => {
    const name = jobPatName('x'.repeat(128), { ...run, host: 'release', runId: '2147483647' }, '0123abcd');
    assert.equal(name.length, 128);
    assert.match(name, NAME);
  });

  it('has no blank before the mark but one, also when the cut falls on a blank', () => {
    const label = `${'x'.repeat(48)}${' '.repeat(20)}y`;
    assert.doesNotMatch(jobPatName(label, run, '0123abcd'), / {2}/);
  });
});

describe('The run of a step', () => {
  it('is the build', () => {
    assert.deepEqual(currentRun(agentWith({})), run);
  });

  it('is the release in a classic release, though the variables of its build are there', () => {
    assert.deepEqual(currentRun(agentWith(release)), { ...run, host: 'release', runId: '77' });
  });

  it('is the release in a deployment group job of one', () => {
    assert.equal(currentRun(agentWith({ ...release, 'System.HostType': 'deployment' })).host, 'release');
  });

  it('is the build in a deployment job of a pipeline, and so is its label', () => {
    const agent = agentWith({ 'System.HostType': 'deployment' });
    assert.deepEqual(currentRun(agent), run);
    assert.equal(labelOfRun(agent), 'Nightly mirror 20260301.1');
  });

  it('is written in lower case, whatever the agent writes', () => {
    const agent = agentWith({
      'System.TeamProjectId': run.projectId.toUpperCase(),
      'System.JobId': run.jobId.toUpperCase(),
    });
    assert.deepEqual(currentRun(agent), run);
  });

  for (const [variable, value] of [
    ['System.TeamProjectId', ''],
    ['System.TeamProjectId', 'My Project'],
    ['System.JobId', 'job'],
    ['Build.BuildId', ''],
    ['Build.BuildId', '4711/../4712'],
    ['Build.BuildId', '-1'],
  ] as const) {
    it(`is not guessed when ${variable} is "${value}"`, async () => {
      await failureOf(() => currentRun(agentWith({ [variable]: value })), 'agent-not-usable');
    });
  }
});

describe('The label of a PAT that nobody named', () => {
  it('is definition and number of the build', () => {
    assert.equal(labelOfRun(agentWith({})), 'Nightly mirror 20260301.1');
  });

  it('is definition and name of the release', () => {
    assert.equal(labelOfRun(agentWith(release)), 'Shop to production Release-12');
  });

  it('keeps what a name may hold, and a hyphen for the rest', () => {
    const agent = agentWith({
      'Build.DefinitionName': 'Büro ☕ ##vso[task.x]\n(main)',
      'Build.BuildNumber': '1+2',
    });
    assert.equal(labelOfRun(agent), 'B-ro - -vso-task.x-main- 1-2');
  });

  it('is "Job PAT" where the agent tells nothing', () => {
    assert.equal(labelOfRun(agentWith({ 'Build.DefinitionName': '', 'Build.BuildNumber': ' ' })), 'Job PAT');
  });

  it('gives a valid name, whose generated part can be read, whatever the definition is called', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('job-pat:', 'JOB-PAT:', 'job-pat:build/x/1/2/3', 'jobépat:'),
    );
    fc.assert(
      fc.property(text, text, fc.nat(), (definition, number, id) => {
        const agent = agentWith({
          'Build.DefinitionName': definition,
          'Build.BuildNumber': number,
          'Build.BuildId': String(id),
        });
        const label = labelOfRun(agent);
        const name = jobPatName(label, currentRun(agent), '0123abcd');
        assert.ok(name.length <= 128);
        const [, shown = '', host, project, runId, job, nonce] = NAME.exec(name) ?? [];
        assert.deepEqual(
          [host, project, runId, job, nonce],
          ['build', run.projectId, String(id), '12f1170f', '0123abcd'],
        );
        assert.ok(label.startsWith(shown) && !/job-pat:/i.test(shown));
      }),
    );
  });
});

describe('A label', () => {
  it('may hold ASCII letters, digits, blanks and . _ : / -', () => {
    for (const label of ['a', 'Nightly mirror', 'a.b_c:d/e-f 1', 'x'.repeat(128)])
      assert.equal(labelFault(label), undefined);
  });

  for (const label of [
    'a\nb',
    'a\tb',
    '##vso[task.complete]',
    'Büro',
    '☕',
    'a#b',
    'a;b',
    'a"b',
    "a'b",
    'a(b)',
    'a​b',
    '$(x)',
    '',
  ]) {
    it(`may not be ${JSON.stringify(label)}`, () => {
      assert.match(labelFault(label) ?? '', /ASCII/);
    });
  }

  it('may not have 300 characters', () => {
    assert.match(labelFault('x'.repeat(300)) ?? '', /300 characters.*128/);
  });

  it('may not hold the mark of the generated part', () => {
    for (const label of ['job-pat:', 'x JOB-PAT:build/1', 'ajob-pat:b'])
      assert.match(labelFault(label) ?? '', /job-pat:/);
  });
});
