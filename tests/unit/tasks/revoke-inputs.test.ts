import assert from 'node:assert/strict';
import { readRevokeRequest } from '../../../tasks/RevokePat/RevokePatV1/request.js';
import { MemoryAgent } from './memory-agent.js';
import {
  ago,
  nameOf,
  revokePats,
  revokeState,
  revokeStep,
  rowsOf,
  assertAlive,
  assertDead,
} from './revoke-pats.js';
import { OTHER_PROJECT, RunService } from './run-service.js';
import { failureOf, World, withoutNetwork, type Step } from './world.js';
import { PatService } from './pat-service.js';

const ID = '00000000-0000-4000-8000-000000000001';

function selectionOf(inputs: Record<string, string>, variables: Record<string, string> = {}) {
  return readRevokeRequest(new MemoryAgent(revokeState({ inputs, variables }))).selection;
}

async function refused(step: Step): Promise<string> {
  const world = new World(new MemoryAgent(revokeState(step)), new PatService());
  const failure = await failureOf(() => revokePats(world));
  assert.deepEqual(world.service.operations, [], 'nothing was requested');
  return failure.message;
}

describe('The inputs of RevokePat', () => {
  withoutNetwork();

  it('are all told at once when they are wrong, before any request', async () => {
    const message = await refused({
      inputs: {
        what: 'ids',
        authorizationIds: 'one, two',
        organization: 'evil.example/x',
        whatIf: 'perhaps',
        onRevokeFailure: 'cry',
      },
    });
    for (const fault of [
      '"one"',
      '"two"',
      'evil.example/x',
      'whatIf',
      'onRevokeFailure',
      'Nothing was requested',
    ])
      assert.ok(message.includes(fault), `${fault} in: ${message}`);
  });

  for (const [what, inputs, named] of [
    ['an unknown what', { what: 'everything' }, 'Input what'],
    [
      'a runtime expression that nobody expanded',
      { what: 'ids', authorizationIds: "$[ dependencies.issue.outputs['pat.authorizationId'] ]" },
      'was not replaced',
    ],
    [
      'ids beside a variable nobody set',
      { what: 'ids', authorizationIds: `${ID}, $(pta.authorizationId)` },
      '"$(pta.authorizationId)" was not replaced',
    ],
    [
      'a variable nobody set',
      { what: 'ids', authorizationIds: '$(pat.authorizationId)' },
      'Input authorizationIds',
    ],
    ['ids in braces', { what: 'ids', authorizationIds: `{${ID}}` }, 'Input authorizationIds'],
    ['no pattern', { what: 'name' }, 'Input namePattern'],
    ['a run that is a number with a sign', { what: 'run', runId: '-1' }, 'Input runId'],
    ['a run that is a path', { what: 'run', runId: '1/../2' }, 'Input runId'],
    ['run 0', { what: 'run', runId: '0' }, 'Input runId'],
    ['a run of 11 digits', { what: 'run', runId: '12345678901' }, 'Input runId'],
    ['an age without a unit', { what: 'orphans', minimumAge: '10' }, 'Input minimumAge'],
    ['a negative age', { what: 'orphans', minimumAge: '-10m' }, 'Input minimumAge'],
    ['an age in words', { what: 'orphans', minimumAge: 'ten minutes' }, 'Input minimumAge'],
    ['nobody to act as', { what: 'run', patIssuer: '' }, 'Input patIssuer'],
    ['an actor nobody knows', { what: 'run', as: 'root' }, 'Input as'],
    [
      'an administrator without token',
      { what: 'run', as: 'administrator', user: 'a@b.c' },
      'Input adminToken',
    ],
    ['an administrator for nobody', { what: 'run', as: 'administrator', adminToken: 'x' }, 'Input user'],
    [
      'a variable in place of the token',
      { as: 'administrator', adminToken: '$(x)', user: 'u' },
      'Input adminToken',
    ],
  ] as const) {
    it(`cannot be ${what}, which names the input and gives an example`, async () => {
      const message = await refused({ inputs });
      assert.ok(message.includes(named), message);
      assert.match(message, /Example: /);
    });
  }

  it('take no orphans where the agent hands over no token of the job', async () => {
    const message = await refused({ inputs: { what: 'orphans' }, variables: { 'System.AccessToken': '' } });
    assert.match(message, /Input what: .*token of the job/);
  });

  it('take ids separated by comma, semicolon, blank or newline, in either case, each once', () => {
    const upper = ID.replace('0001', '00ab').toUpperCase();
    const authorizationIds = `${ID},${ID};\n ${upper}\t${upper.toLowerCase()},`;
    assert.deepEqual(selectionOf({ what: 'ids', authorizationIds }), {
      what: 'ids',
      ids: [ID, upper.toLowerCase()],
      includeForeign: false,
    });
  });

  for (const authorizationIds of ['', ' ', ' , ;\n']) {
    it(`with no id at all (${JSON.stringify(authorizationIds)}), as after a skipped job, leave nothing to do, and say so`, async () => {
      const world = revokeStep({ what: 'ids', authorizationIds });
      assert.equal(await revokePats(world), undefined);
      assert.deepEqual(world.service.operations, [], 'nothing was requested, no sign-in either');
      assert.match(world.agent.lines('info').join('\n'), /Nothing to revoke: authorizationIds is empty/);
      assert.deepEqual(world.agent.outputs, { revokedCount: '0', keptCount: '0', failedCount: '0' });
    });
  }

  it('with no id at all are still told when another is wrong', async () => {
    assert.match(await refused({ inputs: { what: 'ids', whatIf: 'perhaps' } }), /Input whatIf/);
  });

  for (const [minimumAge, minutes] of [
    ['', 10],
    ['10m', 10],
    ['1h', 60],
    ['1h30m', 90],
    ['PT2H', 120],
    ['1d', 1440],
    ['0m', 0],
  ] as const) {
    it(`take a minimum age of "${minimumAge}" as ${minutes} minutes`, () => {
      const given: Record<string, string> = minimumAge === '' ? {} : { minimumAge };
      assert.deepEqual(selectionOf({ what: 'orphans', ...given }), {
        what: 'orphans',
        minimumAge: minutes * 60_000,
      });
    });
  }

  it('mean the current run when none is named, in a classic release the release', () => {
    const build = selectionOf({ what: 'run' });
    const release = selectionOf(
      { what: 'run' },
      { 'System.HostType': 'release', 'Release.ReleaseId': '77', 'Release.ReleaseName': 'Release-12' },
    );
    assert.ok(build.what === 'run' && release.what === 'run');
    assert.deepEqual([build.run.host, build.run.runId], ['build', '4711']);
    assert.deepEqual([release.run.host, release.run.runId], ['release', '77']);
  });
});

describe('Revoking the PATs of a run', () => {
  withoutNetwork();

  it('ends every PAT of it, and none of another run, project, host or maker', async () => {
    const service = new PatService();
    const mine = [nameOf(4711), nameOf(4711, { nonce: 'ffffffff', jobId: '99999999' })].map(name =>
      service.add(name),
    );
    const others = [
      nameOf(4712),
      nameOf(47110),
      nameOf(4711, { projectId: OTHER_PROJECT }),
      nameOf(4711, { host: 'release' }),
      'my own PAT 4711',
      `${nameOf(4711)} copy`,
    ].map(name => service.add(name));
    const world = revokeStep({ what: 'run' }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, ...mine);
    assertAlive(world, ...others);
    assert.deepEqual(
      rowsOf(world).map(({ why }) => why),
      ['of this run', 'of this run'],
    );
  });

  it('ends those of another run of this project by its id', async () => {
    const service = new PatService();
    const [mine, named] = [service.add(nameOf(4711)), service.add(nameOf(4700))];
    const world = revokeStep({ what: 'run', runId: '4700' }, service);
    await revokePats(world);
    assertAlive(world, mine);
    assertDead(world, named);
  });

  for (const [what, runs, said] of [
    [
      'goes on',
      s => s.build(4700, 'inProgress', { jobs: [{ state: 'inProgress' }] }),
      /^The build 4700 has not ended: 1 of 1 PAT belongs to a job that still runs/,
    ],
    ['has ended', s => s.build(4700, 'completed', { finishTime: ago(60) }), undefined],
    ['was deleted', s => s.deleted('build', 4700), undefined],
  ] as const satisfies readonly (readonly [string, (service: RunService) => unknown, RegExp | undefined])[]) {
    it(`that ${what} ${said === undefined ? 'needs no' : 'says so in a'} warning`, async () => {
      const service = new PatService();
      runs(new RunService());
      const pat = service.add(nameOf(4700));
      const world = revokeStep({ what: 'run', runId: '4700' }, service);
      assert.equal(await revokePats(world), undefined);
      assertDead(world, pat);
      const [warning] = world.agent.lines('warning');
      if (said === undefined) assert.equal(warning, undefined);
      else assert.match(warning ?? '', said);
    });
  }

  it('that nobody can read ends them all the same, and says so', async () => {
    const service = new PatService();
    new RunService().project(OTHER_PROJECT);
    const pat = service.add(nameOf(4700));
    const world = revokeStep({ what: 'run', runId: '4700' }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, pat);
    assert.match(world.agent.lines('info').join('\n'), /Nobody can tell whether the build 4700 has ended/);
  });

  it('that is this one asks nobody, and says what it means for its other jobs', async () => {
    const service = new PatService();
    const runs = new RunService();
    service.add(nameOf(4711));
    const world = revokeStep({ what: 'run' }, service);
    assert.equal(await revokePats(world), undefined);
    assert.deepEqual(runs.asked, []);
    assert.match(world.agent.lines('info').join('\n'), /The build 4711 is this run: jobs of it/);
  });

  it('succeeds when there is none', async () => {
    const world = revokeStep({ what: 'run' });
    assert.equal(await revokePats(world), undefined);
    assert.deepEqual(world.agent.outputs, { revokedCount: '0', keptCount: '0', failedCount: '0' });
  });
});
